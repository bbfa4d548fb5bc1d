#!/bin/bash
# SPDX-License-Identifier: MIT
#
# style.sh - how sources in C and C++ look, as far as it can be told line by line.
#
# The sources are all that it looks at: it starts no program.
#
# quick: yes

set -u -o pipefail
export LC_ALL=C
me=$(readlink -f -- "${BASH_SOURCE[0]}")
: "${FENCEPOST_ROOT:=${me%/tests/*}}"
# shellcheck source=tests/tap.sh
. "$FENCEPOST_ROOT/tests/tap.sh"

# A reader scrolls no further; tests may be tables.
most_lines=500

# sources: what somebody has written; the two that are left out are made by builds.
sources()
{
	find arch bench fencepost_copy gbench kmod lab tests -name '*.[ch]' -o -name '*.cc' 2>/dev/null |
		grep -vE '^fencepost_copy/fencepost_copy\.c$|\.mod\.c$' | sort
}

# unended: files whose last line has no end.
unended()
{
	local file

	while IFS= read -r file; do
		if [[ $(tail -c 1 "$file") ]]; then
			echo "$file: its last line has no end"
		fi
	done < <(sources)
}

# wrong ROOT: what is not in style, one a line: file, number of the line, what.
wrong()
{
	(
		cd "$1" || exit
		unended
		# shellcheck disable=SC2016 # of awk
		sources | xargs -r awk -v most="$most_lines" '
			function say(what) {
				print FILENAME ":" FNR ": " what
			}
			# How far a line reaches, with a tab to every eighth column.
			function columns(line,	n, parts, i, width) {
				n = split(line, parts, "\t")
				for (i = 1; i < n; i++) {
					width += length(parts[i])
					width += 8 - width % 8
				}
				return width + length(parts[n])
			}
			function end_file() {
				if (last == "")
					print file ": ends in an empty line"
				if (lines > most && file !~ /^tests\//)
					print file ": has " lines " lines, more than " most
			}
			FNR == 1 {
				if (file)
					end_file()
				file = FILENAME
				if ($0 !~ /^\/[\/*] SPDX-License-Identifier: /)
					say("names no license")
			}
			{
				last = $0
				lines = FNR
			}
			/[ \t\r]$/ { say("ends in a blank") }
			/^\t* \t|^\t*        / { say("is indented by blanks where a tab would do") }
			/^ / && !/^ \*/ && !/^ +(public|protected|private):$/ { say("is indented by blanks") }
			columns($0) > 100 { say("has " columns($0) " columns") }
			FNR > 1 {
				gsub(/"([^"\\]|\\.)*"/, "")
				if ($0 ~ /(^|[ \t;{}])\/\//)
					say("is a comment behind //")
			}
			END {
				if (file)
					end_file()
			}'
	)
}

# finds FILE TEXT WHAT NAME: in a file that is in style but for that text, that alone is found.
finds()
{
	local file=$1 text=$2 what=$3 name=$4 found

	rm -rf planted
	mkdir -p "planted/${file%/*}"
	printf '%b' "$text" >"planted/$file"
	found=$(wrong planted)
	[[ $found == "$file:"*"$what" && $found != *$'\n'* ]]
	verdict $? "$name" "${found:-(nothing was found)}"
}

# allows FILE TEXT NAME
allows()
{
	local file=$1 text=$2 name=$3 found

	rm -rf planted
	mkdir -p "planted/${file%/*}"
	printf '%b' "$text" >"planted/$file"
	found=$(wrong planted)
	[[ ! $found ]]
	verdict $? "$name" "$found"
}

scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit

head='// SPDX-License-Identifier: MIT\n'
x90=$(printf '%090d' 0)
many=$(printf '%0*d' $((most_lines - 1)) 0 | sed 's/0/int i;\\n/g')

finds bench/a.c 'int i;\n' 'names no license' 'a file without a license is found'
finds bench/a.c "${head}int i; \n" 'ends in a blank' 'so is a blank at the end of a line'
finds bench/a.c "${head}int i;\t\n" 'ends in a blank' 'and a tab'
finds bench/a.c "${head}int i;\r\n" 'ends in a blank' "and another system's end"
finds bench/a.c "$head    int i;\n" 'is indented by blanks' 'four blanks are found'
finds bench/a.c "$head\t        int i;\n" 'where a tab would do' 'so are eight behind a tab'
finds bench/a.c "$head  \tint i;\n" 'is indented by blanks' 'and a tab behind blanks'
finds bench/a.c "$head/* ${x90} 1234 */\n" 'has 101 columns' '101 columns are found'
finds bench/a.c "$head\t${x90}123\n" 'has 101 columns' 'a tab counts eight of them'
finds bench/a.c "${head}int i; // why\n" 'is a comment behind //' 'a comment behind // is found'
finds bench/a.c "$head// why\n" 'is a comment behind //' 'also in a line of its own'
finds bench/a.c "${head}int i;" 'has no end' 'a last line without an end is found'
finds bench/a.c "${head}int i;\n\n" 'ends in an empty line' 'so is one that is empty'
finds bench/a.c "$head${many}int i;\n" 'has 501 lines, more than 500' '501 lines are found'
finds kmod/a.h '/* MIT */\n' 'names no license' 'in the module, too'
allows bench/a.c "$head$many" '500 lines are allowed'
allows tests/a.c "$head${many}int i;\n" 'more in a test'
allows bench/a.c "$head/* ${x90} 123 */\n\tf(a,\n\t  b);\n/*\n * Why.\n */\n" \
	'100 columns, alignment and a long comment are allowed'
allows bench/a.c "${head}puts(\"http://a // b\");\n" '// in a string is none'

found=$(wrong "$FENCEPOST_ROOT")
[[ ! $found ]]
verdict $? 'every source is in style' "$found"

finish
