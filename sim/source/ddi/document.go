package ddi

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// The names of links, and of what they lead to.
const (
	DeploymentBase = "deploymentBase"
	InstalledBase  = "installedBase"
	CancelAction   = "cancelAction"
	ConfigData     = "configData"
	// ConfirmationBase leads to an action that waits for a confirmation.
	ConfirmationBase      = "confirmationBase"
	ActivateAutoConfirm   = "activateAutoConfirm"
	DeactivateAutoConfirm = "deactivateAutoConfirm"
	DownloadLink          = "download"
	MD5Link               = "md5sum"
)

// Links are the addresses to which a document leads, by name.
type Links map[string]Link

// Link is one of them.
type Link struct {
	Href string `json:"href"`
}

// To is the address of a name, "" where there is none.
func (l Links) To(name string) string { return l[name].Href }

// Base is what a Device gets that polls.
type Base struct {
	Config Config `json:"config"`
	Links  Links  `json:"_links,omitempty"`
}

// Config is how a Device is to ask.
type Config struct {
	Polling Polling `json:"polling"`
}

// Polling is how long a Device is to wait between two questions, as HH:MM:SS.
type Polling struct {
	Sleep string `json:"sleep"`
}

// Sleep writes a time to wait, which is cut to whole seconds.
func Sleep(d time.Duration) string {
	s := int64(d / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Forced is how a Device is to handle a download, and an update: at once.
const Forced = "forced"

// Deployment is what is to be installed, or was.
type Deployment struct {
	ID         string `json:"id"`
	Deployment Task   `json:"deployment"`
}

// Task is how it is to be installed, and what.
type Task struct {
	Download string  `json:"download"`
	Update   string  `json:"update"`
	Chunks   []Chunk `json:"chunks"`
}

// Chunk is one piece of software of a version, in one or more files.
type Chunk struct {
	Part      string     `json:"part"` // "os", "bApp", "jvm"
	Version   string     `json:"version"`
	Name      string     `json:"name"`
	Artifacts []Artifact `json:"artifacts"`
}

// Artifact is a file.
type Artifact struct {
	Filename string `json:"filename"`
	Hashes   Hashes `json:"hashes"`
	Size     int64  `json:"size"`
	Links    Links  `json:"_links"`
}

// Hashes are digests of a file in hex.
type Hashes struct {
	SHA1   string `json:"sha1"`
	MD5    string `json:"md5"`
	SHA256 string `json:"sha256"`
}

// Cancellation is an action that is called off.
type Cancellation struct {
	ID           string   `json:"id"`
	CancelAction ToCancel `json:"cancelAction"`
}

// ToCancel says which one.
type ToCancel struct {
	StopID string `json:"stopId"`
}

// The modes of an Identity: how its data joins what the Device has said before.
const (
	Merge   = "merge"
	Replace = "replace"
	Remove  = "remove"
)

// Identity is what a Device says that it is.
type Identity struct {
	Mode string            `json:"mode,omitempty"` // "" is Merge
	Data map[string]string `json:"data"`
}

// HashesOf are the digests of a file.
func HashesOf(content []byte) Hashes {
	one, five, two := sha1.Sum(content), md5.Sum(content), sha256.Sum256(content)
	return Hashes{SHA1: hex.EncodeToString(one[:]), MD5: hex.EncodeToString(five[:]), SHA256: hex.EncodeToString(two[:])}
}
