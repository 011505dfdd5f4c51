package fleet

// kept is a request that is remembered, with the place where it is. The zero value is
// none.
type kept struct {
	in *dedup
	exchange
}

// recall returns the remembered request with that key; ok is false if the request is new.
func (sh *shard) recall(key exchangeKey) (k kept, ok bool) {
	in := sh.dedup.of(&key)
	e := in.find(&key, sh.now())
	return kept{in, e}, e != 0
}

// meet returns the remembered request with that key. If it is new, seen is false, and it is
// remembered from now on.
func (sh *shard) meet(key exchangeKey) (k kept, seen bool) {
	now := sh.now()
	if !sh.sweep.isSet() {
		sh.alarm.set(&sh.sweep.timer, now+exchangeLifetime, &sh.sweep)
	}
	in := sh.dedup.of(&key)
	e, seen, forgotten := in.meet(&key, now)
	sh.forgot(forgotten)
	return kept{in, e}, seen
}

// keep makes data the answer to a remembered request.
func (sh *shard) keep(k kept, data []byte) {
	if k.exchange != 0 {
		sh.forgot(k.in.keep(k.exchange, data, sh.now()))
	}
}

// key returns what identifies a remembered request; the zero key of none.
func (k kept) key() exchangeKey {
	if k.exchange == 0 {
		return exchangeKey{}
	}
	return k.in.key(k.exchange)
}

// forgot counts requests that were forgotten before their lifetime was over, and logs
// the first of them.
func (sh *shard) forgot(n int) {
	if n == 0 {
		return
	}
	if sh.stats.drops.dedup.Add(uint64(n)) == uint64(n) {
		sh.log.Warn("requests are forgotten before 247 s are over: a repeated one may be carried out twice",
			"bytes", sh.dedup.plain.limit, "remembered", sh.dedup.len())
	}
}

// sweep gives the memory of requests back whose lifetime is over, though no others come.
type sweep struct{ timer }

// expire forgets the requests whose lifetime is over. It comes again while there are
// others.
func (w *sweep) expire(sh *shard) {
	now := sh.now()
	if sh.dedup.sweep(now); sh.dedup.len() > 0 {
		sh.alarm.set(&w.timer, now+exchangeLifetime/8, w)
	}
}
