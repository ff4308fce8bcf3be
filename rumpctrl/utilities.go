package rumpctrl

// utilities returns the table of all utilities, in order of their names.
func utilities() []Utility {
	return []Utility{}
}
