# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# walkthroughs.sh - the examples of doc/adding-*.md, applied to a copy of the tree, built and tested

tests_of_walkthroughs()
{
	printf '%s\n' barrier copy family target architecture
}

needs_of_walkthroughs()
{
	echo "$needs_functional"
}

group_walkthroughs()
{
	local patience=(timeout -k 10 1800)

	# shellcheck disable=SC2046 # words
	tap walkthroughs "$root/tests/walkthroughs.sh" $(chosen)
}
