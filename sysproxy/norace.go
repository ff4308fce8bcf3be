//go:build !race

package sysproxy

const raceEnabled = false
