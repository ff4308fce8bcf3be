// Package harness starts rump kernels, waits until they answer, hands out
// connections to them and takes them down again.
//
// What kind of kernel it starts is the target, a word which means the same on
// the command line, in scripts and in Go tests:
//
//	fake            a fake kernel inside the process
//	process         a rump_server process
//	unix://... tcp://...
//	                an existing server, which is never stopped
//
// [Start] starts one:
//
//	in, err := harness.Start(ctx, harness.Config{Target: "fake"})
//	if err != nil { ... }
//	defer in.Stop(ctx)
//	in.Kernel.CreateInterface(ctx, "shmif0")
//
// A target that cannot be had on this machine is a *[MissingError], which says
// what is missing and how to get it.
package harness
