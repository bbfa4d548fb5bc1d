# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# unit.sh - unit tests on this machine, and the stores that its compiler made of the copies

tests_of_unit()
{
	unit_names
	echo stores
}

group_unit()
{
	local programs

	build_native
	programs=$(chosen_programs | xargs)
	if [[ $programs ]]; then
		make_check "$native" unit TESTS="$programs"
	fi
	if is_chosen stores; then
		tap stores "$root/tests/stores/check.sh" "$(this_architecture)" "$native"
		tap "stores' mutants" "$root/tests/stores/mutants.sh" "$(this_architecture)" "$(compiler c)"
	fi
}
