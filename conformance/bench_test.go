package conformance

import "testing"

func BenchmarkJudgeAll(b *testing.B) {
	tl := play(b, goodCheck)
	b.ReportAllocs()
	for b.Loop() {
		JudgeAll(tl)
	}
}
