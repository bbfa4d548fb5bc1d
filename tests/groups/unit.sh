# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# unit.sh - unit tests on this machine

tests_of_unit()
{
	unit_names
}

group_unit()
{
	build_native
	make_check "$native" unit TESTS="$(chosen_programs | xargs)"
}
