package sysproxy

import (
	"fmt"
	"net"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// maxUnixPath is the greatest length of a Unix socket's path in bytes, without
// its NUL (sun_path in struct sockaddr_un).
func maxUnixPath() int {
	if runtime.GOOS == "linux" {
		return 107
	}
	return 103
}

// URL says where a server listens, in the form that RUMP_SERVER has.
type URL struct {
	Network string // "unix" or "tcp"
	Address string // a path, or "host:port" as package net takes it
	raw     string
}

// A URLError says what is wrong with a URL.
type URLError struct {
	URL  string
	What string
}

func (e *URLError) Error() string { return fmt.Sprintf("bad URL %q: %s", e.URL, e.What) }

// ParseURL parses the URL of a server to connect to:
//
//	unix://PATH        relative, or absolute with three slashes
//	tcp://ADDRESS:PORT an IPv4 address, an IPv6 address in brackets or a host
//	                   name; one slash at the end is ignored
//
// The error is a *URLError.
func ParseURL(s string) (URL, error) {
	u, err := parseURL(s)
	if err != nil {
		return URL{}, err
	}
	if u.Network == "tcp" {
		host, port, _ := net.SplitHostPort(u.Address) // parseURL has done so before
		if host == "" || net.ParseIP(host).IsUnspecified() {
			return URL{}, &URLError{s, "a client needs an address, not a wildcard"}
		}
		if port == "0" {
			return URL{}, &URLError{s, "a client needs a port, not 0"}
		}
	}
	return u, nil
}

// ParseListenURL parses the URL of a server to be: as ParseURL, but 0 and * are
// addresses too, which mean all of the machine's, and port 0 means any free one.
func ParseListenURL(s string) (URL, error) { return parseURL(s) }

func parseURL(s string) (URL, error) {
	bad := func(format string, args ...any) (URL, error) {
		return URL{}, &URLError{s, fmt.Sprintf(format, args...)}
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return bad("not of the form unix://PATH or tcp://ADDRESS:PORT")
	}
	switch scheme {
	case "unix":
		if rest == "" {
			return bad("the path is missing")
		}
		if strings.ContainsRune(rest, 0) {
			return bad("the path has a NUL byte")
		}
		if len(rest) > maxUnixPath() {
			return bad("the path is longer than the %d bytes that a Unix socket's may have", maxUnixPath())
		}
		return URL{Network: "unix", Address: rest, raw: s}, nil
	case "tcp":
		addr := strings.TrimSuffix(rest, "/")
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			why := err.Error()
			if ae, ok := err.(*net.AddrError); ok {
				why = ae.Err
			}
			return bad("%s", why)
		}
		if n, err := strconv.ParseUint(port, 10, 64); err != nil {
			return bad("the port %q is not a number", port)
		} else if n > 65535 {
			return bad("the port %s is out of range", port)
		}
		if host == "" {
			return bad("the address is missing")
		}
		if host == "0" || host == "*" {
			host = "0.0.0.0"
		}
		return URL{Network: "tcp", Address: net.JoinHostPort(host, port), raw: s}, nil
	}
	return bad("the scheme %q is neither unix nor tcp", scheme)
}

// String returns the URL as it was given, or as a server prints it.
func (u URL) String() string {
	if u.raw != "" {
		return u.raw
	}
	return u.Network + "://" + u.Address
}

// Absolute returns the URL with an absolute path, so that it stays good when the
// working folder changes.
func (u URL) Absolute() (URL, error) {
	if u.Network != "unix" || filepath.IsAbs(u.Address) {
		return u, nil
	}
	abs, err := filepath.Abs(u.Address)
	if err != nil {
		return URL{}, &URLError{u.String(), err.Error()}
	}
	return parseURL("unix://" + abs)
}

// urlOf returns the URL at which a listener can be reached.
func urlOf(a net.Addr) string {
	switch a.Network() {
	case "unix":
		return "unix://" + a.String()
	default:
		return "tcp://" + a.String()
	}
}
