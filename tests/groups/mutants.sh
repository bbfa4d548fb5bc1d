# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# mutants.sh - unit tests with one mistake at a time in what they test

# Those that have mutants.
tests_of_mutants()
{
	grep -oE '\btest_[a-z_]+\b' "$root/tests/mutants.sh" | sort -u
}

group_mutants()
{
	build_native
	# shellcheck disable=SC2046 # words
	tap mutants "$root/tests/mutants.sh" "$native" $(chosen)
}
