// Package talk is for the commands that talk to one Device. It reads URIs, content
// formats and payloads that a person types, and makes answers readable.
package talk
