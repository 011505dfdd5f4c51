package sim_test

import (
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// BenchmarkGet measures a GET of pstat with its payload.
func BenchmarkGet(b *testing.B) {
	d := newModel(b, "success", 1).Device(ocf.UUID{1}, 1)
	ev := &sim.Event{Kind: sim.Get, Request: sim.Request{Path: ocf.PathPstat}}
	effects, payload := make([]sim.Effect, 0, 8), make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		effects = d.Apply(ev, effects[:0])
		payload = d.Encode(payload[:0], effects[0].Rep, nil)
	}
}

// BenchmarkCheck measures a software version check from the write to its end: four
// events.
func BenchmarkCheck(b *testing.B) {
	d := newModel(b, "success", 1).Device(ocf.UUID{1}, 1)
	update := ocf.PstatUpdate{Set: ocf.PropTM, TM: ocf.SVV}
	post := &sim.Event{Kind: sim.Post, Request: sim.Request{
		Path: ocf.PathPstat, Payload: update.AppendCBOR(nil), Format: ocf.FormatOCFCBOR,
	}}
	answer, due := &sim.Event{Kind: sim.SourceAnswer, Answer: sim.Answer{Available: true}}, &sim.Event{Kind: sim.Due}
	effects := make([]sim.Effect, 0, 8)
	b.ReportAllocs()
	for b.Loop() {
		effects = d.Apply(post, effects[:0])
		for i := range effects {
			if effects[i].Kind == sim.AskSource {
				answer.Answer.Ask = effects[i].Ask.Number
			}
		}
		answer.At, due.At = post.At, post.At
		effects = d.Apply(answer, effects[:0])
		for range 2 {
			due.At += 3 * 1e9
			effects = d.Apply(due, effects[:0])
		}
		post.At = due.At
	}
	if s := d.State(); s.TM != 0 || s.CM != ocf.SVV {
		b.Fatalf("tm=%v cm=%v after a check that found something", s.TM, s.CM)
	}
}

// BenchmarkGetSecured is BenchmarkGet for the last of a dozen Clients that a secured
// Device knows.
func BenchmarkGetSecured(b *testing.B) {
	d := town(b, "ocf-1.0").Device(ocf.UUID{1}, 1)
	ev := &sim.Event{Kind: sim.Get, Request: sim.Request{Path: ocf.PathPstat, Via: session("wild")}}
	effects, payload := make([]sim.Effect, 0, 8), make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		effects = d.Apply(ev, effects[:0])
		payload = d.Encode(payload[:0], effects[0].Rep, nil)
	}
}
