module github.com/rumpkernel/rumpscript

go 1.26
