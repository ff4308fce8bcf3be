//go:build !race

package sysproxy_test

const raceEnabled = false
