package conformance

// Call is a request that a scenario wants sent. The zero value of an optional
// field leaves that option out.
type Call struct {
	Method    string // GET, POST, PUT, DELETE
	Path      string
	Query     string // "if=oic.if.baseline&x=y"
	Payload   []byte
	Format    *uint16 // Content-Format of Payload
	Accept    *uint16
	Version   *uint16 // OCF-Accept-Content-Format-Version, and of Payload 2053
	Critical  uint16  // an unknown critical option to carry, 0 for none
	NON       bool    // send as NON instead of CON
	BlockSize int     // force Block1/Block2 with this size (16 to 1024), 0: as needed
}
