// Package image packs programs and the shared libraries which they need into
// images for container engines, from nothing but files of this machine: without
// an engine, without a network, and to the same bytes each time.
//
//	im, err := image.Server("/usr/local")
//	if err != nil { ... }
//	err = im.WriteArchive(w)
//
// The archive is at once what docker load takes and an OCI layout. What the
// images promise to package harness is in docs/image-contract.md.
package image
