package source

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Lines takes conditions from in, one on a line, until in ends, and answers each on out with
// a line: "ok" with the report as JSON, "unsupported" or "failed" with the reason. A blank
// line is no condition. The error is of reading or writing.
func Lines(in io.Reader, out io.Writer, apply func(device, condition string) (Report, error)) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxWish)
	for lines.Scan() {
		condition := strings.TrimSpace(lines.Text())
		if condition == "" {
			continue
		}
		if _, err := io.WriteString(out, line(apply("", condition))+"\n"); err != nil {
			return err
		}
	}
	return lines.Err()
}

// line answers a condition.
func line(report Report, err error) string {
	switch {
	case errors.Is(err, ErrUnsupported):
		return "unsupported " + oneLine(err)
	case err != nil:
		return "failed " + oneLine(err)
	}
	data, err := json.Marshal(report)
	if err != nil {
		return "failed " + oneLine(err)
	}
	return fmt.Sprintf("ok %s", data)
}

// oneLine is what an error says, on one line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
