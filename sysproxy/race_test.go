//go:build race

package sysproxy_test

const raceEnabled = true
