#!/bin/bash
# SPDX-License-Identifier: MIT
#
# chroot.sh SUITE - run-bench and run-tests on a bare Debian: git, a shell, root.
#
# The bare system is made once and kept in the cache; each run unpacks it anew.
# All mounts are in a namespace of their own: they end with it, whatever happens.

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
# shellcheck source=tests/setup/copy.sh
. "$root/tests/setup/copy.sh"

suite=${1:?usage: chroot.sh SUITE}
store=$(cache_folder)/chroot
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# enclosed COMMAND...: all its processes and mounts end with it, and with us.
enclosed()
{
	unshare --mount --propagation private --pid --fork --kill-child "$@" </dev/null
}

# Makes the bare system, as an archive.
bare_system()
{
	local new uri include=git lock_fd

	mkdir -p "$store" || return
	lock "$store/.$suite.lock"
	if [[ ! -e $archive ]]; then
		read -r uri _ < <(main_source) || return
		new=$(mktemp -d -p "$store" "$suite.new.XXXXXX") || return
		supervised_folder "$new"
		case $uri in
		https:*) include+=,ca-certificates ;;
		esac
		enclosed debootstrap --variant=minbase --include=$include "$suite" "$new" "$uri" \
			>"$store/$suite.log" 2>&1 &&
			rm -rf "$new"/var/cache/apt/archives/*.deb "$new"/var/lib/apt/lists/* &&
			tar -C "$new" -c . | gzip -1 >"$archive.new" &&
			mv "$archive.new" "$archive"
		rm -rf "$new"
	fi
	unlock
	[[ -e $archive ]]
}

unpack()
{
	tar -C "$tree" -xpf "$1" || return
	# The host's ways to the network, which may have changed since.
	cp -L /etc/resolv.conf "$tree/etc/resolv.conf"
	host_acquire >"$tree/etc/apt/apt.conf.d/99host"
	# It is thrown away: nothing of it need survive a power cut, or be translated.
	echo force-unsafe-io >"$tree/etc/dpkg/dpkg.cfg.d/99thrown-away"
	echo 'Acquire::Languages "none";' >"$tree/etc/apt/apt.conf.d/99thrown-away"
	copy_tree "$tree/root/fencepost"
}

# inside COMMAND...: as root, with no terminal; stdout and stderr to files.
inside()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	enclosed sh -c '
		tree=$1
		shift
		mount -t proc proc "$tree/proc" &&
		mount -t sysfs -o ro sysfs "$tree/sys" &&
		mkdir -p "$tree/dev/shm" &&
		mount -t tmpfs tmpfs "$tree/dev/shm" &&
		exec chroot "$tree" "$@"' sh "$tree" \
		env -i -C /root/fencepost PATH="$path" HOME=/root LANG=C.UTF-8 TERM=dumb \
		${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
		"$@" >"$scratch/out" 2>"$scratch/err"
}

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

if ((EUID != 0)); then
	skip_all "a chroot needs root"
fi
for tool in debootstrap apt-config unshare; do
	have $tool || skip_all "$tool is missing"
done
unshare --mount --pid --fork true 2>/dev/null || skip_all "no mount namespaces here"

supervise_me "$here" "$@"
archive=$store/$suite.tar.gz
bare_system || bail_out "no bare $suite; see $store/$suite.log"
scratch=$(mktemp -d -p "$store" "$suite.XXXXXX") || bail_out "can't write $store"
supervised_folder "$scratch"
tree=$scratch/tree
trap 'rm -rf --one-file-system "$scratch"' EXIT
if ! mkdir "$tree" || ! unpack "$archive"; then
	bail_out "can't unpack $archive"
fi

test_refusal
test_first_run
test_second_run
test_unit_tests
finish
