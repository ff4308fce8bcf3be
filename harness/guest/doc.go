// Package guest makes what passes for a Rumprun unikernel where none can be
// built: a Linux kernel and an initramfs whose init serves a fake rump kernel,
// on a serial console and a network as a unikernel's. It is how the rumprun
// target is tested from nothing but a distribution's packages.
//
//	dpkg-deb --fsys-tarfile linux-image-*.deb | go run ./harness/guest/mkguest -o FOLDER
//	RUMPSCRIPT_TEST_UNIKERNEL=FOLDER/guest go test -run Rumprun ./harness
package guest
