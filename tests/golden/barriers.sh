#!/bin/bash
# SPDX-License-Identifier: MIT
#
# barriers.sh - holds the barriers in the kernel's accessors against the golden ones.
#
#   tests/golden/barriers.sh [--update] ARCH OUTPUT-FOLDER MODULE
#
# MODULE is fencepost.ko; OUTPUT-FOLDER is what lab/guest has filled, with
# tests/lab/kernel-code.c among its tests: what the kernel's functions are made of
# when they run.  tests/golden/ARCH/barriers.txt has a line a function, as
# barriers.awk says, of the module's functions and of those of Linux 6.1 that they
# call.  --update writes it instead.
#
# It prints TAP; exit status 0 if all is the same, 1 if not, 2 usage.

set -u -o pipefail
export LC_ALL=C
me=barriers.sh
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/tests/*}
# shellcheck source=setup/words.sh
. "$root/setup/words.sh"
# shellcheck source=setup/architectures.sh
. "$root/setup/architectures.sh"
# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"

# Where the module makes the kernel's accesses, barriers and critical sections.
wanted='^fencepost_(nothing|mem(cpy|set)(_(to|from)?io)?|io(write|submit).*|(__raw_)?(read|write)[lq](_relaxed)?|no_barrier|(dma_)?w?mb|io_stop_wc|(enter|leave)_.*)$|^[^f]'

disassembler()
{
	is_architecture "$arch" || usage
	read -ra options < <(fact "$arch" objdump)
	objdump=$(fact "$arch" triplet)-objdump
	if ! have "$objdump"; then
		misused "$objdump is missing: it shows the instructions of $arch"
	fi
}

misused()
{
	say "$1"
	exit 2
}

disassemble()
{
	local name address

	"$objdump" -d -r -j .text --no-show-raw-insn "$module"
	while read -r name address; do
		[[ -e $output/code/$name ]] || continue
		echo "== $name"
		"$objdump" -D -b binary "${options[@]}" --no-show-raw-insn --adjust-vma="0x$address" "$output/code/$name"
	done <"$output/kernel-code.txt"
}

barriers()
{
	disassemble | awk -v arch="$arch" -v wanted="$wanted" -f "$root/tests/golden/barriers.awk" \
		"$output/kernel-code.txt" - | sort
}

usage()
{
	sed -n '/^$/q; s/^#   //p' "$here" >&2
	exit 2
}

# line NAME < BARRIERS
line()
{
	grep "^$1: "
}

check()
{
	local name seen golden

	while IFS= read -r name; do
		golden=$(line "$name" <"$file") seen=$(line "$name" <<<"$found")
		if [[ $golden == "$seen" && $seen != *'?'* ]]; then
			ok "$seen"
		else
			not_ok "$name: barriers" "golden ${golden:-nothing}" "seen   ${seen:-nothing}"
		fi
	done < <(sed 's/: .*//' "$file" - <<<"$found" | sort -u)
	finish
}

update=
if [[ ${1-} == --update ]]; then
	update=yes
	shift
fi
(($# == 3)) || usage
arch=$1 output=$2 module=$3
disassembler
if [[ ! -r $module || ! -r $output/kernel-code.txt ]]; then
	misused "no $module, or $output/kernel-code.txt: run tests/lab/kernel-code.c in the guest"
fi
found=$(barriers) || exit
file=$root/tests/golden/$arch/barriers.txt
if [[ $update ]]; then
	printf '%s\n' "$found" >"$file"
	exit
fi
[[ -r $file ]] || misused "there is no $file; --update writes it"
check
