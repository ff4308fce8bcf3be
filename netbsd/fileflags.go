package netbsd

// A FileFlags is a set of UF_* and SF_*: the flags that chflags(2) sets.
type FileFlags uint32

// Words are the flags as ls(1) and chflags(1) say them, such as "uchg", in the
// order of flags_to_string(3). Flags without a word are left out.
func (f FileFlags) Words() []string {
	var words []string
	for _, w := range fileFlagWords {
		if f&w.flag != 0 {
			words = append(words, w.word)
		}
	}
	return words
}

// LookupFileFlag finds the flag that a word stands for.
func LookupFileFlag(word string) (FileFlags, bool) {
	for _, w := range fileFlagWords {
		if w.word == word {
			return w.flag, true
		}
	}
	return 0, false
}

var fileFlagWords = [...]struct {
	flag FileFlags
	word string
}{
	{UF_APPEND, "uappnd"},
	{UF_IMMUTABLE, "uchg"},
	{UF_NODUMP, "nodump"},
	{UF_OPAQUE, "opaque"},
	{SF_APPEND, "sappnd"},
	{SF_ARCHIVED, "arch"},
	{SF_IMMUTABLE, "schg"},
	{SF_SNAPSHOT, "snap"},
}
