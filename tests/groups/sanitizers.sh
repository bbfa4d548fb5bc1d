# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# sanitizers.sh - unit tests and a short run with AddressSanitizer and UBSan

tests_of_sanitizers()
{
	unit_names
	echo short-run
}

# short_run NAME PROGRAM: it ends well, and says nothing of trouble.
short_run()
{
	local name=$1 program=$2 status=0 scratch

	scratch=$(mktemp -d) || return
	FENCEPOST_DATADIR=$root/plots "${patience[@]}" "$program" --quick \
		--output "$scratch/run" >"$scratch/out" 2>&1 </dev/null || status=$?
	if grep -q -e 'runtime error:' -e 'Sanitizer' "$scratch/out"; then
		status=1
	fi
	verdict_log $status "$name --quick" "$scratch/out"
	rm -rf "$scratch"
}

group_sanitizers()
{
	local folder programs

	folder=$root/build/sanitizers-$(triplet)
	build "$folder" --enable-werror --enable-sanitizers
	programs=$(chosen_programs | xargs)
	if [[ $programs ]]; then
		make_check "$folder" sanitizers TESTS="$programs"
	fi
	if is_chosen short-run; then
		short_run sanitizers "$folder/fencepost"
	fi
}
