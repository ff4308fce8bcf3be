package rumpctrl

// utilities returns the table of all utilities, in order of their names.
func utilities() []Utility {
	return []Utility{
		{"cat", "concatenate and print files", manual("cat"), runCat},
		{"chgrp", "change group", manual("chgrp"), runChgrp},
		{"chmod", "change file modes", manual("chmod"), runChmod},
		{"chown", "change file owner and group", manual("chown"), runChown},
		{"cp", "copy files", manual("cp"), runCp},
		{"dd", "convert and copy a file", manual("dd"), runDd},
		{"ifconfig", "configure network interface parameters", manual("ifconfig"), runIfconfig},
		{"ln", "make links", manual("ln"), runLn},
		{"ls", "list directory contents", manual("ls"), runLs},
		{"mkdir", "make directories", manual("mkdir"), runMkdir},
		{"mv", "move files", manual("mv"), runMv},
		{"rm", "remove directory entries", manual("rm"), runRm},
		{"rmdir", "remove directories", manual("rmdir"), runRmdir},
		{"sysctl", "get or set kernel state", manual("sysctl"), runSysctl},
	}
}
