package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// discoverFlags are the flags of `ocfsim discover`.
type discoverFlags struct {
	iface   string
	address string
	wait    time.Duration
	rt      string
	owned   bool
	unowned bool
	json    bool
}

func newDiscover() *cobra.Command {
	var flags discoverFlags
	cmd := &cobra.Command{
		Use:   "discover",
		Short: "Find Devices",
		Long: `Look for Devices by multicast, or ask one address by unicast, and show who answers.

Without flags it asks on the loopback interface only. Nothing is sent to another
network unless --interface or --address names it.

A Device is shown with its identity, its endpoints without and with security,
whether it has an owner ("-" if it does not say), and its name. With --unowned
only Devices that wait for an owner are asked, as onboarding tools do.

Exit codes: 0 a Device answered; 1 none did; 2 usage; 4 the network failed;
130 interrupted.`,
		Example: "  ocfsim discover --address 127.1.0.1\n  ocfsim discover --interface eth0 --wait 10s",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return discover(cmd, flags) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.iface, "interface", "", "multicast on the network interface `NAME`; loopback if absent")
	f.StringVar(&flags.address, "address", "", "ask `ADDR[:PORT]` instead of multicasting")
	f.DurationVar(&flags.wait, "wait", 3*time.Second, "how long to wait for answers")
	f.StringVar(&flags.rt, "rt", "", "only Devices with a resource of this `TYPE`")
	f.BoolVar(&flags.owned, "owned", false, "only Devices that have an owner")
	f.BoolVar(&flags.unowned, "unowned", false, "only Devices that have no owner")
	f.BoolVar(&flags.json, "json", false, "write a JSON array")
	cmd.MarkFlagsMutuallyExclusive("interface", "address")
	cmd.MarkFlagsMutuallyExclusive("owned", "unowned")
	return cmd
}

func discover(cmd *cobra.Command, flags discoverFlags) error {
	if flags.wait <= 0 {
		return usage(fmt.Errorf("--wait %v: expected more than 0", flags.wait))
	}
	cfg := target.DiscoverConfig{Interface: flags.iface, Wait: flags.wait, RT: flags.rt}
	if flags.owned || flags.unowned {
		cfg.Owned = &flags.owned
	}
	if flags.address != "" {
		address, err := withPort(flags.address)
		if err != nil {
			return usage(err)
		}
		cfg.Unicast = address
	}
	none := "no Device answered"
	cfg.Unasked = func(err error) { none += ". Not all could be asked: " + err.Error() }
	found, err := target.Discover(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	if err := showFound(cmd.OutOrStdout(), found, flags.json); err != nil {
		return harness(err)
	}
	if len(found) == 0 {
		return &exitError{suite.ExitFail, errors.New(none)}
	}
	return nil
}

// ofOneDevice says why nothing is asked at a: groups are asked on an interface that is named.
func ofOneDevice(a netip.Addr) error {
	if a.IsMulticast() {
		return fmt.Errorf("%v is a group, expected the address of one Device; --interface asks all of a network", a)
	}
	return ocf.CheckAddress(a)
}

// withPort reads ADDR, ADDR:PORT or a CoAP URI without path.
func withPort(s string) (string, error) {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "coap://"), "/")
	s = strings.Replace(s, "%25", "%", 1) // as URIs write the zone of a link-local address (RFC 6874)
	bare := s
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		bare = s[1 : len(s)-1]
	}
	if a, err := netip.ParseAddr(bare); err == nil {
		if err := ofOneDevice(a); err != nil {
			return "", fmt.Errorf("--address %q: %w", s, err)
		}
		return netip.AddrPortFrom(a, 5683).String(), nil
	}
	if host, port, err := net.SplitHostPort(s); err == nil && host != "" && port != "" {
		err := ocf.CheckPort(port)
		if a, bad := netip.ParseAddr(host); err == nil && bad == nil {
			err = ofOneDevice(a)
		}
		if err != nil {
			return "", fmt.Errorf("--address %q: %w", s, err)
		}
		return s, nil
	}
	if s != "" && !strings.ContainsAny(s, ":/?# ") {
		return net.JoinHostPort(s, "5683"), nil
	}
	return "", fmt.Errorf("--address %q: expected ADDR or ADDR:PORT, such as 127.1.0.1 or [::1]:5683", s)
}

// foundRow is what --json writes for one Device.
type foundRow struct {
	DI        string   `json:"di"`
	Name      string   `json:"name,omitempty"`
	Owned     *bool    `json:"owned,omitempty"`
	Types     []string `json:"types,omitempty"`
	Endpoints []string `json:"endpoints"`
}

func showFound(w io.Writer, found []target.Found, asJSON bool) error {
	rows := []foundRow{}
	for _, f := range found {
		rows = append(rows, foundRow{f.DI.String(), f.Name, f.Owned, f.Types, f.Endpoints})
	}
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(rows)
	}
	if len(rows) == 0 {
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "DI\tOWNED\tENDPOINTS\tNAME")
	for _, r := range rows {
		owned := "-"
		if r.Owned != nil {
			owned = fmt.Sprint(*r.Owned)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%q\n", r.DI, owned, ocf.Visible(strings.Join(r.Endpoints, " ")), r.Name)
	}
	return tw.Flush()
}
