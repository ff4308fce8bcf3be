package image

// What an image and the harness agree upon; docs/image-contract.md says it in
// words.
const (
	LabelContract = "org.rumpkernel.rumpscript.contract" // of an image: the contract that it follows
	LabelPort     = "org.rumpkernel.rumpscript.port"     // of an image: the TCP port that it prefers

	ContractServer = "server-1" // the image serves a rump kernel
	ContractQEMU   = "qemu-1"   // the image has a QEMU

	SocketDir = "/run/rumpscript" // where the folder for the kernel's socket is mounted
	BusDir    = "/bus"            // where the folder of the buses is mounted
	DiskDir   = "/disk"           // below which the files of disks are mounted, by their numbers
	KernelDir = "/image"          // where a QEMU's kernel is mounted

	DefaultPort = 12345 // of an image that prefers none
)
