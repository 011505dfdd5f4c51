package conformance

// Codes of CoAP that judges read, in the notation of Frame.Code.
const (
	CodeEmpty        = "0.00" // of an empty message
	CodeContent      = "2.05"
	CodeUnauthorized = "4.01" // for want of privilege, whatever the state

	MethodGET  = "GET"
	MethodPOST = "POST"
	MethodPUT  = "PUT"
)

// Success reports whether code is a response code of class 2.
func Success(code string) bool { return len(code) == 4 && code[0] == '2' }

// Refusal reports whether code is a response code of class 4.
func Refusal(code string) bool { return len(code) == 4 && code[0] == '4' }

// Fault reports whether code is a response code of class 5.
func Fault(code string) bool { return len(code) == 4 && code[0] == '5' }
