package steps

import (
	"fmt"
	"slices"
	"strings"
)

// expression is a parsed tag expression. Its grammar is Cucumber's:
//
//	or      = and { "or" and }
//	and     = not { "and" not }
//	not     = "not" not | "(" or ")" | tag
type expression struct {
	holds func(tags []string) bool
	tags  []string // every tag it names
}

// operators are the characters of godog's own tag expressions. No tag may
// contain one: whoever writes "@a,@b" means two tags.
const operators = ",&|!~"

// parseExpression reads a tag expression; an empty one holds always. An error
// points at the column where the expression stops making sense.
func parseExpression(text string) (expression, error) {
	p := &expressionParser{text: text, words: scan(text)}
	if len(p.words) == 0 {
		return expression{holds: func([]string) bool { return true }}, nil
	}
	holds, err := p.or()
	if err == nil && p.next < len(p.words) {
		err = p.wrong("and, or or the end")
	}
	return expression{holds, p.tags}, err
}

// lexeme is a word of an expression and its column, from 1.
type lexeme struct {
	text   string
	column int
}

// scan splits text at blanks and parentheses.
func scan(text string) []lexeme {
	var words []lexeme
	begin := -1
	flush := func(end int) {
		if begin >= 0 {
			words = append(words, lexeme{text[begin:end], begin + 1})
			begin = -1
		}
	}
	for i := range len(text) {
		switch c := text[i]; {
		case c == '(' || c == ')':
			flush(i)
			words = append(words, lexeme{text[i : i+1], i + 1})
		case c == ' ' || c == '\t' || c == '\n':
			flush(i)
		case begin < 0:
			begin = i
		}
	}
	flush(len(text))
	return words
}

type expressionParser struct {
	text  string
	words []lexeme
	next  int
	tags  []string
}

func (p *expressionParser) peek() string {
	if p.next < len(p.words) {
		return p.words[p.next].text
	}
	return ""
}

func (p *expressionParser) wrong(want string) error {
	if p.next < len(p.words) {
		w := p.words[p.next]
		return fmt.Errorf("tag expression %q, column %d: expected %s, got %q", p.text, w.column, want, w.text)
	}
	return fmt.Errorf("tag expression %q, column %d: expected %s, got the end", p.text, len(p.text)+1, want)
}

func (p *expressionParser) or() (func([]string) bool, error) {
	left, err := p.and()
	for err == nil && p.peek() == "or" {
		p.next++
		a := left
		var b func([]string) bool
		b, err = p.and()
		left = func(tags []string) bool { return a(tags) || b(tags) }
	}
	return left, err
}

func (p *expressionParser) and() (func([]string) bool, error) {
	left, err := p.not()
	for err == nil && p.peek() == "and" {
		p.next++
		a := left
		var b func([]string) bool
		b, err = p.not()
		left = func(tags []string) bool { return a(tags) && b(tags) }
	}
	return left, err
}

func (p *expressionParser) not() (func([]string) bool, error) {
	switch word := p.peek(); {
	case word == "not":
		p.next++
		inner, err := p.not()
		return func(tags []string) bool { return !inner(tags) }, err
	case word == "(":
		p.next++
		inner, err := p.or()
		if err == nil && p.peek() != ")" {
			err = p.wrong("and, or or )")
		}
		p.next++
		return inner, err
	case len(word) > 1 && strings.HasPrefix(word, "@") && !strings.ContainsAny(word, operators):
		p.next++
		p.tags = append(p.tags, word)
		return func(tags []string) bool { return slices.Contains(tags, word) }, nil
	}
	return nil, p.wrong("a @tag, not or (")
}
