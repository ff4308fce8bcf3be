package rumpctrl

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// TestNodeReply prints answers to node information queries.
func TestNodeReply(t *testing.T) {
	// Type 140, code 0, a checksum, then the type of the query and flags, and a nonce.
	header := func(rest string) string { return "8c000000" + rest }
	const nonce = "0000111213141516"
	for _, tt := range []struct{ name, flags, packet, want string }{
		{"noop", "", header("00000000" + nonce), "NodeInfo NOOP"},
		{"refused", "", "8c010000" + "00020000" + nonce, "unknown code 0x100, type 0x8c00"},
		{"types", "", header("00010001" + nonce + "00010000" + "0000000f"), "NodeInfo Supported Qtypes 0-3"},
		{"types, verbose", "v", header("00010001" + nonce + "00010000" + "0000000d"), "NodeInfo Supported Qtypes, compressed bitmap 0 2-3"},
		{"types, raw", "", header("00010000" + nonce + "0000000f" + "00000001"), "NodeInfo Supported Qtypes 0-3 32"},
		{"types, broken", "", header("00010001" + nonce + "ffff0000"), "NodeInfo Supported Qtypes"},
		{"no address", "", header("00030000" + nonce), "\n  no address\n"},
		{"addresses", "v", header("00030001" + nonce + "ffffffff" + "fe800000000000000000000000000001" + "00000005" + "00000000000000000000000000000001"),
			" truncated\n  fe80::1(TTL=infty)\n  ::1(TTL=5)\n"},
		{"addresses without a time", "", header("00030000" + nonce + "fe800000000000000000000000000001"), "\n  fe80::1\n"},
		{"name", "", header("00020000" + nonce + "00000000" + "0161" + "02766d" + "0000"), "a.vm"},
		{"name, verbose", "v", header("00020000" + nonce + "00000007" + "0161" + "02766d" + "0000"), "a.vm (TTL=7:meaningless)"},
		{"names", "", header("00020000" + nonce + "00000000" + "0161" + "0000" + "02766d" + "0000"), "a,vm"},
		{"a pointer", "", header("00020000" + nonce + "00000000" + "0161" + "00" + "0162" + "c004"), "a.???"},
		{"old name", "v", header("00020000" + nonce + "00000000" + "03" + "610a62"), "a\\012b (TTL=0:meaningless,03 draft)"},
		{"no name", "v", header("00020001" + nonce + "00000009"), " (TTL=9,no name)"},
		{"cut short", "", header("00020000" + nonce + "00000000" + "0561"), "???"},
		{"a loop", "", header("00020000" + nonce + "00000000" + "c004"), "???"},
		{"too short for a name", "v", header("00020000" + nonce), " ()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := hex.DecodeString(tt.packet)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			p := &ping6{echo: newEcho(&Env{Stdout: &out, Stderr: &out, Args: []string{"ping6"}}), flags: make(map[byte]bool)}
			if tt.flags != "" {
				p.flags['v'] = true
			}
			p.nodeReply(b)
			if out.String() != tt.want {
				t.Errorf("got  %q\nwant %q", out.String(), tt.want)
			}
		})
	}
}

// TestNodeQuerySeen prints queries that a loopback brings along with the answers.
func TestNodeQuerySeen(t *testing.T) {
	for _, tt := range []struct{ packet, want string }{
		{"8b00000000030002" + "0000111213141516" + "00000000000000000000000000000001", "Node Information Query, nodeaddr, subject=IPv6 address(::1)"},
		{"8b01000000010001" + "0000111213141516", "Node Information Query, Supported qtypes, no subject"},
		{"8b00000000020000" + "0000111213141516", "Node Information Query, DNS name, oldfqdn"},
		{"8b01000000020000" + "0000111213141516" + "016100", "Node Information Query, DNS name, subject=DNS label(a.)"},
		{"8b02000000040000" + "0000111213141516" + "7f000001", "Node Information Query, IPv4 nodeaddr, subject=IPv4 address(127.0.0.1)"},
		{"8b03000000090000" + "0000111213141516", "Node Information Query, unknown qtype, invalid"},
		{"8b030000", "Node Information Query"},
	} {
		b, err := hex.DecodeString(tt.packet)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		p := &ping6{echo: newEcho(&Env{Stdout: &out, Stderr: &out, Args: []string{"ping6"}}), flags: map[byte]bool{'v': true}}
		p.nodeQuery(b)
		if out.String() != tt.want {
			t.Errorf("got  %q\nwant %q", out.String(), tt.want)
		}
	}
}

func TestNodeQuery(t *testing.T) {
	q := nodeQuery{option: 'a', nonce: [8]byte{1, 2, 3, 4, 5, 6, 7, 8}, about: [16]byte{15: 1}}
	if !q.addresses("alsg") || q.addresses("x") {
		t.Error("the letters of -a are not told apart")
	}
	want := "8b000000" + "0003003a" + "0009030405060708" + "00000000000000000000000000000001"
	if got := hex.EncodeToString(q.packet(9)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	q.option = 't'
	if got, want := hex.EncodeToString(q.packet(1)), "8b010000"+"00010001"+"0001030405060708"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	reply, _ := hex.DecodeString("8c000000" + "00010001" + "0001030405060708")
	if !q.answers(reply) {
		t.Error("the answer is not known")
	}
	reply[15]++
	if q.answers(reply) {
		t.Error("another's answer is taken for ours")
	}
	// The first four bytes of MD5 over 04 and "node".
	if g, ok := nodeGroup("Node.example"); !ok || g != "ff02::2:7759:900d" {
		t.Error(g, ok)
	}
}
