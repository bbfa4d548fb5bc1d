# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# functional.sh - the program on this machine: results, pictures, bad input

needs_of_functional()
{
	echo "$needs_functional"
}

tests_of_functional()
{
	functional_names
}

group_functional()
{
	build_native
	# shellcheck disable=SC2046 # words
	functional_tests "$native/fencepost" functional $(chosen)
}
