package rumpctrl

// utilities returns the table of all utilities, in order of their names.
func utilities() []Utility {
	return []Utility{
		{"arp", "address resolution display and control", manual("arp"), runArp},
		{"brconfig", "configure network bridge parameters", manual("brconfig"), runBrconfig},
		{"ifconfig", "configure network interface parameters", manual("ifconfig"), runIfconfig},
		{"ndp", "control/diagnose IPv6 neighbor discovery protocol", manual("ndp"), runNdp},
		{"netstat", "show network status", manual("netstat"), runNetstat},
		{"ping", "send ICMP ECHO_REQUEST packets to network hosts", manual("ping"), runPing},
		{"ping6", "send ICMPv6 ECHO_REQUEST packets to network hosts", manual("ping6"), runPing6},
		{"route", "manipulate the routing tables", manual("route"), runRoute},
		{"sockstat", "list open sockets", manual("sockstat"), runSockstat},
		{"sysctl", "get or set kernel state", manual("sysctl"), runSysctl},
	}
}
