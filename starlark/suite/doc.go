// Package suite runs test suites: the functions test_NAME(t) of files named
// *_test.star, and txtar scripts. It is what rumpscript test is made of.
//
// [Discover] finds the files, [Run] runs the tests, several at once, and tells
// [Reporter]s what happens.
package suite
