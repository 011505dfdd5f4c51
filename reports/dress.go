package reports

import "html/template"

// Dress is what a page wears that is to look like the pages of this package.
type Dress struct {
	Style  template.CSS
	Script template.JS // it needs a button with the id "theme"
	// Policy is the Content-Security-Policy under which the page loads nothing, and runs
	// Script and no other.
	Policy string
}

// NewDress returns the dress of a page that has style and script besides the style sheet and the
// script of all; both may be empty.
func NewDress(style, script string) (Dress, error) {
	all, both, err := assets()
	both += template.JS(script)
	return Dress{Style: all + template.CSS(style), Script: both, Policy: policy(both)}, err
}
