package shell

// An argument is what a word after the name of a utility may be.
type argument int

const (
	aPath argument = iota
	aFolder
	anInterface
	aSysctl
	aMount
	aUtility
	aProgram
	aJob
	aSignal
	nothing
)

// usage is what completion knows of a command: its words at the first places, and
// what each place may be besides.
type usage struct {
	first []string   // words at the first place
	later []string   // words at all later ones
	args  []argument // what else: of the first place, the second..., the last for all after it
}

// usages returns what completion knows of the commands that do not just take paths.
func usages() map[string]usage {
	ifWords := []string{
		"create", "destroy", "up", "down", "inet", "inet6", "alias", "delete", "netmask", "broadcast", "prefixlen", "linkstr", "mtu", "metric",
		"media", "mediaopt", "arp", "-arp", "debug", "-debug", "link0", "-link0", "anycast", "deprecated", "pltime", "vltime",
		"ip4csum", "tcp4csum", "udp4csum", "tcp6csum", "udp6csum", "-alias", "vlan", "vlanif", "tunnel", "deletetunnel", "agrport", "-agrport",
		"ssid", "nwkey", "bssid", "chan", "active", "tentative", "preference", "eui64",
	}
	routeWords := []string{"-inet", "-inet6", "-net", "-host", "-n", "default", "-interface", "-iface", "-netmask", "-prefixlen", "-mtu", "-ifp", "-ifa"}
	paths := func(first ...string) usage { return usage{first: first, args: []argument{aPath}} }
	return map[string]usage{
		"ifconfig":       {first: []string{"-a", "-l", "-C", "-s", "-b", "-d", "-u", "-v", "-z"}, later: ifWords, args: []argument{anInterface}},
		"brconfig":       {first: []string{"-a"}, later: []string{"add", "delete", "up", "down", "stp", "-stp", "maxaddr", "timeout", "learn", "discover"}, args: []argument{anInterface}},
		"wlanctl":        {first: []string{"-a"}, args: []argument{anInterface}},
		"route":          {first: []string{"add", "delete", "change", "get", "show", "flush", "monitor", "-n", "-v"}, later: routeWords, args: []argument{nothing, nothing}},
		"sysctl":         {first: []string{"-a", "-d", "-n", "-e", "-w", "-x", "-A", "-M"}, later: []string{"-w", "-n"}, args: []argument{aSysctl}},
		"arp":            {first: []string{"-a", "-d", "-n", "-s"}, args: []argument{nothing}},
		"ndp":            {first: []string{"-a", "-c", "-d", "-i", "-I", "-n", "-p", "-r", "-s"}, args: []argument{anInterface}},
		"ping":           {first: []string{"-c", "-n", "-o", "-q", "-s", "-w"}, args: []argument{nothing}},
		"ping6":          {first: []string{"-c", "-n", "-o", "-q", "-s", "-I"}, args: []argument{nothing}},
		"mount":          {first: []string{"-a", "-t", "-o", "-u", "-v"}, later: []string{"tmpfs", "ffs", "msdos", "ext2fs", "kernfs"}, args: []argument{aPath}},
		"umount":         {first: []string{"-a", "-f", "-R", "-v"}, args: []argument{aMount}},
		"df":             {first: []string{"-a", "-h", "-i", "-k", "-m", "-P"}, args: []argument{aMount}},
		"modstat":        {first: []string{"-a", "-e", "-k", "-n"}, args: []argument{nothing}},
		"rndctl":         {first: []string{"-c", "-d", "-e", "-l", "-L", "-S", "-s", "-t"}, args: []argument{nothing}},
		"vnconfig":       paths("-c", "-l", "-u", "-v"),
		"dd":             {first: []string{"if=", "of=", "bs=", "count="}, later: []string{"if=", "of=", "bs=", "count=", "conv=", "seek=", "skip=", "msgfmt="}, args: []argument{nothing}},
		"halt":           {args: []argument{nothing}},
		"reboot":         {args: []argument{nothing}},
		"wpa_passphrase": {args: []argument{nothing}},
		"ktrace":         {first: []string{"-a", "-C", "-d", "-f", "-i", "-p", "-t"}, args: []argument{aUtility, aPath}},
		"cd":             {args: []argument{aFolder}},
		hostcmd:          {first: []string{"cd"}, args: []argument{aProgram}},
		hascmd:           {args: []argument{aUtility}},
		listcmds:         {args: []argument{nothing}},
		"hijack":         {args: []argument{aProgram}},
		"type":           {args: []argument{aUtility}},
		"command":        {first: []string{"-v"}, args: []argument{aUtility}},
		"wait":           {args: []argument{aJob}},
		"fg":             {args: []argument{aJob}},
		"kill":           {first: []string{"-INT", "-TERM", "-KILL", "-HUP"}, args: []argument{aJob}},
		"trap":           {args: []argument{nothing, aSignal}},
	}
}
