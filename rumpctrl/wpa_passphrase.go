package rumpctrl

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha1"
	"strings"
)

// A WPA passphrase has this many characters.
const (
	minPassphrase = 8
	maxPassphrase = 63
)

// runWpaPassphrase is wpa_passphrase(8). Its complaints go to standard output, as
// those of the real one do.
func runWpaPassphrase(_ context.Context, e *Env) error {
	if len(e.Args) < 2 {
		e.printf("usage: wpa_passphrase <ssid> [passphrase]\n\n" +
			"If passphrase is left out, it will be read from stdin\n")
		return silent(1)
	}
	ssid, passphrase := e.Args[1], ""
	if len(e.Args) > 2 {
		passphrase = e.Args[2]
	} else {
		e.printf("# reading passphrase from stdin\n")
		line, ok := e.firstLine()
		if !ok {
			e.printf("Failed to read passphrase\n")
			return silent(1)
		}
		passphrase = strings.TrimRight(line, "\r")
	}
	if len(passphrase) < minPassphrase || len(passphrase) > maxPassphrase {
		e.printf("Passphrase must be %d..%d characters\n", minPassphrase, maxPassphrase)
		return silent(1)
	}
	// IEEE 802.11i, annex H.4: 4096 rounds with the network's name as the salt.
	psk, err := pbkdf2.Key(sha1.New, passphrase, []byte(ssid), 4096, 32)
	if err != nil {
		return err
	}
	e.printf("network={\n\tssid=\"%s\"\n\t#psk=\"%s\"\n\tpsk=%x\n}\n", ssid, passphrase, psk)
	return nil
}

// firstLine reads a line of standard input, not more, and reports whether there
// was one.
func (e *Env) firstLine() (string, bool) {
	var line []byte
	var b [1]byte
	for len(line) <= maxPassphrase {
		n, err := e.Stdin.Read(b[:])
		if n > 0 && b[0] == '\n' {
			return string(line), true
		}
		line = append(line, b[:n]...)
		if err != nil {
			return string(line), len(line) > 0
		}
	}
	return string(line), true
}
