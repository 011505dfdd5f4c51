package fleet

// Internal names that the tests need.
const (
	ExchangeLifetime = exchangeLifetime
	MaxBody          = maxBody
	TransferIdle     = transferIdle
	MaxGatheringsOf  = maxGatheringsOf
	MaxAssembliesOf  = maxAssembliesOf
)
