package sim

import "github.com/ocfsim/ocfsim/ocf"

// Standing says where a Device stands with its processes and its owner. It is what
// somebody who counts Devices keeps of each of them, so it is small and has no pointer.
type Standing struct {
	TM, CM  ocf.DPM // as Clients see them
	Running ocf.DPM // the process that runs: N, V or U; 0 for none
	Waiting ocf.DPM // the processes that wait for it to end
	// Asked is the number of the last question to the trusted source. A process that is
	// aborted uses up a number too.
	Asked   uint16
	Version uint16           // index into the Device's software versions, see VersionText
	DOS     ocf.DOS          // as Clients see it
	Ending  ocf.UpdateResult // what a process ends with unless it succeeds
	Down    bool             // without power, or restarting
	Owned   bool             // doxm.owned
}

// Standing says where the Device stands. It changes nothing.
func (d *Device) Standing() Standing {
	seen := d.State()
	return Standing{
		TM: seen.TM, CM: seen.CM, DOS: seen.DOS, Owned: seen.Owned,
		Running: d.run.bits(), Waiting: d.queue.bits(), Asked: d.ask,
		Version: d.version, Ending: d.ending, Down: d.flags.has(off),
	}
}

// Availability reports whether the Device is of an edition that has the availability check,
// the bit 256 of tm and cm.
func (d *Device) Availability() bool { return d.model.Availability() }

// Owner is devowneruuid. It is nil where nobody owns the Device, and for a Device without
// security, whose owner is one in name only.
func (d *Device) Owner() ocf.UUID { return d.trust.devowner }

// VersionText is the version that Standing.Version stands for, such as "1.0.0".
func VersionText(version uint16) string { return versionText(version) }
