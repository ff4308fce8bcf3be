package rumpctrl

// utilities returns the table of all utilities, in order of their names.
func utilities() []Utility {
	return []Utility{
		{"ifconfig", "configure network interface parameters", manual("ifconfig"), runIfconfig},
		{"sysctl", "get or set kernel state", manual("sysctl"), runSysctl},
		{"wpa_passphrase", "set WPA passphrase for a SSID", manual("wpa_passphrase"), runWpaPassphrase},
	}
}
