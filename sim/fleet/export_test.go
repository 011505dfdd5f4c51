package fleet

// What the tests need to know of the inside.
const (
	MaxObservers     = maxObservers
	ExchangeLifetime = exchangeLifetime
	MaxBody          = maxBody
)
