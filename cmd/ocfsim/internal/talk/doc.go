// Package talk is what the commands that talk to one Device say and show:
// URIs, content formats, payloads written by hand and answers made readable.
package talk
