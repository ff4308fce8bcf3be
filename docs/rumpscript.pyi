"""The functions and values of rumpscript's scripts. Made by rumpscript doc --stub."""

argv = []
"The script's arguments, a list of strings."

def addr(address):
    "Returns a value for an IPv4 or IPv6 address, with or without a prefix length: addr(\"10.0.0.1/24\"). Addresses compare, and addr + 1 is the next one."
    pass

def breakpoint():
    "Stops the script at a prompt, with the kernels up, if a person is there: shows the variables of the function that it is in, which can be used at the prompt as the file's can. Ctrl-D goes on."
    pass

def bus(name, path=None, seed=None, delay=None, jitter=None, loss=None, duplicate=None, reorder=None, corrupt=None, rate=None, queue=None, down=None, partition=None):
    "Returns the Ethernet segment of that name for shmif interfaces to attach to. Each run, and each test, has buses of its own; a path makes it the file there, which stays. With conditions, frames between its stations fare as bus.conditions says, and what is random about it comes from the seed."
    pass

def clock(start=None):
    "Returns a clock for fake kernels that stands still until advance moves it: kernel(clock = clock()). Kernels may share one. It shows start, such as \"2020-01-01T00:00:00Z\", which is the time if none is given."
    pass

def connect(url=None):
    "Connects to a kernel and returns it. Without a URL this is the kernel of the run: the server that --target or RUMP_SERVER names, or one that is started for the run."
    pass

def help(x=None):
    "Prints what the reference says of a value, a function or a name."
    pass

def kernel(name=None, clock=None, seed=None, disks=None):
    "Starts a new kernel of the run's target and returns it. It is gone when the script ends. The name appears in errors. A fake kernel may run on a clock() that the script moves, and take its random numbers from a seed; another kind of kernel refuses them. The disks are host files, a dict by their paths in the kernel: {\"/disk\": \"disk.img\"}, or with more to say {\"/rdisk\": {\"path\": \"disk.img\", \"type\": \"chr\", \"size\": 1 << 20, \"offset\": 0}}; the type is \"blk\", which is also the default, \"chr\" or \"reg\", and with a size a file is made that is not there."
    pass

def parallel(*functions):
    "Calls the functions at the same time, waits for all and returns a list of what they returned. If one fails the others are cancelled, and parallel fails as it failed. What the functions share is frozen."
    pass

def sleep(duration):
    "Waits. To wait for something to happen use assert.eventually instead."
    pass

def spawn(function, *args):
    "Calls the function with the arguments in a task of its own and returns the task. What they share with the rest of the script is frozen. If the task fails and nobody asks for its result, the script fails with it at its end."
    pass

def arp(op=None, sender_mac=None, sender_ip=None, target_mac=None, target_ip=None):
    "Makes an ARP message: op is \"request\", which is also the default, \"reply\" or a number."
    pass

def eth(src=None, dst=None, type=None):
    "Makes an Ethernet header; to all if dst is not given. Layers are composed with /: eth(dst = mac) / ip(src = a, dst = b) / icmp(type = \"echo\") / \"payload\". Lengths, checksums and types are filled in where the layers do not say otherwise."
    pass

def icmp(type, code=None, id=None, seq=None, mtu=None, rest=None, checksum=None):
    "Makes an ICMP header. The type is a number, or one of echo, echo_reply, unreachable, redirect, time_exceeded; id and seq are an echo's, mtu that of fragmentation needed, rest the four bytes as one number."
    pass

def icmp6(type, code=None, id=None, seq=None, mtu=None, rest=None, checksum=None):
    "Makes an ICMPv6 header, as icmp does; the names are echo, echo_reply, unreachable, packet_too_big, time_exceeded, router_solicitation, router_advertisement, neighbor_solicitation, neighbor_advertisement."
    pass

def ip(src=None, dst=None, ttl=None, proto=None, tos=None, flow=None, id=None, df=None, mf=None, offset=None, options=None, length=None, header_len=None, checksum=None):
    "Makes an IP header, of the version of its addresses. A host fills in the addresses that are not given."
    pass

def raw(data):
    "Makes a layer of a string or bytes, as they are. A string or bytes next to / are taken so too."
    pass

def tcp(src=None, dst=None, seq=None, ack=None, flags=None, window=None, urgent=None, mss=None, scale=None, sack_ok=None, timestamp=None, options=None, header_len=None, checksum=None):
    "Makes a TCP header. Flags are \"SYN|ACK\", or \"S.\" as tcpdump has them; timestamp is a pair of numbers."
    pass

def udp(src=None, dst=None, length=None, checksum=None):
    "Makes a UDP header."
    pass

def vlan(id, priority=None, type=None):
    "Makes an 802.1Q tag."
    pass

class assert_:

    def eq(self, got, want, message=None):
        "Fails unless got equals want."
        pass

    def ne(self, got, want, message=None):
        "Fails if got equals want."
        pass

    def lt(self, got, want, message=None):
        "Fails unless got is less than want."
        pass

    def true(self, got, message=None):
        "Fails unless got is true, as if takes it."
        pass

    def contains(self, got, want, message=None):
        "Fails unless want is in got: a part of a string, an element of a list, tuple or set, a key of a dict."
        pass

    def matches(self, got, pattern, message=None):
        "Fails unless the regular expression (RE2) matches a part of the string got."
        pass

    def fails(self, function, error=None, message=None):
        "Calls the function and fails unless that fails with the given error: the name of an errno, such as \"EEXIST\", or a regular expression (RE2) which matches a part of the error's text. Without one any error will do. Returns the error's text."
        pass

    def eventually(self, function, timeout=None, message=None):
        "Calls the function again and again until it returns something true, which is returned. Fails with the last value, or the last error, if that takes longer than the timeout, 5s if not given."
        pass

    def golden(self, got, file, message=None):
        "Fails unless the string or bytes got is what is in the file, whose path is relative to the script's. With --update the file is written instead."
        pass

    def never(self, function, timeout=None, message=None):
        "Calls the function again and again for the given time, 1s if not given, and fails if it ever returns something true."
        pass

class kernel:
    name = None
    "The kernel's name in errors: what kernel() was given, or the target's."
    url = None
    "The URL at which others reach the kernel, or None for a fake inside the process."
    clock = None
    "The clock on which a fake kernel runs that was made with one; else None."
    faults = None
    "What is to go wrong in a fake kernel. Another kind of kernel refuses its methods."

    def create(self, interface, bus=None, address=None):
        "Creates an interface, such as \"shmif0\", and returns it: attached to a bus, and with an address or a list of them, if they are given."
        pass

    def interface(self, name):
        "Returns the interface of that name, whether it is there or not."
        pass

    def interfaces(self):
        "Returns a list of the interfaces that the kernel has."
        pass

    def run(self, *words, check=None):
        "Runs a utility as rumpscript ctl does and returns a result: run(\"ifconfig shmif0 create\"), which is split as a shell splits words, or run(\"ifconfig\", \"shmif0\", \"create\"). An exit status other than 0 is an error, unless check is False."
        pass

    def sysctl(self, name, value=None):
        "Returns the value of a sysctl node, such as \"net.inet.ip.ttl\": an int, a bool, a string, or bytes for a structure. With a value the node is set, and what it was before is returned."
        pass

    def neighbor_add(self, address, lladdr, published=None, expire=None):
        "Adds an entry to the ARP or NDP table; a published one is answered for to others. It stays for ever, or for as long as expire says."
        pass

    def neighbor_delete(self, address):
        "Deletes an entry of the ARP or NDP table."
        pass

    def neighbor_flush(self, family=None):
        "Deletes the entries of the ARP table, the NDP table or both that were not made for ever."
        pass

    def neighbors(self, family=None):
        "Returns the ARP table (family \"inet\"), the NDP table (\"inet6\") or both, a list of structs: addr, lladdr, interface, expires (seconds from now, None if never), published, router, and state, such as \"reachable\" (None of IPv4)."
        pass

    def ping(self, address, count=None, interval=None, timeout=None, size=None, ttl=None, source=None):
        "Sends ICMP echo requests and returns a struct: sent, received, duplicates, rtts (seconds, a list of floats) and errors (a dict: how often each kind came). One request of 56 bytes if not told otherwise, 100ms apart, and a second for the last answer."
        pass

    def route_add(self, destination, gateway=None, interface=None, reject=None, blackhole=None, mtu=None, source=None, tag=None, hopcount=None, expire=None, recvpipe=None, sendpipe=None, ssthresh=None, rtt=None, rttvar=None, lock=None):
        "Adds a route to a prefix, a host, or \"default\"; by a gateway or directly through an interface. The source is which of the kernel's addresses packets get, the tag an MPLS label. The others are metrics: expire, rtt and rttvar are durations, lock is a list of the names of those that the kernel may not change."
        pass

    def route_change(self, destination, gateway=None, interface=None, reject=None, blackhole=None, mtu=None, source=None, tag=None, hopcount=None, expire=None, recvpipe=None, sendpipe=None, ssthresh=None, rtt=None, rttvar=None, lock=None):
        "Changes a route; the parameters are route_add's."
        pass

    def route_delete(self, destination, gateway=None, interface=None, reject=None, blackhole=None, mtu=None, source=None, tag=None, hopcount=None, expire=None, recvpipe=None, sendpipe=None, ssthresh=None, rtt=None, rttvar=None, lock=None):
        "Deletes a route; the parameters are route_add's."
        pass

    def route_flush(self, family=None):
        "Deletes all routes by gateways, of the family \"inet\" or \"inet6\", or of both. Returns them as routes does."
        pass

    def route_get(self, address):
        "Returns the route that a packet to the address would take."
        pass

    def routes(self, family=None):
        "Returns the routes, of the family \"inet\" or \"inet6\", or both: a list of structs: destination, gateway, interface, flags, source, tag (None if there is none), and the metrics mtu, hopcount, expires (seconds from now, None if never), recvpipe, sendpipe, ssthresh, rtt and rttvar (seconds). No kernel tells which are locked."
        pass

    def cloners(self):
        "Returns what kinds of interfaces can be created, a list of strings: [\"lo\", \"shmif\"]."
        pass

    def default_routers(self):
        "Returns the routers that IPv6 neighbour discovery knows, a list of structs: addr, interface, and expires (seconds from now)."
        pass

    def monitor(self):
        "Opens a routing socket and returns a monitor: what happens to routes, interfaces and addresses from now on."
        pass

    def prefixes(self):
        "Returns the prefixes that IPv6 neighbour discovery knows, a list of structs: prefix, interface, on_link, detached, valid and preferred (seconds, None for ever), and routers."
        pass

    def sockets(self, protocol=None):
        "Returns the sockets of a protocol, such as \"tcp\", \"tcp6\", \"udp\" or \"udp6\", or of these four: a list of structs: protocol, local and remote (strings such as \"10.0.0.1:80\"), state (of TCP: \"LISTEN\"), received and unsent (bytes that wait)."
        pass

    def stats(self, protocol):
        "Returns the counters of a protocol, such as \"net.inet.ip\" or \"net.inet6.icmp6\", a dict of ints by the names that NetBSD's headers have: stats(\"net.inet.ip\")[\"badsum\"] is IP_STAT_BADSUM."
        pass

    def sysctl_description(self, name):
        "Returns the kernel's own text about a sysctl node."
        pass

    def sysctl_nodes(self, name=None):
        "Returns the names of the nodes below one, or of the uppermost ones."
        pass

    def traceroute(self, address, max_hops=None, probes=None, wait=None, echo=None, source=None, size=None):
        "Finds the route to an address with packets that may go one hop farther each time and returns a list of structs, one a packet: hop, addr (who answered, None for nobody), rtt (seconds), error (a kind as ping's, None for an answer to an echo request) and reached. 30 hops of one packet, which is UDP unless echo is True, and 1s for its answer, if not told otherwise."
        pass

    def dial(self, network, address, timeout=None):
        "Connects through the kernel and returns the connection. The network is \"tcp\", \"tcp4\", \"tcp6\", \"udp\", \"udp4\", \"udp6\" or \"unix\", the address \"10.0.0.2:80\", \"[2001:db8::2]:80\" or a path. Waits for 5s if no timeout is given."
        pass

    def listen(self, network, address):
        "Listens in the kernel for streams and returns the listener. Port 0 is any free one."
        pass

    def listen_packet(self, network, address):
        "Opens a socket for packets. The network is \"udp\", \"udp4\", \"udp6\" or \"unixgram\", or of raw packets \"ip4:icmp\", \"ip6:58\" and the like. Port 0 is any free one."
        pass

    def access(self, path, mode=None):
        "Fails unless the kernel's process may do with a file what the mode says, letters of \"rwx\"; without one unless the file is there."
        pass

    def chflags(self, path, flags, follow=None):
        "Sets the flags of a file, a list such as [\"uchg\", \"nodump\"]; with follow = False those of a symbolic link itself."
        pass

    def chmod(self, path, mode, follow=None):
        "Sets the permissions of a file: k.chmod(\"/f\", 0o640); with follow = False those of a symbolic link itself."
        pass

    def chown(self, path, uid, gid, follow=None):
        "Sets the owner and the group of a file, ints; -1 leaves one as it is. With follow = False those of a symbolic link itself."
        pass

    def copy_in(self, host_path, path):
        "Copies a file of the host, or a folder with all that is in it, to a path in the kernel: folders, regular files and symbolic links, with their permissions. A file that is there already is an error."
        pass

    def copy_out(self, path, host_path):
        "Copies a file of the kernel, or a folder with all that is in it, to a path of the host. A file that is there already is an error."
        pass

    def exists(self, path):
        "Whether there is a file of that name, a dangling symbolic link included."
        pass

    def link(self, path, link):
        "Makes a hard link."
        pass

    def listdir(self, path):
        "Returns the names in a folder, a sorted list of strings."
        pass

    def lstat(self, path):
        "As stat, but does not follow a symbolic link."
        pass

    def mkdir(self, path, mode=None, parents=None):
        "Makes a folder; with parents = True those above it too, and it may be there already. The mode is 0o755 if not given."
        pass

    def mkfifo(self, path, mode=None):
        "Makes a named pipe, with mode 0o644 if not given."
        pass

    def mknod(self, path, type, major, minor, mode=None):
        "Makes a device node; the type is \"c\" or \"b\", the mode 0o644 if not given."
        pass

    def open(self, path, mode=None, permissions=None, flags=None):
        "Opens a file and returns it. The mode is \"r\", which is also the default, \"w\" (made or emptied), \"a\" (made, written at its end) or \"x\" (made, and must not be there), or one of them with a + to read and write. A file that is made has the permissions 0o644 if not given. The flags are more of open(2)'s, a list such as [\"sync\", \"nofollow\"]."
        pass

    def pathconf(self, path, name):
        "Returns a limit or property of a file, an int, or None for no limit: k.pathconf(\"/\", \"NAME_MAX\")."
        pass

    def pipe(self):
        "Makes a pipe and returns its two ends, files: r, w = k.pipe()."
        pass

    def read_bytes(self, path):
        "Returns what is in a file, bytes."
        pass

    def read_file(self, path):
        "Returns what is in a file, a string."
        pass

    def readlink(self, path):
        "Returns what a symbolic link points to."
        pass

    def realpath(self, path):
        "Returns the absolute path of a file, without symbolic links, \".\" and \"..\"."
        pass

    def remove(self, path):
        "Removes a file or an empty folder."
        pass

    def remove_all(self, path):
        "Removes a file, or a folder with all that is in it. What is not there is no error."
        pass

    def rename(self, old, new):
        "Renames a file."
        pass

    def revoke(self, path):
        "Takes a device away from everybody who has it open."
        pass

    def stat(self, path):
        "Returns a struct that describes a file: type (\"file\", \"dir\", \"link\", \"char\", \"block\", \"fifo\", \"socket\"), mode, size and blksize in bytes, blocks of 512 bytes, uid, gid, nlink, ino, dev and rdev (each a tuple of major and minor number), flags, a list such as [\"uchg\"], gen, and the times atime, mtime, ctime and birthtime (seconds since 1970, floats)."
        pass

    def symlink(self, target, path):
        "Makes a symbolic link at path."
        pass

    def sync(self):
        "Writes all file systems to their disks."
        pass

    def truncate(self, path, size):
        "Cuts or extends a file to a size in bytes."
        pass

    def undelete(self, path):
        "Removes a whiteout, which a union leaves where a file was removed."
        pass

    def utimes(self, path, atime=None, mtime=None, follow=None):
        "Sets the times of last access and modification: seconds since 1970, a value of module time, or \"now\". One that is not given stays. With follow = False those of a symbolic link itself."
        pass

    def write_file(self, path, data, mode=None):
        "Writes a file, made with the mode 0o644 if not given, or emptied. The data is a string or bytes."
        pass

    def mount(self, type, path, device=None, size=None, target=None, options=None, nodes=None, uid=None, gid=None, mode=None, dir_mode=None, gmtoff=None, below=None, args=None):
        "Mounts a file system. The type's own arguments: device for ffs, ext2fs, msdos and cd9660; size in bytes, nodes, uid, gid and mode for tmpfs; uid, gid, mode, dir_mode and gmtoff, the seconds by which its times are ahead of UTC, for msdos; gid and mode for ptyfs; target, a folder, for null, overlay and union, where with below = True it goes below the other; for any other type args, the bytes of its argument struct. The options are those of mount(8), a list such as [\"rdonly\", \"noatime\"]; with \"update\" a file system that is mounted gets others."
        pass

    def mounts(self):
        "Returns what is mounted, a list of structs as statvfs returns them."
        pass

    def statvfs(self, path):
        "Returns a struct that describes the file system which a path is on: type, path, source; size, free and avail (to others than root) in bytes; block_size, fragment and io_size; files, ffree and favail; name_max; flags, a list such as [\"read-only\", \"local\"]; owner, a uid; sync_reads, sync_writes, async_reads and async_writes since it was mounted."
        pass

    def unmount(self, path, force=None):
        "Unmounts what is mounted at a path; with force = True even if it is in use."
        pass

    def disklabel(self, path):
        "Returns the label of a disk, a struct: type, typename, packname, secsize in bytes, nsectors (of a track), ntracks (of a cylinder), ncylinders, rpm, size in bytes, and partitions, a list of structs of letter, offset and size in bytes, fstype. Partitions of no size are left out."
        pass

    def newfs(self, path, version=None, size=None, block=None, fragment=None, density=None, minfree=None, optimize=None):
        "Makes a fast file system on a raw device or in a file: of version 1, which is also the default, or 2; of a size in bytes, all there is if not given; with blocks and fragments of so many bytes, an inode for each density bytes, minfree percent kept free, and optimized for \"time\" or \"space\". It is newfs(8), whose defaults these are, and does not mind what the disk's label says."
        pass

    def newfs_msdos(self, path, bits=None, size=None, cluster=None, label=None, floppy=None):
        "Makes a FAT file system on a raw device, or in a file, which is made if it has a size: FAT12, FAT16 or FAT32 by the bits; of a size in bytes; with clusters of so many sectors; named label; or a standard floppy such as \"1440\". It is newfs_msdos(8)."
        pass

    def vnd(self, name):
        "Returns the vnd of a name, such as \"vnd0\", a disk that can be made of a file."
        pass

    def vnds(self):
        "Returns a list of the vnds that are made of a file."
        pass

    def load_module(self, name, force=None):
        "Loads a module; with force = True even one that was made for another kernel."
        pass

    def modules(self):
        "Returns the kernel's modules, a list of structs: name, kind (\"misc\", \"vfs\", \"driver\", \"exec\", \"secmodel\"), source (\"builtin\", \"boot\", \"filesys\"), refs, size in bytes, requires, a list of names."
        pass

    def modules_loadable(self, auto=None):
        "Whether the kernel can load modules; with auto = True whether it does by itself when something needs them."
        pass

    def unload_module(self, name):
        "Unloads a module."
        pass

    def add_random(self, data, bits=None):
        "Mixes at most 512 bytes, a string or bytes, into the kernel's pool of randomness, counted as so many bits of it, none if not given."
        pass

    def random_pool(self):
        "Returns a struct that describes the kernel's pool of randomness, in bits: size in words, threshold, max, added, current, removed, discarded, generated."
        pass

    def random_sources(self):
        "Returns what the kernel takes randomness from, a list of structs: name, type (\"rng\", \"skew\", \"net\", ...), bits, collect and estimate (bools)."
        pass

    def set_random_source(self, name=None, type=None, collect=None, estimate=None):
        "Says of the sources of a name or of a type whether to collect randomness from them and whether to estimate how much it is, bools."
        pass

    def chdir(self, path):
        "Sets the working folder of the script's process in the kernel, from which its relative paths go. Utilities are processes of their own."
        pass

    def chroot(self, path):
        "Sets the root folder of the script's process in the kernel, for good: do so in a fork."
        pass

    def exit(self):
        "Ends the process of a fork."
        pass

    def fork(self):
        "Returns the same kernel as another process, which has a copy of this one's descriptors and its working folder. It ends with the script or test, or by exit."
        pass

    def getcwd(self):
        "Returns the working folder of the script's process in the kernel."
        pass

    def getpid(self):
        "Returns the number of the script's process in the kernel."
        pass

    def getuid(self):
        "Returns the user that the script's process belongs to in the kernel."
        pass

    def open_files(self):
        "Returns the open files of all the kernel's processes, a list of structs: pid, fd, type (\"file\", \"socket\", \"pipe\", \"kqueue\", \"misc\", \"crypto\", \"mqueue\", \"semaphore\"), offset and size in bytes."
        pass

    def umask(self, mask):
        "Sets the permissions that new files of the script's process do not get, and returns those that they did not get before."
        pass

    def kdump(self, path):
        "Returns the records of a trace that ktrace has written, a list of structs as trace returns them."
        pass

    def ktrace(self, path, pid=None, events=None, descend=None, inherit=None):
        "Begins to write what a process does, this one if no pid is given, or with a negative pid those of a group, to a file that is there. The events are those of trace; descend adds its children, inherit those to come."
        pass

    def ktrace_stop(self, pid=None, descend=None):
        "Ends the traces of a process, this one's if no pid is given."
        pass

    def trace(self, function, events=None):
        "Calls the function and returns what the script's process has done in the kernel meanwhile, a list of structs with kind, pid, lwp, command and time (seconds since 1970, a float), and by kind: \"call\" has name and args, ints; \"return\" name, value and error, an errno's name or None; \"path\" path; \"io\" fd, write, a bool, and data; \"signal\" signal; all others data, bytes. The events are of \"call\" (which is \"return\" too), \"path\", \"io\", \"signal\", \"emulation\", \"user\", \"switch\", \"arg\", \"env\", \"fd\" and \"mib\": the first six if not given."
        pass

    def calls(self, call=None):
        "Returns a list of the last 1000 system calls that were made of a fake kernel, or of those of one name or number: structs with name, number, args (a list of ints), ret (the first value returned), errno (a name, or None), pid, program and time."
        pass

    def sent(self, match=None):
        "Returns a list of the last Ethernet frames that a fake kernel has sent, of 1000 packets on all its interfaces, as packets; of those that match, if a filter or a function is given."
        pass

class interface:
    name = None
    "The interface's name, a string."
    addrs = None
    "Its IPv4 and IPv6 addresses with their prefix lengths, a list of addresses."
    capabilities = None
    "What its hardware can do, a struct of two lists of strings: have and enabled."
    flags = None
    "Its flags, a list of strings: [\"UP\", \"BROADCAST\"]."
    index = None
    "Its number, an int."
    link_state = None
    "Whether its link is there, a string: \"up\", \"down\" or \"unknown\"."
    linkstr = None
    "What it is attached to, a string: for a shmif the path of its bus. None if to nothing."
    lladdr = None
    "Its link address, a string such as \"b2:a0:df:66:ec:87\"; empty if it has none."
    metric = None
    "Its metric, an int."
    mtu = None
    "Its greatest packet in bytes, an int."
    up = None
    "Whether it is up, a bool."

    def destroy(self):
        "Destroys the interface."
        pass

    def set_down(self):
        "Takes the interface down."
        pass

    def set_up(self):
        "Brings the interface up."
        pass

    def state(self, address):
        "Returns the state of one of its addresses, a list of words as ifconfig has them: \"tentative\" while it is being checked that nobody else has it, \"duplicated\" if somebody has, \"detached\", \"deprecated\", \"autoconf\"."
        pass

    def wait(self, timeout=None):
        "Waits until none of its addresses is tentative, as ifconfig -w does; 10s if no timeout is given."
        pass

    def add(self, address, peer=None, broadcast=None, anycast=None, preferred=None, valid=None):
        "Adds an address, IPv4 or IPv6, given with its prefix length: \"10.0.0.1/24\". The peer is the other end of a point-to-point link. An IPv6 address may be an anycast one, and have lifetimes, of which none is for ever."
        pass

    def addresses(self):
        "Returns the IPv4 and IPv6 addresses with all that the kernel tells of them, a list of structs: addr, broadcast and peer (None if there is none), flags (a list of strings: [\"tentative\"]), preferred and valid (seconds from now, None if for ever)."
        pass

    def groups(self, family=None):
        "Returns the multicast groups that addresses of the interface are members of, of the family \"inet\" or \"inet6\", or both: a list of structs: group, addr and references. NetBSD 7.99.34 tells none of IPv4; see link_groups."
        pass

    def link_groups(self):
        "Returns the multicast link addresses that the interface listens to, a list of structs: first and last, of a range, and references."
        pass

    def preference(self, address, value=None):
        "Returns how much an address of the interface is preferred as the source of packets, an int; if a value is given it is set first."
        pass

    def remove(self, address):
        "Takes an address away."
        pass

    def add_lladdr(self, lladdr, active=None):
        "Adds a link address, and uses it if active is True."
        pass

    def attach(self, linkstr):
        "Attaches the interface: a shmif to a bus, or to the bus at a path."
        pass

    def detach(self):
        "Takes the link string away: a shmif is on no bus then."
        pass

    def remove_lladdr(self, lladdr):
        "Takes a link address away that is not in use."
        pass

    def set_capabilities(self, names):
        "Enables these capabilities of the hardware, and no others."
        pass

    def set_flag(self, name, on=None):
        "Sets a flag, such as \"LINK0\" or \"DEBUG\", or clears it if on is False."
        pass

    def set_metric(self, metric):
        "Sets the metric."
        pass

    def set_mtu(self, mtu):
        "Sets the greatest packet, in bytes."
        pass

    def stats(self, clear=None):
        "Returns the counters, a struct of ints: packets_in, packets_out, bytes_in, bytes_out, errors_in, errors_out, multicasts_in, multicasts_out, collisions, drops and unknown_protocol. With clear = True they begin at 0 again."
        pass

    def media(self, name=None, options=None, mode=None, instance=None):
        "Selects what is given of the media, such as \"10baseT\" with the options [\"full-duplex\"], and returns what the interface is connected to, a struct: type (\"Ethernet\"), current and active, structs of name, options, mode (None if there is none) and instance; supported, a list of such; and connected (None if the interface does not know). An interface without media gives an error."
        pass

    def add_port(self, interface):
        "Makes another interface a port of an agr."
        pass

    def carp(self, vhid=None, device=None, advbase=None, advskew=None, password=None):
        "Sets what is given of a carp interface and returns what it is, a struct: vhid, device, advbase, advskew and state (\"INIT\", \"BACKUP\" or \"MASTER\")."
        pass

    def delete_tunnel(self):
        "Takes the outer addresses of a tunnel away."
        pass

    def delete_vlan(self):
        "Takes a vlan away from its parent."
        pass

    def ports(self):
        "Returns the names of the ports of an agr, a list of structs: name, and flags (a list of strings: \"COLLECTING\", \"DISTRIBUTING\")."
        pass

    def remove_port(self, interface):
        "Takes a port away from an agr."
        pass

    def set_tunnel(self, source, destination):
        "Sets the outer addresses of a tunnel, such as a gif."
        pass

    def set_vlan(self, id, parent):
        "Makes a vlan the one of that id on its parent."
        pass

    def tunnel(self):
        "Returns the outer addresses of a tunnel, a struct: source and destination; None if it has none."
        pass

    def vlan(self):
        "Returns what a vlan is, a struct: id and parent; None if it has no parent."
        pass

    def ppp_auth(self, mine=None, name=None, secret=None, his=None, his_name=None, his_secret=None):
        "Sets how the ends of a PPP link prove who they are, if anything is given, and returns it, a struct: mine and his (\"pap\", \"chap\" or None), name and his_name. Names and secrets that are not given are forgotten."
        pass

    def pppoe(self, interface=None, concentrator=None, service=None):
        "Sets what is given of a pppoe interface: the Ethernet interface that it uses, and the names of the access concentrator and the service that it asks for. Returns what it does, a struct: interface (None for none), state (\"initial\", \"PADI sent\", \"PADR sent\", \"session\" or \"closing\"), phase (\"dead\", \"establish\", \"terminate\", \"authenticate\" or \"network\"), session, padi_retries and padr_retries."
        pass

    def add_member(self, interface):
        "Makes another interface a member of the bridge."
        pass

    def bridge(self, max_addresses=None, timeout=None):
        "Sets what is given of the bridge and returns what it goes by, a struct: max_addresses, how many it may learn, and timeout, after how many seconds it forgets them, 0 for never."
        pass

    def bridge_add(self, lladdr, interface):
        "Tells the bridge for ever behind which member a link address is."
        pass

    def bridge_delete(self, lladdr):
        "Makes the bridge forget a link address."
        pass

    def bridge_flush(self, static=None):
        "Makes the bridge forget the link addresses that it has learnt; with static = True all."
        pass

    def bridge_table(self):
        "Returns the link addresses that the bridge knows, a list of structs: lladdr, interface, static, and expires (seconds from now)."
        pass

    def members(self):
        "Returns the members of the bridge, a list of structs: name, learning, discover, priority and cost."
        pass

    def remove_member(self, interface):
        "Takes a member out of the bridge."
        pass

    def set_member(self, interface, learning=None, discover=None):
        "Says whether the bridge learns link addresses from a member, and whether it sends packets for unknown ones there."
        pass

class connection:
    local = None
    "The connection's own address, a string such as \"10.0.0.1:49153\"."
    remote = None
    "The peer's address."

    def close(self):
        "Closes the connection."
        pass

    def close_write(self):
        "Ends what this side sends; what the peer sends can still be read."
        pass

    def option(self, name, value=None):
        "Returns a socket option, an int; with a value, an int or a bool, it is set. The options are SO_BROADCAST, SO_DEBUG, SO_DONTROUTE, SO_ERROR, SO_KEEPALIVE, SO_OOBINLINE, SO_RCVBUF, SO_RCVLOWAT, SO_REUSEADDR, SO_REUSEPORT, SO_SNDBUF, SO_SNDLOWAT, SO_TIMESTAMP, SO_TYPE, SO_USELOOPBACK, IP_HDRINCL, IP_MINTTL, IP_MULTICAST_LOOP, IP_MULTICAST_TTL, IP_PORTRANGE, IP_RECVTTL, IP_TOS, IP_TTL, IPV6_CHECKSUM, IPV6_DONTFRAG, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP, IPV6_TCLASS, IPV6_UNICAST_HOPS, IPV6_USE_MIN_MTU, IPV6_V6ONLY, TCP_KEEPCNT, TCP_KEEPIDLE, TCP_KEEPINIT, TCP_KEEPINTVL, TCP_MAXSEG, TCP_NODELAY."
        pass

    def read(self, size=None, timeout=None):
        "Returns what comes next, bytes, at most so many; empty at the end. Waits for 5s if no timeout is given."
        pass

    def read_all(self, timeout=None):
        "Returns everything up to the end of what the peer sends, bytes."
        pass

    def read_exactly(self, size, timeout=None):
        "Returns so many bytes."
        pass

    def write(self, data, timeout=None):
        "Sends a string or bytes."
        pass

class listener:
    addr = None
    "The address that is listened on, a string."

    def accept(self, timeout=None):
        "Waits for a connection, 5s if no timeout is given, and returns it."
        pass

    def close(self):
        "Listens no more."
        pass

class file:
    fd = None
    "The file's descriptor, an int."
    name = None
    "The name that the file was opened with."

    def chdir(self):
        "Makes the folder the working folder of the kernel's process."
        pass

    def chflags(self, flags):
        "Sets the file's flags, a list such as [\"uchg\", \"nodump\"]."
        pass

    def chmod(self, mode):
        "Sets the file's permissions."
        pass

    def chown(self, uid, gid):
        "Sets the file's owner and group, ints; -1 leaves one as it is."
        pass

    def close(self):
        "Closes the file."
        pass

    def disklabel(self):
        "Returns the label of the disk, as kernel.disklabel does."
        pass

    def dup(self):
        "Returns another descriptor of the same open file, with which it shares the offset."
        pass

    def fcntl(self, command, arg=None):
        "Does what fcntl(2) does with a number, and returns an int: file.fcntl(\"F_GETFL\")."
        pass

    def flock(self, how, wait=None):
        "Locks the whole file, \"shared\" or \"exclusive\", or unlocks it, \"unlock\": flock(2). With wait = False it fails with EAGAIN if another has it locked."
        pass

    def ioctl(self, request, data=None):
        "Makes a request of a device: ioctl(2). The request is a name, such as \"DIOCGDINFO\", or a number; the data, bytes or a string, are filled with zeros up to what the request takes. Returns the data as the kernel has left them, bytes."
        pass

    def listdir(self):
        "Returns the names in the folder that have not been returned yet, a list in the kernel's order."
        pass

    def lock(self, type=None, start=None, length=None, wait=None):
        "Locks a part of the file for this process: \"write\", which is also the default, or \"read\", from start, 0 if not given, over a length in bytes, 0 for all up to the end. With wait = False it fails with EAGAIN if another process has some of it locked."
        pass

    def locked(self, type=None, start=None, length=None):
        "Returns the lock of another process that keeps lock() from locking, a struct of type, start, length and pid, or None."
        pass

    def pathconf(self, name):
        "Returns a limit of the file, as kernel.pathconf does."
        pass

    def pread(self, size, offset):
        "Returns at most so many bytes from an offset on, and leaves the file's own offset alone."
        pass

    def pwrite(self, data, offset):
        "Writes a string or bytes at an offset, and leaves the file's own offset alone. Returns how much that was."
        pass

    def read(self, size=None):
        "Returns at most so many bytes, by one read(2), or everything up to the end if no size is given. Empty at the end."
        pass

    def readv(self, *sizes):
        "Reads into several buffers of the given sizes by one readv(2), and returns what is in each, a list of bytes."
        pass

    def seek(self, offset, whence=None):
        "Sets the offset of the next read or write, counted from \"start\", which is also the default, \"current\" or \"end\", and returns it."
        pass

    def stat(self):
        "Returns a struct that describes the file, as kernel.stat does."
        pass

    def statvfs(self):
        "Returns a struct that describes the file system which the file is on, as kernel.statvfs does."
        pass

    def sync(self, data_only=None):
        "Writes the file to its disk; with data_only = True only what is in it."
        pass

    def truncate(self, size):
        "Cuts or extends the file to a size in bytes."
        pass

    def unlock(self, start=None, length=None):
        "Gives up this process's locks of a part of the file, all of it if not given."
        pass

    def utimes(self, atime=None, mtime=None):
        "Sets the times of last access and modification, as kernel.utimes does."
        pass

    def write(self, data):
        "Writes a string or bytes, all of it, and returns how much that was."
        pass

    def writev(self, *data):
        "Writes several strings or bytes by one writev(2), and returns how much that was."
        pass

class vnd:
    block = None
    "The path of its block device, the whole disk, to be mounted: \"/dev/vnd0d\"."
    configured = None
    "Whether it is made of a file, a bool."
    dev = None
    "The device that its file is on, a tuple of major and minor number, or None."
    ino = None
    "The number of its file, as in stat's ino, or None."
    name = None
    "Its name, such as \"vnd0\"."
    raw = None
    "The path of its raw device, the whole disk: \"/dev/rvnd0d\"."

    def configure(self, path, readonly=None, geometry=None):
        "Makes it a disk of a file of the kernel and returns its size in bytes. A geometry is a tuple: the bytes of a sector, the sectors of a track, the tracks of a cylinder, the cylinders."
        pass

    def disklabel(self):
        "Returns its label, as kernel.disklabel does."
        pass

    def unconfigure(self, force=None):
        "Frees it from its file; with force = True even if it is in use."
        pass

class socket:
    local = None
    "The socket's own address, a string such as \"10.0.0.1:53\"."

    def close(self):
        "Closes the socket."
        pass

    def join(self, group, interface=None):
        "Becomes a member of a multicast group, on an interface or the one that the routes say."
        pass

    def leave(self, group, interface=None):
        "Ends a membership."
        pass

    def option(self, name, value=None):
        "Returns a socket option, an int; with a value, an int or a bool, it is set. The options are SO_BROADCAST, SO_DEBUG, SO_DONTROUTE, SO_ERROR, SO_KEEPALIVE, SO_OOBINLINE, SO_RCVBUF, SO_RCVLOWAT, SO_REUSEADDR, SO_REUSEPORT, SO_SNDBUF, SO_SNDLOWAT, SO_TIMESTAMP, SO_TYPE, SO_USELOOPBACK, IP_HDRINCL, IP_MINTTL, IP_MULTICAST_LOOP, IP_MULTICAST_TTL, IP_PORTRANGE, IP_RECVTTL, IP_TOS, IP_TTL, IPV6_CHECKSUM, IPV6_DONTFRAG, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP, IPV6_TCLASS, IPV6_UNICAST_HOPS, IPV6_USE_MIN_MTU, IPV6_V6ONLY, TCP_KEEPCNT, TCP_KEEPIDLE, TCP_KEEPINIT, TCP_KEEPINTVL, TCP_MAXSEG, TCP_NODELAY."
        pass

    def receive(self, size=None, timeout=None):
        "Waits for a packet, 5s if no timeout is given, and returns a struct: data (bytes, at most so many) and addr (a string)."
        pass

    def send(self, data, address, timeout=None):
        "Sends a string or bytes to an address, such as \"10.0.0.2:53\"; of a raw socket it is without a port."
        pass

class monitor:

    def close(self):
        "Closes the monitor."
        pass

    def next(self, timeout=None):
        "Waits for what happens next, 5s if no timeout is given, and returns it, a struct: type, interface, destination, gateway and addr, each None where there is none. The type is \"add\", \"delete\", \"change\", \"redirect\" or \"miss\" of a route, \"newaddr\", \"deladdr\" or \"chgaddr\" of an address, \"ifinfo\", \"arrival\" or \"departure\" of an interface, or the number of another message."
        pass

class result:
    status = None
    "The utility's exit status, an int."
    stdout = None
    "What the utility printed on standard output, a string."
    stderr = None
    "What the utility printed on standard error, a string."

class task:

    def cancel(self):
        "Ends the task: what it waits for fails."
        pass

    def done(self):
        "Whether the task has ended."
        pass

    def result(self):
        "Waits for the task and returns what its function returned, or fails as it failed."
        pass

    def wait(self, timeout=None):
        "Waits for the task, at most the given time. Returns whether it has ended."
        pass

class clock:
    now = None
    "What the clock shows, a value of Starlark's time module."
    next = None
    "How long it is until the next thing is due that waits for the clock, a duration of Starlark's time module, or None if nothing is."

    def advance(self, duration):
        "Moves the clock: advance(\"20m\"). All that is due on the way happens, in order, before it returns; what kernels then tell each other over a bus may take a moment longer."
        pass

class faults:

    def call(self, call, errno=None, delay=None, panic=None, halt=None, skip=None, count=None):
        "Makes a system call fail, given by its name, its number or \"any\": call(\"mkdir\", \"ENOSPC\"). After delay, on the kernel's clock, it fails with the errno, the kernel panics with a message, or it halts. skip calls pass first, and count are hit, 1 if not given and None for all."
        pass

    def connection(self, connection=None, frame=None, after=None, cut=None, drop=None, delay=None):
        "Damages what the kernel sends on a connection, 1 for the next that is made, as by run, or each if not given: after so many bytes, counted from the beginning of a frame if frame is given (from 1 on), it is cut, what follows is dropped, or delayed on the kernel's clock."
        pass

    def limit(self, descriptors=None, files=None, memory=None, space=None, mbufs=None):
        "Limits what the kernel has of what can run out: descriptors of a process (EMFILE), open files of all (ENFILE), bytes of memory (ENOMEM, or ENOSPC from a file system), bytes of files (ENOSPC), clusters of 2 KiB in sockets (ENOBUFS). None lifts a limit; those that are not given stay."
        pass

    def clear(self):
        "Lets nothing go wrong any more, and lifts all limits."
        pass

    def panic(self, message=None):
        "Makes the kernel panic now: all connections end."
        pass

    def halt(self):
        "Makes the kernel halt now."
        pass

class t:
    name = None
    "The test's name, a string; a subtest's has its parent's before it: \"test_x/sub\"."
    target = None
    "What the run's kernels are, as --target has it: \"fake\", \"process\", a URL."

    def artifact(self, name, data):
        "Keeps data, a string or bytes, in a file of that name in the test's folder of artifacts, if rumpscript test has one (--artifacts)."
        pass

    def cleanup(self, function):
        "Calls the function when the test has ended, however it has. The last registered is called first."
        pass

    def expect_failure(self, reason):
        "Says that this test must fail, and why: failing is then passing, and passing is a failure."
        pass

    def log(self, *values):
        "Adds a line to the test's log, which is shown if the test fails, or with -v."
        pass

    def requires(self, *features):
        "Skips the test unless the target has the features: \"inet6\", \"vfs\", \"shmif\", \"local\", or the name of a component such as \"rumpfs_tmpfs\"."
        pass

    def run(self, name, function):
        "Runs the function as a subtest, with a t of its own, and returns whether it passed. A failure fails this test too, but does not end it."
        pass

    def skip(self, reason):
        "Ends the test as skipped."
        pass

    def tempdir(self):
        "Returns the path of a folder on the host that is gone when the test has ended."
        pass

    def timeout(self, duration):
        "Fails the test if it lasts longer from now on."
        pass

class bus:
    name = None
    "The bus's name, as given to bus()."
    path = None
    "The path of its file, as interface.attach takes it."
    seed = None
    "The number from which everything random on the bus comes: bus(name, seed = ...) with it decides the same again. None while the bus has no conditions."

    def conditions(self, delay=None, jitter=None, loss=None, duplicate=None, reorder=None, corrupt=None, rate=None, queue=None, down=None, partition=None):
        "Sets what happens to frames between the stations of the bus, from now on; what is not given does not happen. The bus must have been given conditions, if only bus(name, delay = 0), or none of its stations, before. delay, and up to jitter more, is how long a frame is under way; loss, duplicate, reorder and corrupt, which turns one bit behind the Ethernet header, are probabilities from 0 to 1; rate is in bits a second, an int or \"10M\", with a queue of so many bytes before it; down carries nothing; partition is a list of groups, each a list of kernels and hosts or their names: frames pass within a group only, and among those in none."
        pass

    def host(self, address, name=None, mac=None, gateway=None):
        "Puts a host on the bus that is no kernel and returns it: it answers ARP, neighbour discovery and ping for its address, or list of addresses, given with their prefix lengths, and sends what it is told. Its name, by which captures know it, is its address if not given."
        pass

    def lose(self, match, count=None):
        "Loses the next frames that match, a filter or a function of a packet: so many, one if not given; None for all from now on. The bus needs conditions, as for bus.conditions."
        pass

    def mark(self):
        "Looks only at what comes from now on: bus.packets and bus.expect begin here. Returns a mark, which has the same methods and a place of its own."
        pass

    def replay(self, file, speed=None):
        "Sends the packets of a pcapng or pcap file, as fast as they were recorded, or so many times faster; 0 does not wait. Returns how many they were."
        pass

    def send(self, *frames):
        "Sends frames as they are: layers, as in eth(dst = mac) / ip(src = a, dst = b) / udp(dst = 53) / \"x\", bytes, or packets that were received. Lengths, checksums and types are filled in where the layers do not say otherwise."
        pass

    def expect(self, match, within=None):
        "Waits for a packet that matches, a filter (pcap-filter's language) or a function of a packet, and returns it; 5s if not given how long. It begins where the last expect has found something, so that packets which are expected in turn must come in turn. On failure it shows those that came instead."
        pass

    def expect_none(self, match, within=None):
        "Fails if a packet matches that has come since the last expect, or comes within the given time, 1s if not given."
        pass

    def packets(self, match=None):
        "Returns a list of the packets that came since the mark, or the beginning; of those that match, if a filter or a function is given."
        pass

class mark:

    def expect(self, match, within=None):
        "Waits for a packet that matches, a filter (pcap-filter's language) or a function of a packet, and returns it; 5s if not given how long. It begins where the last expect has found something, so that packets which are expected in turn must come in turn. On failure it shows those that came instead."
        pass

    def expect_none(self, match, within=None):
        "Fails if a packet matches that has come since the last expect, or comes within the given time, 1s if not given."
        pass

    def packets(self, match=None):
        "Returns a list of the packets that came since the mark, or the beginning; of those that match, if a filter or a function is given."
        pass

class packet:
    eth = None
    "Its Ethernet header; None if it has none, as for the following."
    vlan = None
    "Its outermost 802.1Q tag."
    arp = None
    "Its ARP message."
    ip = None
    "Its IP header, of version 4 or 6, the outermost."
    icmp = None
    "Its ICMP header."
    icmp6 = None
    "Its ICMPv6 header."
    tcp = None
    "Its TCP header."
    udp = None
    "Its UDP header."
    igmp = None
    "Its IGMP message."
    stp = None
    "Its spanning tree message."
    carp = None
    "Its CARP advertisement."
    quoted = None
    "The packet that an ICMP error quotes, of which the end is usually missing; None if it quotes none."
    time = None
    "Seconds since the Unix epoch, as a float."
    sent = None
    "The sender's uptime in seconds, as a float."
    sender = None
    "The sender's name, empty if it is not known."
    sender_id = None
    "The sender's number on the bus."
    len = None
    "The frame's length."
    data = None
    "The frame."
    payload = None
    "What follows the last header."
    missed = None
    "The stations that it will not reach because of the segment's conditions: a list of names."
    lost = None
    "How many bytes of the bus were lost before it, that is overwritten before they were recorded, or not kept."
    bad = None
    "What is wrong with it: a list such as tcp checksum."
    eth.src = None
    "Source address."
    eth.dst = None
    "Destination address."
    eth.type = None
    "EtherType, or the length of an 802.3 frame."
    vlan.id = None
    "The outermost tag's VLAN."
    vlan.priority = None
    "The outermost tag's priority."
    arp.op = None
    "1 request, 2 reply."
    arp.sender_mac = None
    "Who says it: the Ethernet address."
    arp.sender_ip = None
    "Who says it: the IP address, an address."
    arp.target_mac = None
    "Whom it is about: the Ethernet address, zero in a request."
    arp.target_ip = None
    "Whom it is about: the IP address, an address."
    ip.version = None
    "4 or 6."
    ip.src = None
    "Source address, an address."
    ip.dst = None
    "Destination address, an address."
    ip.ttl = None
    "Time to live or hop limit."
    ip.proto = None
    "Protocol."
    ip.tos = None
    "Type of service or traffic class."
    ip.flow = None
    "IPv6 flow label."
    ip.id = None
    "Identification."
    ip.df = None
    "Do not fragment."
    ip.mf = None
    "More fragments."
    ip.offset = None
    "Fragment offset in bytes."
    ip.options = None
    "IPv4 options."
    icmp.type = None
    "8 echo request, 0 echo reply, 3 unreachable, 11 time exceeded."
    icmp.code = None
    "What the type leaves open: 3/4 is fragmentation needed."
    icmp.id = None
    "An echo's identifier."
    icmp.seq = None
    "An echo's sequence number."
    icmp.mtu = None
    "The MTU that fragmentation needed tells."
    icmp6.type = None
    "128 echo request, 129 echo reply, 2 packet too big, 135 neighbour solicitation."
    icmp6.code = None
    "What the type leaves open."
    icmp6.id = None
    "An echo's identifier."
    icmp6.seq = None
    "An echo's sequence number."
    icmp6.mtu = None
    "The MTU that packet too big tells."
    icmp6.target = None
    "The address that is asked for or told: of a neighbour solicitation or advertisement, or a redirect, an address."
    tcp.src = None
    "Source port."
    tcp.dst = None
    "Destination port."
    tcp.seq = None
    "Sequence number."
    tcp.ack = None
    "Acknowledgement number."
    tcp.flags = None
    "By name: SYN|ACK."
    tcp.window = None
    "As sent, not scaled."
    tcp.urgent = None
    "Urgent pointer."
    tcp.mss = None
    "The maximum segment size option, 0 if there is none."
    tcp.scale = None
    "Window scale, missing if there is none."
    tcp.sack_ok = None
    "Whether the SACK permitted option is there."
    udp.src = None
    "Source port."
    udp.dst = None
    "Destination port."
    igmp.type = None
    "0x11 query, 0x12, 0x16 and 0x22 report, 0x17 leave."
    igmp.group = None
    "The group that it is about, an address."
    stp.type = None
    "0 configuration, 0x80 topology change, 2 rapid."
    stp.root = None
    "The root bridge, as priority.address."
    stp.bridge = None
    "The bridge that says it, as priority.address."
    stp.cost = None
    "Cost of the path to the root."
    carp.vhid = None
    "Virtual host."
    carp.advbase = None
    "Seconds between advertisements."
    carp.advskew = None
    "How much later than that, in 1/256 s."

    def matches(self, filter):
        "Whether a filter (pcap-filter's language) matches the packet."
        pass

    def quote(self, size=None):
        "What an ICMP error quotes of the packet: the IP header and so many bytes of what follows, 8 if not given. icmp(type = 3, code = 4, mtu = 576) / p.quote()."
        pass

class host:
    addr = None
    "Its first address, with the prefix length."
    lladdr = None
    "Its Ethernet address, a string."
    name = None
    "Its name, by which captures know it."

    def close(self):
        "Takes the host off the bus."
        pass

    def connect(self, remote, timeout=None):
        "Opens a TCP connection to \"10.0.0.2:80\" and returns it as a peer, which a script plays segment by segment. Fails if it is refused, or takes longer than 5s or as given."
        pass

    def expect(self, match, within=None):
        "Waits for the next packet which others have sent that matches, as bus.expect does. It begins where the host came to the bus, and then where the last expect has found something."
        pass

    def expect_none(self, match, within=None):
        "Fails if a packet that matches comes to the host within the given time, 1s if not given."
        pass

    def listen(self, port):
        "Waits for TCP connections to a port from now on and returns a listener."
        pass

    def peer(self, remote, port=None):
        "Returns the end of a TCP connection to \"10.0.0.2:80\", from a port of its own if none is given. Nothing is sent yet."
        pass

    def ping(self, address, timeout=None, size=None):
        "Sends an echo request and waits for the reply, 5s if no timeout is given. Returns how long that took, in seconds."
        pass

    def quiet(self, arp=None, nd=None, ping=None):
        "Says which of ARP, neighbour discovery and ping the host does not answer from now on."
        pass

    def resolve(self, address, timeout=None):
        "Returns the Ethernet address to which packets for the IP address go."
        pass

    def send(self, address, layers):
        "Sends layers to an address: udp(src = 1, dst = 53) / \"x\", or with an ip() of their own in front. The Ethernet and IP headers are filled in."
        pass

class peer:
    ack = None
    "What its next acknowledgement says, counted from the other end's SYN. It can be set."
    irs = None
    "The other end's initial sequence number."
    iss = None
    "Its own initial sequence number."
    local = None
    "Its address and port, a string: \"10.0.0.9:49152\"."
    mss = None
    "The maximum segment size that its SYN announces. It can be set."
    remote = None
    "The other end's address and port, a string."
    seq = None
    "The sequence number of the next byte it sends, counted from its SYN. It can be set."
    window = None
    "The window that its segments announce. It can be set."

    def close(self):
        "Forgets the connection. The other end is not told: send a FIN or RST for that."
        pass

    def connect(self, timeout=None):
        "Does the handshake of the end that begins."
        pass

    def expect(self, match=None, within=None, flags=None, seq=None, ack=None, payload=None, length=None):
        "Waits for a segment of the other end, passing over others of the connection, and returns it as a packet. All that is given must hold: a filter or function, the flags (without PSH, if that is not among them), seq and ack as the connection counts them, the payload, or its length. 5s if not given how long."
        pass

    def expect_next(self, match=None, within=None, flags=None, seq=None, ack=None, payload=None, length=None):
        "Waits as peer.expect does, and fails if the very next segment of the other end is another."
        pass

    def read(self, size, timeout=None):
        "Returns the next bytes of the other end's stream, so many, or fewer at its end, and acknowledges each segment."
        pass

    def relative(self, packet):
        "Returns a packet's seq and ack as the connection counts them."
        pass

    def send(self, flags=None, payload=None, seq=None, ack=None, window=None, ttl=None, urgent=None, mss=None, scale=None, sack_ok=None, timestamp=None, options=None, checksum=None):
        "Sends a segment: \"ACK\", or \"PSH|ACK\" with a payload, if no flags are given. What is not given is as the connection has it. A segment with a seq of its own is sent out of turn: what follows continues where it did."
        pass

class peer_listener:
    port = None
    "The port it listens on, an int."

    def accept(self, timeout=None):
        "Waits for a connection, does the handshake of the end that listens and returns the peer."
        pass

    def accept_syn(self, timeout=None):
        "Waits for a SYN, which is not answered, and returns the peer."
        pass

    def close(self):
        "Ends the listener."
        pass

class address:
    ip = None
    "The address without its prefix length."
    bits = None
    "The length of the prefix, an int; None if there is none."
    network = None
    "The prefix: 10.0.0.0/24 of 10.0.0.1/24."
    version = None
    "4 or 6."
    zone = None
    "Of an IPv6 link-local address the interface that it is on: \"shmif0\"; None if there is none."

    def contains(self, address):
        "Whether the prefix holds another address, or another prefix as a whole."
        pass

    def host(self, number):
        "The host of that number in the prefix, with its length: addr(\"10.0.0.0/24\").host(7) is 10.0.0.7/24."
        pass

    def with_port(self, port):
        "The address and a port, a string as dial and listen take it: \"10.0.0.1:80\", \"[2001:db8::1]:80\"."
        pass

    def with_zone(self, zone):
        "The address on an interface: addr(\"fe80::1\").with_zone(\"shmif0\") is fe80::1%shmif0."
        pass
