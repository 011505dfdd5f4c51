package impair

import (
	"encoding/binary"
	"testing"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// A queue hands out what came in the order in which it came, whatever the turns of those
// who put and take. It has room for queueLength, and keeps little room when it is empty.
func TestQueue(t *testing.T) {
	q := newQueue()
	if cap(q.came)+cap(q.out) > 0 {
		t.Error("an empty queue takes memory")
	}
	put, taken := 0, 0
	puts := func(n int) {
		for range n {
			if !q.put(fleet.Packet{Data: binary.BigEndian.AppendUint32(nil, uint32(put))}) {
				t.Fatalf("no room for number %d behind %d", put, taken)
			}
			put++
		}
	}
	takes := func(n int) {
		packets := make([]fleet.Packet, n)
		for i := range packets {
			packets[i].Data = make([]byte, 0, 4)
		}
		if got, want := q.take(packets), min(n, put-taken); got != want {
			t.Fatalf("took %d of %d, want %d", got, n, want)
		}
		for _, p := range packets[:min(n, put-taken)] {
			if number := binary.BigEndian.Uint32(p.Data); int(number) != taken {
				t.Fatalf("number %d comes where %d is due", number, taken)
			}
			taken++
		}
	}
	takes(2)
	puts(3)
	takes(2)
	puts(4)
	takes(batch)
	puts(1)
	takes(1)
	puts(queueLength / 2)
	takes(10)
	puts(queueLength - (put - taken))
	if q.put(fleet.Packet{}) {
		t.Errorf("room for more than %d", queueLength)
	}
	takes(queueLength + 1)
	if room := cap(q.came) + cap(q.out); room > 2*spacious {
		t.Errorf("an empty queue keeps room for %d", room)
	}
	<-q.ready
}
