#!/bin/bash
# SPDX-License-Identifier: MIT
#
# whole.sh SUITE - all of run-tests on a bare Debian, as a new user runs it.
#
# What it said stays in build/hosts-SUITE, a file for each run.

set -u -o pipefail
me=whole.sh
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/tests/setup/*}
# shellcheck source=setup/setup.sh
. "$root/setup/setup.sh"
# shellcheck source=setup/supervise.sh
. "$root/setup/supervise.sh"
# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"
# shellcheck source=tests/setup/bare.sh
. "$root/tests/setup/bare.sh"

suite=${1:?usage: whole.sh SUITE}
results=$root/build/hosts-$suite

# passes NAME COMMAND...: none failed, and each skip is shown.
passes()
{
	local name=$1 count status

	shift
	inside "$@"
	status=$?
	cp "$scratch/out" "$results/$name" && cp "$scratch/err" "$results/$name.err"
	count=$(tail -n 1 "$scratch/out")
	[[ $status == 0 && $count =~ ^[0-9]+\ passed,\ 0\ failed,\ [0-9]+\ skipped$ ]]
	verdict $? "$name: none fails" "$(sed -n '/^# failed:/,$p' "$scratch/out")" "$(tail -n 5 "$scratch/err")"
	echo "# $suite, $name: $count"
	grep -E '^ok .*# SKIP' "$scratch/out" | sed 's/^ok [0-9]* - /#   /'
}

# skips NAME REASON: of those that the last run showed.
skips()
{
	grep -qE "^ok .*$1.*# SKIP $2" "$scratch/out"
	verdict $? "without $2: $1 is skipped by name" "$(grep SKIP "$scratch/out")"
}

supervise_me "$here" "$@"
# A clean checkout, as a clone is.
checkout()
{
	local git=(git -C "$tree/root/fencepost" -c user.name=none -c user.email=none@localhost -c core.hooksPath=/dev/null)

	"${git[@]}" init -q -b main && "${git[@]}" add -A && "${git[@]}" commit -qm 'A clean checkout'
}

make_folder "$results"
make_bare "$suite"
checkout || bail_out "can't make a checkout in $tree"
passes all ./run-tests --all
passes kernels ./run-tests kernels
# As a container that is allowed less.
terminals=no
passes confined setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin ./run-tests functional:interrupt functional:bad-output setup
skips 'on a terminal' 'no pseudo-terminals here'
skips 'read-only and full disks' 'no mount namespace'
skips "$suite" 'no mount namespaces here'
finish
