#!/bin/bash
# SPDX-License-Identifier: MIT
#
# chroot.sh SUITE - run-bench and run-tests unit on a bare Debian: git, a shell, root.

set -u -o pipefail
me=chroot.sh
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

suite=${1:?usage: chroot.sh SUITE}

# What set-up would change, with times.
fingerprint()
{
	(cd "$tree" && find root/fencepost/build root/fencepost/configure root/fencepost/Makefile.in \
		var/lib/dpkg var/lib/apt var/cache/apt -printf '%p %T@ %s\n' 2>/dev/null | sort)
}

# Programs of set-up that tell when they are called.
lay_tripwires()
{
	local name

	mkdir "$tree/tripwires" || return
	for name in apt apt-get dpkg autoreconf autoconf automake aclocal make; do
		printf '#!/bin/sh\necho %s >>/tripwires/.called\nexit 1\n' $name >"$tree/tripwires/$name"
		chmod +x "$tree/tripwires/$name"
	done
}

test_refusal()
{
	local name missing=0 before

	before=$(fingerprint)
	inside ./run-bench --no-install
	[[ $? == 4 ]]
	verdict_log $? "--no-install on a bare system exits 4" "$scratch/err"
	[[ $(wc -l <"$scratch/err") == 1 && ! -s $scratch/out ]]
	verdict_log $? "and says one line" "$scratch/err"
	for name in gcc g++ make autoconf automake pkg-config libbenchmark-dev libhwloc-dev \
		libpfm4-dev libjansson-dev libgsl-dev libpcre2-dev gnuplot-nox; do
		grep -q "apt-get install .* $name\( \|$\)" "$scratch/err" || : $((missing++))
	done
	verdict_log $missing "which names the packages and the command" "$scratch/err"
	diff <(echo "$before") <(fingerprint) >"$scratch/diff"
	verdict_log $? "and leaves nothing behind" "$scratch/diff"
}

test_first_run()
{
	inside ./run-bench --quick
	verdict_log $? "run-bench --quick installs, builds and runs" "$scratch/err"
	[[ -s $tree/root/fencepost/out/latest/results.json ]]
	verdict $? "and writes results.json"
}

test_second_run()
{
	local before

	before=$(fingerprint)
	lay_tripwires
	path=/tripwires:$path inside ./run-bench --no-install --quick
	verdict_log $? "the second run needs no set-up" "$scratch/err"
	[[ ! -e $tree/tripwires/.called ]]
	verdict_log $? "and calls neither apt nor autoreconf nor make" "$tree/tripwires/.called"
	diff <(echo "$before") <(fingerprint) >"$scratch/diff"
	verdict_log $? "and installs, configures and builds nothing" "$scratch/diff"
}

# In the same build: another compiles all once more.
test_unit_tests()
{
	local folder log

	log=$(echo "$tree"/root/fencepost/build/*/log)
	folder=${log#"$tree"}
	inside env FENCEPOST_TESTS_BUILD="${folder%/log}" ./run-tests unit
	verdict_log $? "run-tests unit passes" "$scratch/out"
	tail -n 1 "$scratch/out" | grep -Eqx '[0-9]+ passed, 0 failed, [0-9]+ skipped'
	verdict_log $? "and ends with its count" "$scratch/out"
	! grep -F "[-W" "$log" "${log%/log}/check.out" >"$scratch/warnings" && grep -q "^  CC " "$log"
	verdict_log $? "and neither the program nor the tests were compiled with a warning" "$scratch/warnings"
}

supervise_me "$here" "$@"
make_bare "$suite"
test_refusal
test_first_run
test_second_run
test_unit_tests
finish
