package rumpctrl

// utilities returns the table of all utilities, in order of their names.
func utilities() []Utility {
	return []Utility{
		{"arp", "address resolution display and control", manual("arp"), runArp},
		{"ifconfig", "configure network interface parameters", manual("ifconfig"), runIfconfig},
		{"ndp", "control/diagnose IPv6 neighbor discovery protocol", manual("ndp"), runNdp},
		{"ping", "send ICMP ECHO_REQUEST packets to network hosts", manual("ping"), runPing},
		{"ping6", "send ICMPv6 ECHO_REQUEST packets to network hosts", manual("ping6"), runPing6},
		{"route", "manipulate the routing tables", manual("route"), runRoute},
		{"sysctl", "get or set kernel state", manual("sysctl"), runSysctl},
	}
}
