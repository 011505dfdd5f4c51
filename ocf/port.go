package ocf

import (
	"fmt"
	"strconv"
)

// CheckPort says what is wrong with the text of a port, as it stands in a URI: it is a
// number from 1 to 65535.
func CheckPort(text string) error {
	if n, err := strconv.ParseUint(text, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("port %q, expected 1 to 65535", text)
	}
	return nil
}
