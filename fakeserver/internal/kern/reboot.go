package kern

import "github.com/rumpkernel/rumpscript/netbsd"

// sysReboot answers before the kernel ends, as rump_server does.
func sysReboot(c *Call) netbsd.Errno {
	if !c.Cred().Root() {
		return netbsd.EPERM
	}
	k := c.Kernel()
	k.stopped.Store(true) // who has the answer finds no kernel any more
	c.trap.Reply(0, 0, 0)
	if c.Uint(0)&netbsd.RB_DUMP != 0 {
		k.Panic("reboot with a dump")
	} else {
		k.console.Print("halted\n")
		k.Exit("")
	}
	return 0
}
