#!/bin/bash
# SPDX-License-Identifier: MIT
#
# check.sh - holds the stores that a compiler made of each copy against what they must be.
#
#   tests/stores/check.sh [--update] ARCHITECTURE FOLDER
#
# FOLDER is a build, or holds objects of arch/own-copies.c and fencepost_copy.c somewhere.
# ARCHITECTURE.txt beside this script has a line a function, of stores.awk: the instructions
# that store in it, and their widths.  A compiler that merges two stores, makes vectors or a
# memcpy of a loop, or puts a string instruction in its place, has others.  Every copy is in
# it, those that this CPU lacks, too.
#
# How many stores are made is in ARCHITECTURE-steps.txt, for the rows that do the same on
# each CPU: of the log of tests/proof/step, where "make check" has left one in FOLDER.
#
# --update writes the files instead.  OBJDUMP names the disassembler.  It prints TAP.

set -u -o pipefail
export LC_ALL=C
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/tests/*}
golden=${here%/*}
# shellcheck source=setup/architectures.sh
. "$root/setup/architectures.sh"
# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"

usage()
{
	sed -n 's/^#   //p' "$here" >&2
	exit 2
}

# disassembled OBJECT
disassembled()
{
	local options=(-d -r --no-show-raw-insn)

	if [[ $arch == x86_64 ]]; then
		options+=(-M suffix)
	fi
	"$objdump" "${options[@]}" "$1"
}

# object NAME: its path.
object()
{
	find "$folder" -name "*$1.o" -path '*copies*' -print -quit
}

# stores_of OBJECT FUNCTIONS [PREFIX]
stores_of()
{
	disassembled "$(object "$1")" |
		awk -v arch="$arch" -v functions="$2" -v prefix="${3-}" -f "$golden/stores.awk"
}

# "FUNCTION: STORE, STORE".  Of fencepost_copy.c the ways to copy: what it does to pad a line, on
# its stack, is left to the compiler.
stores()
{
	stores_of own-copies '^fp_copy_' &&
		stores_of fencepost_copy '^(words|line_writes|sse2|direct|avx|avx512_(way|unaligned))$' fencepost_copy/
}

# Rows for which the CPU chooses among ways have no number of their own.
steps()
{
	sed -n 's/^ok [0-9]* - \(.*\) writes each byte once, ascending: \(.*\)$/\1: \2/p' \
		"$log" |
		grep -Ev '^(fencepost_copy_toio|ladder|memset_io@6.1|memcpy_(toio@4.19|nvme@6.1)): '
}

# hold NAME: the lines of stdin against those of a golden file, by what stands before the colon.
hold()
{
	local name line wanted

	while IFS= read -r line; do
		name=${line%%: *}
		wanted=$(grep -F -m 1 "$name: " "$golden/$1")
		[[ $line == "$wanted" ]]
		verdict $? "$name: ${line#*: }" "must be: ${wanted:-not there}"
	done
}

check_stores()
{
	local found missing

	found=$(stores)
	missing=$(comm -13 <(cut -d: -f1 <<<"$found" | sort) <(cut -d: -f1 "$golden/$arch.txt" | sort))
	verdict "$((${#missing} > 0))" "every copy is in the object files" "missing: $missing"
	hold "$arch.txt" <<<"$found"
}

update=no
if [[ ${1-} == --update ]]; then
	update=yes
	shift
fi
if (($# != 2)) || ! is_architecture "$1"; then
	usage
fi
arch=$1 folder=$2 log=$2/tests/proof/step.log
objdump=${OBJDUMP:-$(fact "$arch" triplet)-objdump}
if ! command -v "$objdump" >/dev/null; then
	skip_all "$objdump is missing: install binutils for $arch"
fi
if [[ $update == yes ]]; then
	stores >"$golden/$arch.txt" && if [[ -e $log ]]; then steps >"$golden/$arch-steps.txt"; fi
	exit
fi
check_stores
if [[ -e $log ]]; then
	hold "$arch-steps.txt" < <(steps)
fi
finish
