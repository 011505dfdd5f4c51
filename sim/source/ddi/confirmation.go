package ddi

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Confirmations says whether a Device has to confirm what it is to install, action by action.
type Confirmations struct {
	AutoConfirm AutoConfirm `json:"autoConfirm"`
	Links       Links       `json:"_links,omitempty"`
}

// AutoConfirm says that actions of a Device count as confirmed. The zero value says that they
// don't.
type AutoConfirm struct {
	Active      bool   `json:"active"`
	Initiator   string `json:"initiator,omitempty"`
	Remark      string `json:"remark,omitempty"`
	ActivatedAt int64  `json:"activatedAt,omitempty"` // in ms since 1970
}

// ToConfirm is what is to be installed once the Device has confirmed that.
type ToConfirm struct {
	ID           string `json:"id"`
	Confirmation Task   `json:"confirmation"`
}

// The words of a Confirmation.
const (
	Confirmed = "confirmed"
	Denied    = "denied"
)

// Confirmation is what a Device says to an action that waits for it. One that it denies goes on
// waiting.
type Confirmation struct {
	Confirmation string   `json:"confirmation"`
	Details      []string `json:"details,omitempty"`
}

// ParseConfirmation reads a Confirmation. The error says what was expected.
func ParseConfirmation(data []byte) (c Confirmation, err error) {
	if err := json.Unmarshal(data, &c); err != nil {
		return c, err
	}
	if c.Confirmation != Confirmed && c.Confirmation != Denied {
		return c, fmt.Errorf("confirmation: expected confirmed or denied, not %q", c.Confirmation)
	}
	return c, nil
}

// String is the confirmation in words: "denied: the battery is low".
func (c Confirmation) String() string {
	if len(c.Details) == 0 {
		return c.Confirmation
	}
	return c.Confirmation + ": " + strings.Join(c.Details, "; ")
}

// ParseAutoConfirm reads what a Device says that has its actions count as confirmed: nothing, or
// who it is that wants that, and why.
func ParseAutoConfirm(data []byte) (a AutoConfirm, err error) {
	if len(data) == 0 {
		return a, nil
	}
	err = json.Unmarshal(data, &a)
	return AutoConfirm{Initiator: a.Initiator, Remark: a.Remark}, err
}
