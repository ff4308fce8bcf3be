package kern

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
)

//go:embed pools.txt
var poolsText string

// pools is kern.pool: an array of struct pool_sysctl, of which the fake knows the
// names and sizes. It keeps no pools, so nothing has been taken from them.
var pools = sync.OnceValue(func() []byte {
	const (
		sizeofPool = 224 // sizeof(struct pool_sysctl)
		nameSize   = 16
	)
	var b []byte
	for line := range strings.Lines(poolsText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var name string
		var numbers [4]uint64
		if _, err := fmt.Sscan(line, &name, &numbers[0], &numbers[1], &numbers[2], &numbers[3]); err != nil {
			panic("kern: pools.txt: " + err.Error()) // a mistake in the program
		}
		p := make([]byte, sizeofPool)
		copy(p[:nameSize], name)
		for i, n := range numbers {
			binary.LittleEndian.PutUint64(p[nameSize+8*i:], n)
		}
		b = append(b, p...)
	}
	return b
})
