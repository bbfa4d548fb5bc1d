#!/bin/bash
# SPDX-License-Identifier: MIT
#
# mistakes.sh - the debug kernel finds what a broken build of the module does wrong.

set -u -o pipefail
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/tests/setup/*}

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

# The module as it is, but for mistakes that it makes when it is loaded.
break_module()
{
	cp -r "$root/kmod" "$scratch/kmod" && cp "$root/tests/lab/mistakes.h" "$scratch/kmod" || return
	sed -i 's/^module_init(\(.*\));$/#include "mistakes.h"\nstatic int __init mistaken(void) { make_mistakes(); return \1(); }\nmodule_init(mistaken);/' \
		"$scratch"/kmod/*.c
	grep -q 'module_init(mistaken);' "$scratch"/kmod/*.c
}

run_broken()
{
	local kernel module

	break_module &&
		kernel=$("$root/lab/debug-kernel") &&
		module=$(FENCEPOST_KMOD=$scratch/kmod "$root/lab/module" x86_64 debug "$scratch/build") || return
	"$root/lab/guest" x86_64 --kernel "$kernel" -- "$scratch/out" "/modules/fencepost.ko=$module"
}

number=0

# found NAME PATTERN
found()
{
	: $((number++))
	if grep -aq "$2" "$scratch/out/console.log"; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
	fi
}

echo 1..5
run_broken >"$scratch/err" 2>&1
status=$?
: $((number++))
if ((status == 125)); then
	echo "ok $number - a broken module fails its guest"
else
	echo "not ok $number - a broken module fails its guest, which ended with status $status"
	tail -n 20 "$scratch/err" | sed 's/^/#   /'
fi
found "locks taken in two orders" 'possible circular locking'
found "sleeping under a spinlock" 'BUG: sleeping function called from invalid context'
found "a use after free" 'BUG: KASAN: '
found "a leak" 'unreferenced object'
