package web_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/source/ddi"
	"github.com/ocfsim/ocfsim/sim/source/depot"
	"github.com/ocfsim/ocfsim/sim/source/web"
)

// lamp is where the Device of these tests asks.
const lamp = "default/controller/v1/lamp"

// says sends what a Device says, and returns the status of the answer.
func (b *bench) says(method, path, body string) int {
	b.t.Helper()
	req, err := http.NewRequest(method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json;charset=UTF-8")
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// tells gives feedback about an action.
func (b *bench) tells(of string, action int, execution, finished string) int {
	b.t.Helper()
	return b.says(http.MethodPost, fmt.Sprintf("%s/%s/%d/feedback", lamp, of, action),
		fmt.Sprintf(`{"id": "%d", "status": {"execution": %q, "result": {"finished": %q}, "details": ["so it is"]}}`, action, execution, finished))
}

// polls returns the links that a Device gets.
func (b *bench) polls() ddi.Links {
	b.t.Helper()
	return read[ddi.Base](b, lamp).Links
}

// read reads a document at a path.
func read[T any](b *bench, path string) (v T) {
	b.t.Helper()
	g := b.get(path)
	if err := json.Unmarshal(g.body, &v); g.err != nil || g.status != 200 || err != nil {
		b.t.Fatalf("%s: %d %s %v %v", path, g.status, g.body, g.err, err)
	}
	return v
}

// at is the path of an address of the source.
func (b *bench) at(address string) string { return strings.TrimPrefix(address, b.url) }

// leadsTo checks the names of links.
func leadsTo(t *testing.T, l ddi.Links, want ...string) {
	t.Helper()
	var got []string
	for name := range l {
		got = append(got, name)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("there are links to %q, want %q", got, want)
	}
}

// last is the newest entry of the log.
func (b *bench) last() depot.Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log[len(b.log)-1]
}

func (b *bench) condition(name string) {
	b.t.Helper()
	if _, err := b.depot.Condition("", name); err != nil {
		b.t.Fatal(err)
	}
}

func TestADeploymentFromPollToFeedback(t *testing.T) {
	b := serve(t)
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.DeploymentBase)
	if status := b.says(http.MethodPut, b.at(b.polls().To(ddi.ConfigData)), `{"mode": "merge", "data": {"version": "1.0.0", "hw": "2"}}`); status != 200 || b.last().Says != "hw=2 version=1.0.0" {
		t.Errorf("configData: %d, and the log has %q", status, b.last().Says)
	}
	links := b.polls()
	leadsTo(t, links, ddi.DeploymentBase)
	d := read[ddi.Deployment](b, b.at(links.To(ddi.DeploymentBase)))
	if d.ID != "1" || d.Deployment.Download != ddi.Forced || len(d.Deployment.Chunks) != 1 {
		t.Fatalf("%+v", d)
	}
	chunk, p := d.Deployment.Chunks[0], good()
	file := chunk.Artifacts[0]
	if chunk.Version != "1.0.1" || file.Filename != p.Name || file.Size != int64(len(p.Content)) || file.Hashes != ddi.HashesOf(p.Content) {
		t.Errorf("%+v", chunk)
	}
	if g := b.get(b.at(file.Links.To(ddi.MD5Link))); string(g.body) != file.Hashes.MD5+"  "+p.Name {
		t.Errorf("MD5: %d %s", g.status, g.body)
	}
	at := b.at(file.Links.To(ddi.DownloadLink))
	if g := b.get(at, "Range: bytes=5-9", "If-Range: "+p.ETag()); g.status != 206 || !slices.Equal(g.body, p.Content[5:10]) {
		t.Errorf("a range: %d, %d bytes", g.status, len(g.body))
	}
	if g := b.get(at); !g.whole() {
		t.Errorf("%d, %d bytes, %v", g.status, len(g.body), g.err)
	}
	for _, said := range []string{"proceeding none", "download none", "downloaded none", "scheduled none", "resumed none", "rejected none", "closed success"} {
		execution, finished, _ := strings.Cut(said, " ")
		if status := b.tells(ddi.DeploymentBase, 1, execution, finished); status != 200 {
			t.Errorf("%s: %d", said, status)
		}
		if e := b.last(); e.Says != said+": so it is" || e.Package != p.Name || e.Doubt != nil || e.Device != "lamp" {
			t.Errorf("%s: the log has %+v", said, e)
		}
	}
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.InstalledBase)
	if read[ddi.Deployment](b, b.at(b.polls().To(ddi.InstalledBase))).ID != "1" || !b.get(at).whole() {
		t.Error("what is installed can't be had again")
	}
	if status := b.tells(ddi.DeploymentBase, 1, "closed", "failure"); status != 410 {
		t.Errorf("feedback about what has ended: %d", status)
	}
	b.condition("update-available")
	d = read[ddi.Deployment](b, b.at(b.polls().To(ddi.DeploymentBase)))
	if v := d.Deployment.Chunks[0].Version; d.ID != "2" || v != "1.0.2" {
		t.Errorf("after 1.0.1 there is %s, as action %s", v, d.ID)
	}
}

// What is called off is called off until the conditions change, and what has failed is
// given to the Device again.
func TestWhatIsCalledOff(t *testing.T) {
	b := serve(t)
	b.polls()
	b.condition("no-update")
	links := b.polls()
	leadsTo(t, links, ddi.CancelAction, ddi.ConfigData)
	c := read[ddi.Cancellation](b, b.at(links.To(ddi.CancelAction)))
	if c.ID != "1" || c.CancelAction.StopID != "1" || b.get(lamp+"/deploymentBase/1").status != 404 {
		t.Errorf("%+v", c)
	}
	if g := b.get(lamp + "/softwaremodules/1/artifacts/1.0.1.bin"); g.status != 404 {
		t.Errorf("a file of what is called off: %d", g.status)
	}
	for _, said := range []string{"canceled none", "proceeding none"} { // neither ends it
		execution, finished, _ := strings.Cut(said, " ")
		b.tells(ddi.CancelAction, 1, execution, finished)
		leadsTo(t, b.polls(), ddi.CancelAction, ddi.ConfigData)
	}
	b.tells(ddi.CancelAction, 1, "closed", "success")
	leadsTo(t, b.polls(), ddi.ConfigData)
	b.condition("update-available")
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.DeploymentBase)
	b.tells(ddi.DeploymentBase, 2, "closed", "failure")
	if d := b.polls().To(ddi.DeploymentBase); !strings.Contains(d, "/deploymentBase/3?c=") {
		t.Errorf("after a failure there is %s", d)
	}
	b.tells(ddi.DeploymentBase, 3, "canceled", "none")
	leadsTo(t, b.polls(), ddi.ConfigData)
}

// What was withdrawn is not given to a Device again that says itself that it has failed.
func TestAWithdrawnPackageThatFails(t *testing.T) {
	b := serve(t, "withdrawn")
	b.polls()
	b.get(lamp + "/softwaremodules/1/artifacts/1.0.1.bin")
	b.tells(ddi.DeploymentBase, 1, "closed", "failure")
	leadsTo(t, b.polls(), ddi.ConfigData)
}

// A Device may reject that its action is called off, and goes on with it.
func TestACancellationThatIsRejected(t *testing.T) {
	b := serve(t, "withdrawn,times=1")
	b.polls()
	at := lamp + "/softwaremodules/1/artifacts/1.0.1.bin"
	if g := b.get(at); g.status != 404 {
		t.Fatalf("withdrawn: %d", g.status)
	}
	leadsTo(t, b.polls(), ddi.CancelAction, ddi.ConfigData)
	b.tells(ddi.CancelAction, 1, "rejected", "none")
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.DeploymentBase)
	if g := b.get(at); !g.whole() {
		t.Errorf("%d, %d bytes", g.status, len(g.body))
	}
}

func TestASuccessThatIsNone(t *testing.T) {
	for fault, of := range map[string]struct {
		fetch  bool
		bytes  int64
		faults string
	}{
		"flapping":       {false, 0, ""},
		"truncated@4096": {true, 4096, "truncated@4096"},
		"flipped@77":     {true, 65536, "flipped@77"},
		"bad-signature":  {true, 65536, "bad-signature"},
	} {
		t.Run(fault, func(t *testing.T) {
			b := serve(t, fault)
			for b.get(lamp).status != 200 {
			}
			if of.fetch {
				b.get(lamp + "/softwaremodules/1/artifacts/1.0.1.bin")
			}
			b.tells(ddi.DeploymentBase, 1, "closed", "success")
			h := b.last().Doubt
			if h == nil || !h.Claimed || h.Package != "1.0.1.bin" || h.Bytes != of.bytes || strings.Join(h.Faults, " ") != of.faults {
				t.Fatalf("the log has %+v", h)
			}
			r := b.depot.Report()
			if r.Last == nil || !r.Last.Claimed || r.Last.Good || r.Last.Package != h.Package || r.Said != "closed success: so it is" {
				t.Errorf("the report has %+v, %+v", r, r.Last)
			}
		})
	}
}

// The other questions are struck only by faults that name them.
func TestFaultsOfFeedback(t *testing.T) {
	b := serve(t, "flapping,of=feedback", "unavailable,of=deploymentBase", "redirected,of=poll", "redirected,of=configData")
	d := b.polls().To(ddi.DeploymentBase)
	if g := b.get(b.at(d)); g.status != 503 {
		t.Errorf("deploymentBase: %d", g.status)
	}
	for i, want := range []int{500, 500, 200} {
		if got := b.tells(ddi.DeploymentBase, 1, "proceeding", "none"); got != want {
			t.Errorf("feedback %d: %d, want %d", i+1, got, want)
		}
	}
	if got := b.says(http.MethodPut, lamp+"/configData", `{"data": {"version": "1.0.0"}}`); got != 200 {
		t.Errorf("configData by a redirection: %d", got)
	}
	leadsTo(t, b.polls(), ddi.DeploymentBase)
	b = serve(t, "unsupported-scheme")
	file := read[ddi.Deployment](b, b.at(b.polls().To(ddi.DeploymentBase))).Deployment.Chunks[0].Artifacts[0]
	if at := file.Links.To(ddi.DownloadLink); at != "gopher://127.0.0.1/package.bin" {
		t.Errorf("the package is said to be at %s", at)
	}
}

func TestTokens(t *testing.T) {
	b := serveDDI(t, web.DDI{Sleep: time.Hour + 61*time.Second, Tokens: []web.Token{
		{Scheme: web.TargetToken, Secret: "s1", Controller: "lamp"}, {Scheme: web.GatewayToken, Secret: "s2"},
	}})
	for _, test := range []struct {
		shown, device string
		want          int
	}{
		{"", "lamp", 401},
		{"TargetToken s1", "lamp", 200},
		{"TargetToken s1", "fan", 401},
		{"TargetToken s2", "lamp", 401},
		{"GatewayToken s2", "lamp", 200},
		{"GatewayToken s2", "fan", 200},
		{"GatewayToken s1", "lamp", 401},
		{"s1", "lamp", 401},
	} {
		if g := b.get("default/controller/v1/"+test.device, "Authorization: "+test.shown); g.status != test.want {
			t.Errorf("%s shows %q: %d, want %d", test.device, test.shown, g.status, test.want)
		}
	}
	if e := b.last(); !strings.HasPrefix(e.Says, "401: ") {
		t.Errorf("the log has %+v", e)
	}
	g := b.get(lamp, "Authorization: GatewayToken s2", "Accept: application/hal+json")
	if !strings.Contains(string(g.body), `"sleep":"01:01:01"`) || g.header.Get("Content-Type") != "application/hal+json" {
		t.Errorf("%s as %s", g.body, g.header.Get("Content-Type"))
	}
}

func TestWhatADeviceMayNotSay(t *testing.T) {
	b := serve(t)
	b.polls()
	feedback := lamp + "/deploymentBase/1/feedback"
	for body, want := range map[string]int{
		`{"status": {"execution": "closed", "result": {"finished": "maybe"}}}`: 400,
		`{"status": {"execution": "begun", "result": {"finished": "none"}}}`:   400,
		`{}`:                                   400,
		`{`:                                    400,
		`"` + strings.Repeat("x", 70000) + `"`: 413,
	} {
		if got := b.says(http.MethodPost, feedback, body); got != want {
			t.Errorf("%.80s: %d, want %d", body, got, want)
		}
		if e := b.last(); !strings.HasPrefix(e.Says, fmt.Sprint(want)) {
			t.Errorf("%.80s: the log has %q", body, e.Says)
		}
	}
	for path, want := range map[string]int{
		lamp + "/deploymentBase/2/feedback": 404, lamp + "/deploymentBase/x/feedback": 400, lamp + "/deploymentBase/0/feedback": 400,
		"default/controller/v1/fan/deploymentBase/1/feedback": 404,
	} {
		if got := b.says(http.MethodPost, path, `{"status": {"execution": "proceeding", "result": {"finished": "none"}}}`); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if got := b.says(http.MethodPut, lamp+"/configData", `{"mode": "guess", "data": {}}`); got != 400 {
		t.Errorf("configData with a mode that there is not: %d", got)
	}
	if res, err := b.client.Post(b.url+feedback, "application/cbor", strings.NewReader("\xa0")); err != nil || res.StatusCode != 415 {
		t.Errorf("CBOR: %v %v", res, err)
	} else {
		_ = res.Body.Close()
	}
	for _, path := range []string{"/installedBase/1", "/cancelAction/1", "/softwaremodules/2/artifacts/1.0.1.bin", "/softwaremodules/1/artifacts/1.0.2.bin", "/softwaremodules/1/artifacts/x.MD5SUM"} {
		if g := b.get(lamp + path); g.status != 404 {
			t.Errorf("%s: %d", path, g.status)
		}
	}
}
