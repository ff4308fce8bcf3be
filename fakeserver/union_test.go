package fakeserver_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rumpkernel/rumpscript/fakeserver"
	"github.com/rumpkernel/rumpscript/netbsd"
	"github.com/rumpkernel/rumpscript/sysproxy"
)

func mountUnion(t *testing.T, c *sysproxy.Client, path, target string, how int32) {
	t.Helper()
	k := call(c, netbsd.SYS___MOUNT50).String("union").String(path).Int(0)
	args := netbsd.UnionArgs{Target: k.Lend(netbsd.AppendString(nil, target), sysproxy.Read), Mntflags: how}.Append(nil)
	if _, errno := do(t, k.In(args).Int(int64(len(args)))); errno != 0 {
		t.Fatalf("mount union of %s on %s: %v", target, path, errno)
	}
}

// writeFile writes the beginning of a file, which is made if it is not there.
func writeFile(t *testing.T, c *sysproxy.Client, path, text string) netbsd.Errno {
	t.Helper()
	fd, errno := do(t, call(c, netbsd.SYS_OPEN).String(path).Int(netbsd.O_WRONLY|netbsd.O_CREAT).Int(0o666))
	if errno != 0 {
		return errno
	}
	if _, errno := do(t, call(c, netbsd.SYS_WRITE).Uint(fd).In([]byte(text)).Int(int64(len(text)))); errno != 0 {
		t.Fatalf("write %s: %v", path, errno)
	}
	do(t, call(c, netbsd.SYS_CLOSE).Uint(fd))
	return 0
}

// contents reads a file, or a folder to the end, whatever is mounted there.
func contents(t *testing.T, c *sysproxy.Client, path string) string {
	t.Helper()
	fd, errno := do(t, call(c, netbsd.SYS_OPEN).String(path).Int(netbsd.O_RDONLY).Int(0))
	if errno != 0 {
		return errno.Name()
	}
	defer do(t, call(c, netbsd.SYS_CLOSE).Uint(fd))
	b := make([]byte, 4096)
	n, errno := do(t, call(c, netbsd.SYS_READ).Uint(fd).Out(b).Int(int64(len(b))))
	if errno == 0 {
		return string(b[:n])
	}
	all := ""
	for {
		n, errno := do(t, call(c, netbsd.SYS___GETDENTS30).Uint(fd).Out(b).Int(int64(len(b))))
		if n == 0 || errno != 0 {
			return strings.TrimSpace(all)
		}
		all += showDirents(b, answer{r0: n})
	}
}

// TestUnion works in a union of two folders, on the fake and on a real kernel
// where there is one.
func TestUnion(t *testing.T) {
	components := []string{"rumpvfs", "rumpfs_tmpfs", "rumpfs_union"}
	t.Run("fake", func(t *testing.T) {
		_, c := start(t, fakeserver.Config{Components: components})
		if diff := cmp.Diff(unionWant, unionStory(t, c)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("real", func(t *testing.T) {
		if diff := cmp.Diff(unionWant, unionStory(t, dialReal(t, components...))); diff != "" {
			t.Error(diff)
		}
	})
}

// unionStory tells what is in the layers after what is done in their union.
func unionStory(t *testing.T, c *sysproxy.Client) []string {
	t.Helper()
	var story []string
	tell := func(what string, errno netbsd.Errno, paths ...string) {
		line := what
		if errno != 0 {
			line += " = " + errno.Name()
		}
		for _, p := range paths {
			line += fmt.Sprintf("\n%s: %s", p, contents(t, c, p))
		}
		story = append(story, line)
	}
	onPath := func(n netbsd.Sysno, path string) netbsd.Errno {
		_, errno := do(t, call(c, n).String(path).Int(0o755))
		return errno
	}
	mountTmpfs(t, c, "/low", 1<<20)
	mountTmpfs(t, c, "/up", 1<<20)
	for _, dir := range []string{"/low/sub", "/low/empty"} {
		onPath(netbsd.SYS_MKDIR, dir)
	}
	for _, path := range []string{"/low/file", "/low/both", "/low/sub/deep", "/up/both"} {
		writeFile(t, c, path, path)
	}
	mountUnion(t, c, "/low", "/up", netbsd.UNMNT_ABOVE)
	tell("at first", 0, "/low", "/low/file", "/low/both")
	tell("a folder is looked into", 0, "/low/sub", "/up")
	tell("a file is changed", writeFile(t, c, "/low/file", "changed"), "/low/file", "/up/file", "/up")
	tell("a file that was in both is removed", onPath(netbsd.SYS_UNLINK, "/low/both"), "/low/both", "/up", "/low")
	tell("it is made again", writeFile(t, c, "/low/both", "again"), "/low/both", "/up")
	tell("a folder is removed", onPath(netbsd.SYS_RMDIR, "/low/empty"), "/low/empty", "/up")
	tell("it is made again", onPath(netbsd.SYS_MKDIR, "/low/empty"), "/low/empty", "/up/empty")
	tell("a folder with files is removed", onPath(netbsd.SYS_RMDIR, "/low/sub"), "/low/sub")
	_, errno := do(t, call(c, netbsd.SYS_RENAME).String("/low/sub/deep").String("/low/moved"))
	tell("a file below is renamed", errno)
	tell("its permissions are changed", onPath(netbsd.SYS_CHMOD, "/low/sub/deep"), "/up/sub")
	_, errno = do(t, call(c, netbsd.SYS_RENAME).String("/low/sub/deep").String("/low/moved"))
	tell("now it is renamed", errno, "/low/moved", "/low/sub", "/low/sub/deep")
	_, errno = do(t, call(c, netbsd.SYS_UNMOUNT).String("/low").Int(0))
	tell("the union is no more", errno, "/low", "/low/file", "/low/both", "/up")
	return story
}

// unionWant is the story as a real kernel tells it. 4, 8 and 14 are the types of
// a folder, a file and a whiteout.
var unionWant = []string{
	"at first\n" +
		"/low: ./4 ../4 both/8 ./4 ../4 sub/4 empty/4 file/8 both/8\n" +
		"/low/file: /low/file\n" +
		"/low/both: /up/both",
	"a folder is looked into\n" +
		"/low/sub: ./4 ../4 ./4 ../4 deep/8\n" +
		"/up: ./4 ../4 both/8 sub/4",
	"a file is changed\n" +
		"/low/file: changedle\n" +
		"/up/file: changedle\n" +
		"/up: ./4 ../4 both/8 sub/4 file/8",
	"a file that was in both is removed\n" +
		"/low/both: ENOENT\n" +
		"/up: ./4 ../4 sub/4 file/8 both/14\n" +
		"/low: ./4 ../4 sub/4 file/8 both/14 ./4 ../4 sub/4 empty/4 file/8 both/8",
	"it is made again\n" +
		"/low/both: again\n" +
		"/up: ./4 ../4 sub/4 file/8 both/8",
	"a folder is removed\n" +
		"/low/empty: ENOENT\n" +
		"/up: ./4 ../4 sub/4 file/8 both/8 empty/14",
	"it is made again\n" +
		"/low/empty: ./4 ../4\n" +
		"/up/empty: ./4 ../4",
	"a folder with files is removed = ENOTEMPTY\n" +
		"/low/sub: ./4 ../4 ./4 ../4 deep/8",
	"a file below is renamed = EXDEV",
	"its permissions are changed\n" +
		"/up/sub: ./4 ../4 deep/8",
	// tmpfs leaves no whiteout when it renames.
	"now it is renamed\n" +
		"/low/moved: /low/sub/deep\n" +
		"/low/sub: ./4 ../4 ./4 ../4 deep/8\n" +
		"/low/sub/deep: /low/sub/deep",
	"the union is no more\n" +
		"/low: ./4 ../4 sub/4 empty/4 file/8 both/8\n" +
		"/low/file: /low/file\n" +
		"/low/both: /low/both\n" +
		"/up: ./4 ../4 sub/4 file/8 both/8 empty/4 moved/8",
}
