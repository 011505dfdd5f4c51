// Package capture writes UDP datagrams to pcapng files, which Wireshark and tshark open,
// and reads its own files. The secrets of DTLS sessions stand in the file, so that the
// sessions are shown decrypted without a key file. Each datagram may have comments.
//
// Datagrams are taken from sockets and not from a network interface, so the writer makes
// the IP and UDP headers itself. Whoever has such a file can read what was sent over
// its sessions, keys that were provisioned among it.
//
// The format is that of draft-ietf-opsawg-pcapng: one section, one interface with link
// type RAW, times in nanoseconds.
package capture
