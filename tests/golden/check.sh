#!/bin/bash
# SPDX-License-Identifier: MIT
#
# check.sh - holds what a guest's device saw of each copy against the golden files.
#
#   tests/golden/check.sh [--update] [--golden DIR] GUEST OUTPUT-FOLDER
#
# GUEST is an architecture, x86_64, arm64 or ppc64le, or begins with one, as in
# arm64-newer; OUTPUT-FOLDER is what lab/guest has filled, with
# tests/lab/device-view.c among its tests.  DIR/ROW.txt, by default
# tests/golden/ARCHITECTURE/ROW.txt, is as stores.awk says, or one line "same as
# ROW" for what is like a row before.  --update writes the files instead.
#
# Emulators from QEMU 8.1 on split unaligned stores in another way than those before:
# what then differs is in tests/golden/ARCHITECTURE-qemu-8.1/.
#
# They depend on the compiler, as copies are C around their stores, and are of gcc
# 12.2.  Rows kernel_... are of Linux 6.1, and the C library's have its version in
# their names: in a guest with another of these, they are left out.
#
# It prints TAP; exit status 0 if all is the same, 1 if not, 2 usage.

set -u -o pipefail
export LC_ALL=C
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/tests/*}
# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"
golden_kernel=6.1. golden_libc=2.36

usage()
{
	sed -n '/^$/q; s/^#   //p' "$here" >&2
	exit 2
}

splits_aligned()
{
	local version

	version=$(sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p' "$output/emulator" 2>/dev/null)
	[[ $(printf '%s\n' 8.1 "$version" | sort -V | head -n 1) == 8.1 ]]
}

# Rows that are golden in this guest, in the table's order.
golden_rows()
{
	awk -v kernel="$golden_kernel" -v libc="$golden_libc" '
		$1 == "kernel" { same_kernel = index($2, kernel) == 1 }
		$1 != "row" || ($3 ~ /^kernel_/ && !same_kernel) { next }
		$3 ~ /^glibc_/ && $3 !~ ("@" libc "$") { next }
		{ print $3 }' "$output/device-view.txt"
}

# Golden files of no row, those aside that are left out.
surplus()
{
	local name all=" ${rows[*]} "

	while IFS= read -r name; do
		case $name in
		barriers) continue ;;
		kernel_*) [[ $all == *' kernel_'* ]] || continue ;;
		glibc_*) [[ $all == *' glibc_'* ]] || continue ;;
		esac
		if [[ $all != *" $name "* ]]; then
			echo "$name.txt"
		fi
	done < <(find "${folders[@]}" -name '*.txt' -printf '%f\n' 2>/dev/null | sed 's/\.txt$//')
}

# wanted ROW: its golden lines.
wanted()
{
	local folder line

	for folder in "${folders[@]}"; do
		[[ -e $folder/$1.txt ]] || continue
		if IFS= read -r line <"$folder/$1.txt" && [[ $line == 'same as '* ]]; then
			cat "$folder/${line#same as }.txt"
		else
			cat "$folder/$1.txt"
		fi
		return
	done
	echo "there is no ${folders[-1]}/$1.txt; --update writes it"
}

check()
{
	local row found

	for row in "${rows[@]}"; do
		diff -U 0 --label golden --label seen <(wanted "$row") "$seen/$row.txt" >"$scratch/diff"
		verdict $? "$row: what the device sees is golden, $(wc -l <"$seen/$row.txt") lines" "$(<"$scratch/diff")"
	done
	found=$(surplus)
	[[ ! $found ]]
	verdict $? "has no golden file without a row" "$found"
}

# Of equal files the first row's has the lines.
update()
{
	local row sum
	local -A first=()

	mkdir -p "${folders[0]}" || exit
	for row in "${rows[@]}"; do
		rm -f "${folders[0]}/$row.txt"
		if cmp -s <(wanted "$row") "$seen/$row.txt"; then
			continue
		fi
		sum=$(sha256sum <"$seen/$row.txt")
		if [[ ${first[$sum]-} ]]; then
			echo "same as ${first[$sum]}" >"${folders[0]}/$row.txt"
		else
			cp "$seen/$row.txt" "${folders[0]}/$row.txt"
			first[$sum]=$row
		fi
	done
	surplus | xargs -r env -C "${folders[0]}" rm -f --
}

update='' folders=()
while [[ ${1-} == --* ]]; do
	case $1 in
	--update) update=yes ;;
	--golden)
		(($# > 1)) || usage
		folders=("$2")
		shift
		;;
	*) usage ;;
	esac
	shift
done
(($# == 2)) || usage
guest=$1 output=$2
if ((${#folders[@]} == 0)); then
	folders=("$root/tests/golden/${guest%%-*}")
	if splits_aligned; then
		folders=("${folders[0]}-qemu-8.1" "${folders[0]}")
	fi
fi
if [[ ! -r $output/device-view.txt || ! -r $output/access.log ]]; then
	echo "check.sh: $output has no device-view.txt or no access.log: run tests/lab/device-view.c in the guest" >&2
	exit 2
fi
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
seen=$scratch/seen
mkdir "$seen"
mapfile -t rows < <(golden_rows)
# Each row has a file, if only an empty one.
for row in "${rows[@]}"; do
	: >"$seen/$row.txt"
done
awk -v to="$seen" -f "$root/tests/golden/stores.awk" "$output/device-view.txt" "$output/access.log" || exit
if [[ $update ]]; then
	update
	exit
fi
for kind in kernel_ glibc_; do
	if [[ " ${rows[*]} " != *" $kind"* ]]; then
		echo "# rows $kind... are left out: the golden ones are of Linux ${golden_kernel%.} and glibc $golden_libc"
	fi
done
[[ -e $seen/whole ]]
verdict $? "the log of what the device saw is whole" "a mark is missing from $output/access.log"
[[ ! -e $seen/differences ]]
verdict $? "on uc and device memory the device sees what it sees on wc" "$(cat "$seen/differences" 2>/dev/null)"
check
finish
