package updater

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"

	"github.com/ocfsim/ocfsim/sim/source/ddi"
)

// DDIConfig says where Devices find a server that they ask by the Direct Device Integration
// API, as a hawkBit server is asked. URL is required.
type DDIConfig struct {
	URL    string         // "https://192.0.2.1:8443"
	Tenant string         // of the server; "" is DefaultTenant
	Token  string         // what Devices show in Authorization, "TargetToken SECRET"; "" for nothing
	Roots  *x509.CertPool // of the server's certificate; nil: those of the system
	// Validates says that Devices may fetch a package to validate it, as those of ocf-2.2 do. Then
	// a package is installed when the Device asks with its version, and not when it has come.
	Validates bool
}

// DefaultTenant is the tenant that a hawkBit server has from the beginning.
const DefaultTenant = "DEFAULT"

// DDI is a server of updates that knows each Device by its name, and gives it actions.
type DDI struct {
	base      *url.URL // below which the controllers are
	token     string
	web       *Web
	careless  *Web // of Devices that skip SkipCertificate
	validates bool
}

// NewDDI is a DDI as c says. It asks nothing yet.
func NewDDI(c DDIConfig) (*DDI, error) {
	web, err := NewWeb(c.URL, c.Roots)
	if err != nil {
		return nil, err
	}
	careless, err := NewCarelessWeb(c.URL)
	base := web.base.JoinPath(url.PathEscape(cmp.Or(c.Tenant, DefaultTenant)), "controller", "v1")
	return &DDI{base, c.Token, web, careless, c.Validates}, err
}

// Close closes the connections that nobody uses.
func (d *DDI) Close() {
	d.web.Close()
	d.careless.Close()
}

// desk is where one Device asks for what there is to do and for the files of that, and says
// what became of it.
type desk struct {
	server *DDI
	web    *Web // the server's, with care or without
	device string

	action string                  // what there is to do; "": nothing
	files  map[string]ddi.Artifact // of the action, by name
	told   string                  // the version that the server knows of
	loaded string                  // the version that has come whole, which the Device may install; "": none
	owed   *word                   // what the server could not be told yet; nil: nothing
}

// word is what is said of an action.
type word struct {
	link, action string
	ddi.Feedback
}

// most of what a server says are so many bytes.
const mostSaid = 1 << 20

// turns bounds how often a Device asks anew what there is to do, since something was called off
// or the server did not know what it is.
const turns = 4

// open asks what there is to do. It agrees to what is called off. offered is false if there is
// nothing to install.
func (d *desk) open(ctx context.Context, version string) (offered bool, err error) {
	if d.loaded == version {
		d.runs(ctx, version)
	}
	d.loaded = ""
	if d.owed != nil {
		if err := d.say(ctx, *d.owed); err != nil {
			return false, err
		}
	}
	for range turns {
		var base ddi.Base
		if err := d.read(ctx, d.address(), &base); err != nil {
			return false, err
		}
		news := d.identify(ctx, base.Links.To(ddi.ConfigData), version)
		confirm := base.Links.To(ddi.ConfirmationBase)
		switch deploy, cancel := base.Links.To(ddi.DeploymentBase), base.Links.To(ddi.CancelAction); {
		case cancel != "":
			if err := d.agree(ctx, cancel); err != nil {
				return false, err
			}
		case confirm != "":
			if err := d.confirm(ctx, confirm); err != nil {
				return false, err
			}
		case deploy != "":
			return true, d.take(ctx, deploy)
		case news: // there may be something for a Device that has this version
		default:
			d.action, d.files = "", nil
			return false, nil
		}
	}
	return false, fmt.Errorf("%s: each time there is something else to do first", d.device)
}

// runs says that a package has been installed.
func (d *desk) runs(ctx context.Context, version string) {
	d.told = version
	d.tell(ctx, ddi.NewFeedback(ddi.Closed, ddi.Success, "it runs "+version))
}

// came says that a package has come whole and passed every check.
func (d *desk) came(ctx context.Context, version string) {
	if !d.server.validates {
		d.runs(ctx, version)
		return
	}
	d.loaded = version
	d.tell(ctx, ddi.NewFeedback(ddi.Downloaded, ddi.None, "version "+version))
}

// identify tells the server what the Device is, if it asks for that or knows of another version.
// It reports whether that was news. If the server can't be told it is told the next time.
func (d *desk) identify(ctx context.Context, asked, version string) (news bool) {
	if asked == "" && version == d.told {
		return false
	}
	identity := ddi.Identity{Mode: ddi.Merge, Data: map[string]string{"version": version}}
	if err := d.send(ctx, http.MethodPut, cmp.Or(asked, d.address()+"/"+ddi.ConfigData), identity); err != nil {
		return false
	}
	news = d.told != version
	d.told = version
	return news
}

// agree agrees to an action's being called off.
func (d *desk) agree(ctx context.Context, at string) error {
	var c ddi.Cancellation
	if err := d.read(ctx, at, &c); err != nil {
		return err
	}
	return d.say(ctx, word{ddi.CancelAction, c.CancelAction.StopID, ddi.NewFeedback(ddi.Closed, ddi.Success, "it is not installed")})
}

// confirm confirms an action that waits for that: the Device has been asked for the process.
func (d *desk) confirm(ctx context.Context, at string) error {
	var c ddi.ToConfirm
	if err := d.read(ctx, at, &c); err != nil {
		return err
	}
	to := d.address() + "/" + ddi.ConfirmationBase + "/" + url.PathEscape(c.ID) + "/feedback"
	return d.send(ctx, http.MethodPost, to, ddi.Confirmation{Confirmation: ddi.Confirmed})
}

// take reads what is to be installed.
func (d *desk) take(ctx context.Context, at string) error {
	var task ddi.Deployment
	if err := d.read(ctx, at, &task); err != nil {
		return err
	}
	d.action, d.files = task.ID, map[string]ddi.Artifact{}
	for _, chunk := range task.Deployment.Chunks {
		for _, a := range chunk.Artifacts {
			d.files[a.Filename] = a
		}
	}
	return nil
}

// Get implements Transport, for the files of the action.
func (d *desk) Get(ctx context.Context, file string, from int64, tag string) (*Piece, error) {
	a, ok := d.files[file]
	if !ok {
		return nil, fs.ErrNotExist
	}
	at := cmp.Or(a.Links.To(ddi.DownloadLink), a.Links.To(ddi.DownloadLink+"-http"))
	req, err := d.request(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return d.web.get(req, file, from, tag)
}

// Close does nothing: the server is closed for all Devices at once.
func (d *desk) Close() {}

// tell says how far the Device is with the action. What has ended is said again the next
// time if the server could not be told.
func (d *desk) tell(ctx context.Context, f ddi.Feedback) {
	if d.action == "" {
		return
	}
	w := word{ddi.DeploymentBase, d.action, f}
	if f.Status.Execution == ddi.Closed {
		d.owed, d.action, d.files = &w, "", nil
	}
	_ = d.say(ctx, w) // an update is not lost with a word about it
}

// say sends a word. That the server no longer wants to know is no error.
func (d *desk) say(ctx context.Context, w word) error {
	err := d.send(ctx, http.MethodPost, d.address()+"/"+w.link+"/"+url.PathEscape(w.action)+"/feedback", w.Feedback)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil && w.Status.Execution == ddi.Closed {
		d.owed = nil
	}
	return err
}

// address is where the Device asks.
func (d *desk) address() string { return d.server.base.JoinPath(url.PathEscape(d.device)).String() }

// read reads a document.
func (d *desk) read(ctx context.Context, at string, into any) error {
	data, err := d.exchange(ctx, http.MethodGet, at, nil)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	return nil
}

// send sends a document.
func (d *desk) send(ctx context.Context, method, at string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = d.exchange(ctx, method, at, data)
	return err
}

// exchange sends a request and returns the body of the answer.
func (d *desk) exchange(ctx context.Context, method, at string, body []byte) ([]byte, error) {
	req, err := d.request(ctx, method, at, body)
	if err != nil {
		return nil, err
	}
	res, err := d.web.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, mostSaid))
	switch {
	case res.StatusCode == http.StatusOK:
		return data, err
	case res.StatusCode == http.StatusNotFound, res.StatusCode == http.StatusGone:
		return nil, fs.ErrNotExist
	}
	return nil, errors.New(res.Status)
}

// request is a request to an address that the server has named. The token is for the server
// alone: files may be elsewhere.
func (d *desk) request(ctx context.Context, method, at string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, at, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if d.server.token != "" && req.URL.Host == d.server.base.Host && req.URL.Scheme == d.server.base.Scheme {
		req.Header.Set("Authorization", d.server.token)
	}
	req.Header.Set("Accept", "application/json")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	} else {
		req.Body, req.ContentLength = nil, 0
	}
	return req, nil
}
