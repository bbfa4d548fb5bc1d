# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# hosts.sh - all of run-tests on bare Debian 12 and 13
# long: yes

tests_of_hosts()
{
	printf '%s\n' bookworm trixie
}

needs_of_hosts()
{
	have apt-get && echo "$needs_chroot"
}

# One after the other: each fills the machine.
group_hosts()
{
	local suite patience=(timeout -k 10 28800)

	for suite in $(chosen); do
		tap "$suite" "$root/tests/setup/whole.sh" "$suite"
	done
}
