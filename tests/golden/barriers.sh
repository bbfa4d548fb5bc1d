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
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/tests/*}

# Where the module makes the kernel's accesses, barriers and critical sections.
wanted='^fencepost_(nothing|mem(cpy|set)(_(to|from)?io)?|io(write|submit).*|(__raw_)?(read|write)[lq](_relaxed)?|no_barrier|(dma_)?w?mb|io_stop_wc|(enter|leave)_.*)$|^[^f]'

refuse()
{
	echo "barriers.sh: $1" >&2
	exit 2
}

disassembler()
{
	case $arch in
	x86_64) triplet=x86_64-linux-gnu options=(-m i386:x86-64) ;;
	arm64) triplet=aarch64-linux-gnu options=(-m aarch64) ;;
	ppc64le) triplet=powerpc64le-linux-gnu options=(-m powerpc:common64 -EL -M power9) ;;
	*) usage ;;
	esac
	objdump=$triplet-objdump
	command -v "$objdump" >/dev/null || refuse "$objdump is missing: it shows the instructions of $arch"
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
	local name seen golden tests=0 failures=0

	while IFS= read -r name; do
		golden=$(line "$name" <"$file") seen=$(line "$name" <<<"$found")
		if [[ $golden == "$seen" && $seen != *'?'* ]]; then
			echo "ok $((++tests)) - $seen"
		else
			echo "not ok $((++tests)) - $name: barriers"
			printf '#   golden %s\n#   seen   %s\n' "${golden:-nothing}" "${seen:-nothing}"
			: $((failures++))
		fi
	done < <(sed 's/: .*//' "$file" - <<<"$found" | sort -u)
	echo "1..$tests"
	((failures == 0 && tests > 0))
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
	refuse "no $module, or $output/kernel-code.txt: run tests/lab/kernel-code.c in the guest"
fi
found=$(barriers) || exit
file=$root/tests/golden/$arch/barriers.txt
if [[ $update ]]; then
	printf '%s\n' "$found" >"$file"
	exit
fi
[[ -r $file ]] || refuse "there is no $file; --update writes it"
check
