package conformance

// Codes of CoAP that judges read, in the notation of Frame.Code.
const (
	codeContent = "2.05"

	codeUnauthorized = "4.01" // for want of privilege, whatever the state

	codeMethodGET  = "GET"
	codeMethodPOST = "POST"
	codeMethodPUT  = "PUT"
)

// success, refusal and fault are the classes of a response code.
func success(code string) bool { return len(code) == 4 && code[0] == '2' }
func refusal(code string) bool { return len(code) == 4 && code[0] == '4' }
func fault(code string) bool   { return len(code) == 4 && code[0] == '5' }
