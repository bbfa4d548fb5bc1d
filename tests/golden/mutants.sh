#!/bin/bash
# SPDX-License-Identifier: MIT
#
# mutants.sh - shows that check.sh and barriers.sh see mistakes.
#
#   tests/golden/mutants.sh ARCH OUTPUT-FOLDER MODULE
#
# As for these, which have to find the same to be golden.  One row is cut out of the
# log, and one mistake at a time is made in the stores of one case, in the golden
# files or in the code of a kernel's function: each must be found.
#
# It prints TAP; exit status 0 if all are found, 1 if not, 2 usage.

set -u -o pipefail
export LC_ALL=C
here=$(readlink -f -- "${BASH_SOURCE[0]}")
golden=${here%/*}
row=words8

if (($# != 3)) || [[ ! -r $2/access.log || ! -r $2/kernel-code.txt || ! -r $3 ]]; then
	sed -n '/^$/q; s/^#   //p' "$here" >&2
	exit 2
fi
arch=$1 output=$2 module=$3
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=tests/tap.sh
. "${golden%/*}/tap.sh"

# The row alone, on write-combining memory.
cut_out()
{
	local number

	number=$(awk -v row=$row '$3 == row { print $2 }' "$output/device-view.txt")
	printf 'kernel none\npasses 1\nrow %s %s\n' "$number" $row >"$scratch/device-view.txt"
	awk -v number="$number" '
		$11 == 8 && $9 ~ /^0xfe9............./ {
			here = substr($9, 6, 3) == number "1"
			print_it = here || (substr($9, 6, 3) ~ /^f[ef]1$/)
			if (print_it)
				print
			next
		}
		here' "$output/access.log" >"$scratch/log"
	case35=0xfe9${number}102300
	mkdir "$scratch/golden"
	cp "$golden/$arch/$row.txt" "$scratch/golden/"
}

check()
{
	"$golden/check.sh" --golden "$scratch/golden" "$arch" "$scratch" >"$scratch/said"
}

# mistake NAME FAILS AWK-PROGRAM: what is done to the n lines of the case of 35 bytes
# at offset 0, five of 8 bytes and three of 1; FAILS is the test that has to.
mistake()
{
	awk -v mark="$case35" "
		function edit(	i, saved) { $3 }
		index(\$9, \"0xfe9\") == 1 {
			if (n)
				edit()
			for (i = 1; i <= n; i++)
				print line[i]
			n = 0
			inside = index(\$9, mark) == 1
			print
			next
		}
		inside { line[++n] = \$0; next }
		{ print }" "$scratch/log" >"$scratch/access.log"
	check
	[[ $? == 1 && $(grep -c '^not ok' "$scratch/said") == 1 ]] && grep -q "^not ok .*$2" "$scratch/said"
	verdict $? "$1 is found"
}

log_mistakes()
{
	local seen="$row: what the device sees"

	mistake 'a store before the one in front of it' "$seen" 'saved = line[1]; line[1] = line[2]; line[2] = saved'
	mistake 'the last bytes first' "$seen" 'for (i = n; i > n / 2; i--) { saved = line[i]; line[i] = line[n - i + 1]; line[n - i + 1] = saved }'
	mistake 'a store made twice' "$seen" 'line[n + 1] = line[n]; n++'
	mistake 'a store left out' "$seen" 'n--'
	mistake 'two stores merged' "$seen" 'sub(/size 1/, "size 2", line[5]); line[6] = line[7]; n--'
	mistake 'a store split' "$seen" 'for (i = n; i > 1; i--) line[i + 1] = line[i]; n++; sub(/size 8/, "size 4", line[1]); line[2] = line[1]; sub(/0 value/, "4 value", line[2])'
	mistake 'a store elsewhere' "$seen" 'sub(/0 value/, "8 value", line[1])'
	mistake 'a read back' "$seen" 'line[n + 1] = line[n]; n++; sub(/_write/, "_read", line[n])'
}

# The case once more, on uncached memory, without its first store.
other_type()
{
	sed 's/passes 1/passes 2/' -i "$scratch/device-view.txt"
	awk -v mark="$case35" '
		index($9, "0xfe9") == 1 {
			inside = first = index($9, mark) == 1
			$9 = substr($9, 1, 7) "2" substr($9, 9)
			if (inside || $9 ~ /^0xfe9f/)
				print
			next
		}
		inside && !first
		{ first = 0 }' "$scratch/log" | cat "$scratch/log" - >"$scratch/access.log"
}

file_mistakes()
{
	cp "$scratch/log" "$scratch/access.log"
	check
	verdict $? "without a mistake, none is found"
	sed '$d' "$scratch/log" >"$scratch/access.log"
	! check && grep -q '^not ok .* is whole' "$scratch/said"
	verdict $? "a log that is cut off is found"
	other_type
	! check && grep -q '^not ok .* on uc and device memory' "$scratch/said"
	verdict $? "a difference between memory types is found"
	sed 's/passes 2/passes 1/' -i "$scratch/device-view.txt"
	cp "$scratch/log" "$scratch/access.log"
	touch "$scratch/golden/none.txt"
	! check && grep -q '^not ok .* without a row' "$scratch/said"
	verdict $? "a golden file too many is found"
	rm "$scratch/golden"/*.txt
	! check && grep -q "^not ok .* $row" "$scratch/said"
	verdict $? "a missing golden file is found"
}

# code NAME FUNCTION OFFSET BYTES: other instructions in the kernel's function.
code()
{
	cp -r "$output"/{code,kernel-code.txt} "$scratch/" || exit
	printf '%b' "$4" | dd of="$scratch/code/$2" bs=1 seek="$3" conv=notrunc status=none
	"$golden/barriers.sh" "$arch" "$scratch" "$module" >"$scratch/said"
	[[ $? == 1 ]] && grep -q "^not ok .* $2: barriers" "$scratch/said"
	verdict $? "$1 is found"
}

# The first instruction of the kernel's copies has no part in what they do.
code_mistakes()
{
	case $arch in
	x86_64) code 'an sfence in memcpy_toio' memcpy_toio 0 '\x0f\xae\xf8' ;;
	arm64) code 'a dmb oshst in __memcpy_toio' __memcpy_toio 0 '\xbf\x32\x03\xd5' ;;
	ppc64le)
		code 'a third sync in _memcpy_toio' _memcpy_toio 0 '\xac\x04\x00\x7c'
		code 'a nop for the first sync of _memcpy_toio' _memcpy_toio 8 '\x00\x00\x00\x60'
		;;
	esac
}

cut_out
log_mistakes
file_mistakes
code_mistakes
finish
