#!/bin/bash
# SPDX-License-Identifier: MIT
#
# rows.sh - which rows ran on this CPU and which not, so that "unsupported"
# can't hide missing work.
#
# emulated: yes
# quick: yes

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

# "ID FLAG" a line: what the kernel must say of this CPU for a row to run.
needs()
{
	grep -v '^#' "$FENCEPOST_ROOT/tests/expected/$arch-flags.txt"
}

# What the kernel says of this CPU, a word each; where it does so is the architecture's affair.
flags()
{
	{
		sed -nE 's/^(flags|Features)[[:space:]]*: //p' /proc/cpuinfo | head -n 1
		LD_SHOW_AUXV=1 /bin/true | sed -n 's/^AT_HWCAP2: *//p'
	} | tr ' ' '\n'
}

# ids LIST: those of the own architecture, "none" aside.
ids()
{
	"$FENCEPOST" --list "$1" --format csv 2>/dev/null >list
	cells list architecture id | sed -n "s/^$arch	//p" | grep -vx none
}

# The row of each barrier, access and lock by itself: "ID ROW".
own_rows()
{
	ids barriers | sed 's,.*,& barrier/idle/&/wb,'
	{ ids accesses && ids locks; } | sed 's,.*,& access/&/none/wb,'
}

# Nothing in the tables is without a row.
test_all_there()
{
	local id row missing=()

	while read -r id row; do
		grep -q "^$row	" <<<"$all" || missing+=("$id: no row $row")
	done <<<"$own"
	verdict ${#missing[@]} "each barrier, access and lock of $arch has a row ($(wc -l <<<"$own"))" "${missing[@]-}"
}

# list_rows NAME STATUS
list_rows()
{
	local id row

	while read -r id row; do
		if grep -q "^$row	$2	" <<<"$all"; then
			printf '%s ' "$id"
		fi
	done <<<"$own" | fold -s -w 90 | sed "s/^/# $1: /"
	echo
}

test_none_failed()
{
	is "$(grep -Ev '	(ran|unsupported)	' <<<"$all")" "" "no row failed, and none was left out"
	is "$(grep '	unsupported	$' <<<"$all")" "" "each row that can't run says why"
}

# The ids whose own row is unsupported.
unsupported()
{
	local id row

	while read -r id row; do
		if grep -q "^$row	unsupported	" <<<"$all"; then
			echo "$id"
		fi
	done <<<"$own" | sort
}

# Held against what the kernel says.
test_hardware()
{
	local id flag

	while read -r id flag; do
		if [[ $flag == - ]]; then
			continue
		fi
		if grep -qx "$flag" <<<"$(flags)"; then
			is "$(grep -x "$id" <<<"$gone")" "" "$id runs: this CPU has $flag"
		else
			is "$(grep -x "$id" <<<"$gone")" "$id" "$id is unsupported: this CPU lacks $flag"
		fi
	done < <(needs)
	is "$(comm -23 <(echo "$gone") <(needs | cut -d' ' -f1 | sort))" "" \
		"nothing is unsupported that every $arch CPU has"
}

# Held against a list of what the emulator lacks; a newer one may lack less.
test_emulator()
{
	local expected=$FENCEPOST_ROOT/tests/expected/$arch-qemu-user.txt

	is "$(comm -23 <(echo "$gone") <(grep -v '^#' "$expected" | sort))" "" \
		"nothing is unsupported but what ${expected##*/} names"
	comm -13 <(echo "$gone") <(grep -v '^#' "$expected" | sort) | sed 's/^/# this emulator has what others lack: /'
}

run --quick --output rows --format csv
is "$status" 0 "--quick: exit 0"
all=$(cells stdout name status reason)
"$FENCEPOST" --list barriers --format csv 2>/dev/null >list
arch=$(cells list architecture here | sed -n 's/	yes$//p' | head -n 1)
is "${emulated:-$arch}" "$arch" "the program is for the architecture that is tested"
own=$(own_rows)
gone=$(unsupported)
echo "# $arch, $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)${emulated:+, under qemu-user}"
list_rows ran ran
list_rows "not here" unsupported
cells stdout status reason | sed -n 's/^unsupported	/# because /p' | sort | uniq -c | sed 's/^ *\([0-9]*\) # /# \1 rows /'
test_all_there
test_none_failed
if [[ $emulated ]]; then
	test_emulator
else
	test_hardware
fi
finish
