# SPDX-License-Identifier: MIT
#
# stores.awk - turns what an emulated device saw into a line a case.
#
#   awk -v to=FOLDER -f stores.awk device-view.txt access.log
#
# The first is tests/lab/device-view.c's list of rows, whose text says what its
# marks in the log are.  FOLDER/ROW.txt gets the cases on write-combining memory:
#
#   BYTES+OFFSETS: ACCESS...
#
# Offsets are from a line; those at which a device sees the same share one here.  ACCESS is
# [r]WIDTH[xCOUNT][@BYTE]: r for a read; where BYTE, relative to the destination,
# stands, the access does not begin where the one before ended, or at 0.
#   60+1: 1x7 8x6 1x5     60 bytes, in order, each once
#   60+0,8: 8x4 1x32@28   four bytes are written a second time
# On other memory types the same must be seen: FOLDER/differences gets what is not.
# FOLDER/whole is written where the log has all, to its end.
#
# Any awk; as little as can be is done a line, since there are half a million.

function hex(text,	i, n)
{
	for (i = 1; i <= length(text); i++)
		n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return n + 0
}

# In two parts, few of which there are.
function address(text,	high, low)
{
	high = substr(text, 3, length(text) - 6)
	low = substr(text, length(text) - 3)
	if (!(high in known_high))
		known_high[high] = hex(high) * 65536
	if (!(low in known_low))
		known_low[low] = hex(low)
	return known_high[high] + known_low[low]
}

function end_run()
{
	if (count)
		seen = seen " " width (count > 1 ? "x" count : "") place
	count = 0
}

function access(what, at, bytes)
{
	if (what != width || at != next_at || !count) {
		end_run()
		width = what
		place = at == next_at ? "" : "@" at
	}
	count++
	next_at = at + bytes
}

function range(first, last)
{
	return first == last ? first : first (last == first + 1 ? "," : "-") last
}

# The cases of one size are complete.
function end_size(	i)
{
	for (i = 1; i <= patterns; i++)
		print group_bytes "+" group_before[i] range(group_first[i], group_last[i]) ":" group[i] >(to "/" names[group_row] ".txt")
	patterns = 0
}

function group_case(	i)
{
	if (row != group_row || bytes != group_bytes)
		end_size()
	group_row = row
	group_bytes = bytes
	for (i = 1; i <= patterns && group[i] != seen; i++)
		;
	if (i > patterns) {
		patterns = i
		group[i] = seen
		group_before[i] = ""
		group_first[i] = offset
	} else if (offset != group_last[i] + 1) {
		group_before[i] = group_before[i] range(group_first[i], group_last[i]) ","
		group_first[i] = offset
	}
	group_last[i] = offset
}

function end_case(	key)
{
	end_run()
	key = row " " bytes " " offset
	if (row == "")
		return
	if (memory == 1) {
		group_case()
		on_wc[key] = seen
	} else if (!(key in on_wc) || on_wc[key] != seen)
		print names[row] " on " types[memory] ": " bytes "+" offset ":" seen \
			", on wc:" on_wc[key] >(to "/differences")
}

# begin and end stand for rows.
function mark(value, at)
{
	end_case()
	row = substr(value, 6, 2)
	memory = substr(value, 8, 1)
	bytes = hex(substr(value, 9, 3))
	offset = hex(substr(value, 12, 2))
	if (row == "ff" || row == "fe") {
		end_size()
		inside = row == "ff"
		ended += !inside
		if (inside)
			base = at
		row = ""
	}
	start = base + hex(substr(value, 14)) * 64 + offset
	seen = ""
	next_at = 0
}

BEGIN {
	types[1] = "wc"
	types[2] = "uc"
	types[3] = "device"
	base = -1
}

$1 == "row" { names[$2] = $3; next }
$1 == "passes" { passes = $2; next }
$1 == "kernel" { next }

{ at = address($7) }

# The device sees nothing else there, and nothing of that kind elsewhere.
$11 == 8 && substr($9, 1, 5) == "0xfe9" && length($9) == 18 && (at == base || substr($9, 6, 2) == "ff") {
	mark($9, at)
	next
}

inside { access($1 == "memory_region_ops_read" ? "r" $11 : $11, at - start, $11) }

END {
	end_size()
	if (ended == passes && !inside)
		print "yes" >(to "/whole")
}
