# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# setup.sh - run-bench and run-tests on bare Debian 12 and 13; run-bench misused

needs_of_setup()
{
	have apt-get && echo "$needs_chroot"
}

tests_of_setup()
{
	printf '%s\n' front-door bookworm trixie
}

group_setup()
{
	local suite patience=(timeout -k 10 1200) out=$root/build/setup-

	if is_chosen front-door; then
		tap "front door" "$root/tests/setup/front-door.sh"
	fi
	make_folder "$root/build"
	# Their waits for the network overlap.
	for suite in bookworm trixie; do
		: >"$out$suite"
		if is_chosen $suite; then
			tap "$suite" "$root/tests/setup/chroot.sh" $suite >"$out$suite" 2>&1 &
		fi
	done
	wait
	cat "$out"{bookworm,trixie}
}
