package rumpctrl

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestWpaPassphrase(t *testing.T) {
	const ieee = "network={\n\tssid=\"IEEE\"\n\t#psk=\"password\"\n" +
		"\tpsk=f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e\n}\n" // IEEE 802.11i, H.4.1
	for _, tt := range []struct {
		name, args, stdin string
		want              string
		status            int
	}{
		{"vector", "IEEE password", "", ieee, 0},
		{"stdin", "IEEE", "password\r\nmore", "# reading passphrase from stdin\n" + ieee, 0},
		{"no newline", "IEEE", "password", "# reading passphrase from stdin\n" + ieee, 0},
		{"end of file", "IEEE", "", "# reading passphrase from stdin\nFailed to read passphrase\n", 1},
		{"short", "net passkey", "", "Passphrase must be 8..63 characters\n", 1},
		{"long", "net " + strings.Repeat("x", 64), "", "Passphrase must be 8..63 characters\n", 1},
		{"longest", "net", strings.Repeat("x", 64) + "\n", "# reading passphrase from stdin\nPassphrase must be 8..63 characters\n", 1},
		{"usage", "", "", "usage: wpa_passphrase <ssid> [passphrase]\n\nIf passphrase is left out, it will be read from stdin\n", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			status := Run(context.Background(), &Env{
				Args: append([]string{"wpa_passphrase"}, strings.Fields(tt.args)...), Stdin: strings.NewReader(tt.stdin), Stdout: &out,
			})
			if out.String() != tt.want || status != tt.status {
				t.Errorf("status %d, output %q, want %d, %q", status, &out, tt.status, tt.want)
			}
		})
	}
}
