package netbsd_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"

	"github.com/rumpkernel/rumpscript/netbsd"
)

// A client asks for the flags of an interface, and the kernel answers in the
// same struct.
func ExampleIfreq() {
	request := netbsd.Ifreq{Name: "shmif0"}.Append(nil)
	fmt.Println(netbsd.SIOCGIFFLAGS, netbsd.SIOCGIFFLAGS.Len() == len(request))

	ifr, err := netbsd.ParseIfreq(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	ifr.SetFlags(netbsd.IFF_UP | netbsd.IFF_RUNNING)
	answer := ifr.Append(nil)

	ifr, _ = netbsd.ParseIfreq(answer)
	fmt.Println(ifr.Name, ifr.Flags()&netbsd.IFF_UP != 0)
	// Output:
	// SIOCGIFFLAGS true
	// shmif0 true
}

// A default route by way of 10.0.0.254.
func ExampleRouteMessage() {
	gateway, _ := netbsd.SockaddrFromAddr(netip.MustParseAddr("10.0.0.254"))
	add := &netbsd.RouteMessage{
		Header: netbsd.RtMsghdr{
			Type:  netbsd.RTM_ADD,
			Flags: netbsd.RTF_UP | netbsd.RTF_GATEWAY | netbsd.RTF_STATIC,
			Seq:   1,
		},
		Addrs: netbsd.RtAddrs{
			netbsd.RTAX_DST:     netbsd.SockaddrIn{},
			netbsd.RTAX_GATEWAY: gateway,
			netbsd.RTAX_NETMASK: netbsd.Netmask(netbsd.AF_INET, 0),
		},
	}
	messages, err := netbsd.ParseRoutingMessages(add.Append(nil))
	if err != nil {
		fmt.Println(err)
		return
	}
	m := messages[0].(*netbsd.RouteMessage)
	bits, _ := netbsd.NetmaskBits(netbsd.AF_INET, m.Addrs[netbsd.RTAX_NETMASK])
	fmt.Println(m.Header.Msglen, bits, m.Addrs[netbsd.RTAX_GATEWAY])
	// Output: 168 0 10.0.0.254:0
}

func ExampleErrno() {
	var err error = netbsd.ENOENT
	fmt.Println(err, errors.Is(err, fs.ErrNotExist), netbsd.ENOENT.Name())
	// Output: No such file or directory true ENOENT
}

func ExampleSysno() {
	n, _ := netbsd.LookupSysno("stat")
	fmt.Println(uint32(n), n, n.ArgSize())
	fmt.Println(n.Signature())
	// Output:
	// 439 __stat50 16
	// int __stat50(const char *path, struct stat *ub)
}
