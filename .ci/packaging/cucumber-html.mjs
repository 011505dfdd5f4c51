// Writes Cucumber messages as the HTML page of the Cucumber project:
//
//   npm install @cucumber/html-formatter
//   ocfsim test --target lamp.yaml --format cucumber > run.ndjson
//   node cucumber-html.mjs < run.ndjson > run.html
import readline from 'node:readline'
import { CucumberHtmlStream } from '@cucumber/html-formatter'

const page = new CucumberHtmlStream()
page.pipe(process.stdout)
for await (const line of readline.createInterface({ input: process.stdin })) page.write(JSON.parse(line))
page.end()
