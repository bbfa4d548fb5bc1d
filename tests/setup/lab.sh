#!/bin/bash
# SPDX-License-Identifier: MIT
#
# lab.sh - lab/guest tells a good guest from those that fail, and says why.

set -u -o pipefail
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/tests/setup/*}
# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"

# shellcheck source=setup/supervise.sh
. "$root/setup/supervise.sh"
supervise_me "$here" "$@"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# start NAME LIMIT [OPTION...]: a guest whose only test is the script on stdin.
start()
{
	local name=$1 limit=$2

	shift 2
	cat >"$scratch/$name.sh"
	chmod +x "$scratch/$name.sh"
	"$root/lab/guest" x86_64 --limit "$limit" "$@" -- "$scratch/$name" "/tests/only=$scratch/$name.sh" \
		>/dev/null 2>"$scratch/$name.err"
	echo $? >"$scratch/$name.status"
}

# ends NAME STATUS [PATTERN]: what lab/guest said matches.
ends()
{
	[[ $(<"$scratch/$1.status") == "$2" ]] &&
		{ [[ ! ${3-} ]] || grep -q -e "$3" "$scratch/$1.err"; }
	verdict_log $? "$1: status $2" "$scratch/$1.err"
}

# played NAME TIMES WORDS: starts an emulator that runs the words, in which $console is the
# guest's, and then, the next times, is one of a good guest.
played()
{
	local program=$scratch/$1.qemu/usr/bin/qemu-system-x86_64

	mkdir -p "${program%/*}"
	cat >"$program" <<-END
		#!/bin/bash
		[[ \$1 != --version ]] || exit 0
		for word; do
			[[ \$word != *,id=console,path=* ]] || console=\${word#*,path=}
		done
		echo started >>"$scratch/$1.started"
		if ((\$(wc -l <"$scratch/$1.started") <= $2)); then
			$3
		fi
		echo LAB: exit 0 >"\$console"
	END
	chmod +x "$program"
	start "$1" 300 --qemu "$scratch/$1.qemu" </dev/null
}

# crashes NAME TIMES
crashes()
{
	# shellcheck disable=SC2016 # the emulator's
	played "$1" "$2" 'echo the last words >&2; kill -ABRT $$'
}

# misfires NAME TIMES [LINE]: a kernel that dies of what is patched, after that line.
misfires()
{
	# shellcheck disable=SC2016 # the emulator's
	played "$1" "$2" "printf '%s\n' '${3-booting}' '[    0.8] Oops: int3: 0000 [#1] PREEMPT SMP' >\"\$console\"; exit 0"
}

# skips NAME COMMAND...: status 77, and one line that says why.
skips()
{
	local name=$1 status=0

	shift
	PATH=$tools "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
	[[ $status == 77 && ! -s $scratch/out && $(wc -l <"$scratch/err") == 1 ]]
	verdict_log $? "$name" "$scratch/err"
}

"$root/lab/fetch" kernel x86_64 >/dev/null
if (($? == 77)); then
	skip_all "the package archive lacks the kernel"
fi

# The slowest, beside all others.
start hanging 120 <<-'END' &
	#!/bin/sh
	echo last words
	sleep 1000
END
start good 300 <<-'END' &
	#!/bin/sh
	echo 1..1
	echo ok 1
	head -c 1048576 /dev/urandom >/out/large
	sha256sum </out/large >/out/sum
END
first=$!
start failing 300 <<-'END' &
	#!/bin/sh
	echo 1..1
	echo not ok 1
END
wait $first $!
start crashing 300 <<-'END' &
	#!/bin/sh
	echo c >/proc/sysrq-trigger
END
# The kernel complains and goes on; the test is content.
start complaining 300 <<-'END' &
	#!/bin/sh
	echo 1..1
	echo ok 1
	echo "<4>[    1.000000] WARNING: CPU: 0 PID: 1 at test" >/dev/kmsg
END
start silent 300 <<-'END' &
	#!/bin/sh
	poweroff -f
END
wait
crashes unlucky 1
crashes broken 10
misfires misfiring 2
misfires late-misfiring 1 'LAB: test only'

ends good 0
[[ $(sha256sum <"$scratch/good/large") == "$(<"$scratch/good/sum")" ]]
verdict $? "a megabyte comes back whole"
ends failing 1
ends crashing 125 'Kernel panic'
ends complaining 125 'WARNING: CPU'
ends hanging 124 'last words'
ends silent 126 'LAB: test only'
ends unlucky 0 'attempt 1 of 3: the emulator crashed, SIGABRT: the last words'
ends broken 126 'attempt 3 of 3'
ends misfiring 0 'attempt 2 of 3: the emulator broke the kernel while it booted: int3'
ends late-misfiring 125 'complained'
"$root/lab/guest" x86_64 -- "$scratch/good" >/dev/null 2>"$scratch/again.err"
[[ $? == 4 && $(wc -l <"$scratch/again.err") == 1 ]]
verdict_log $? "results of an earlier guest are not overwritten" "$scratch/again.err"

status=0
"$root/run-bench" lab vax >"$scratch/out" 2>"$scratch/err" || status=$?
[[ $status == 2 && ! -s $scratch/out && $(wc -l <"$scratch/err") == 1 ]]
verdict_log $? "a guest that there is not: status 2" "$scratch/err"

# This machine, without some of its tools.
tools=$scratch/tools
mkdir "$tools"
ln -sf -t "$tools" /usr/sbin/* /usr/bin/*
rm -f "$tools"/qemu-system-aarch64
skips "no emulator: skipped" "$root/run-bench" lab --no-install arm64
skips "no emulator for one guest: skipped" "$root/lab/guest" arm64 -- "$scratch/none"
rm -f "$tools"/apt-get
skips "not Debian: skipped" "$root/run-bench" lab
finish
