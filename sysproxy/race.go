//go:build race

package sysproxy

const raceEnabled = true
