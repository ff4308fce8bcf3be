// Package harness starts rump kernels, waits until they answer, hands out
// connections to them and takes them down again, however the program ends.
//
// What kind of kernel it starts is the target, a word which means the same on
// the command line, in scripts and in Go tests:
//
//	fake            a fake kernel inside the process
//	process         a rump_server process
//	container[:IMAGE]
//	                a container of a Docker engine (see docs/image-contract.md)
//	rumprun:IMAGE   a Rumprun unikernel under QEMU, or as a launcher has it
//	unix://... tcp://...
//	                an existing server, which is never stopped
//
// [Start] starts one:
//
//	in, err := harness.Start(ctx, harness.Config{Target: harness.Target{Kind: harness.KindProcess}})
//	if err != nil { ... }
//	defer in.Stop(ctx)
//	in.Kernel.CreateInterface(ctx, "shmif0")
//
// and [StartT] starts one for a Go test, which need not stop it, and which skips
// where the target cannot be had:
//
//	func TestForwarding(t *testing.T) {
//		k := harness.StartT(t, harness.Config{}).Kernel
//
// A [Topology] says as data which kernels there are, how they are wired and what
// addresses they have, and starts them all at once.
//
// A Config that does not name a target means $RUMPSCRIPT_TARGET, and so the same
// go test runs on each kind of kernel. Most other fields have a variable too; see
// [Variables].
//
// # How kernels end
//
// Instance.Stop halts the kernel by reboot(2), then sends it a signal, then
// kills it. On Linux the system kills the processes that were started when their
// parent dies, however it dies. What is left then, folders and containers, bears
// a mark of the run that it belongs to: a folder which the run held locked.
// [Leftovers] finds what belongs to runs that are dead, and only that.
package harness
