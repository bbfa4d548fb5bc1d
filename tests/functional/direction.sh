#!/bin/bash
# SPDX-License-Identifier: MIT
#
# direction.sh - a folder includes only what lies below it, and says from where.
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

# What leads to results.json and what comes after it, from below; folders of one line don't include each other.
to_results='
base gbench fencepost_copy
arch
machine
memory
targets work bind
measure
execute
plan
families recipes ordering
run
results'
from_results='
base
arch
document
findings
history
views'
# Folders that include what they like, and the file that starts all.
above=commands
main='bench/main.c'
main_may='commands base'

# wrong ROOT: the includes that break the order, one a line: file, include, why.
wrong()
{
	local root=$1

	(cd "$root" && find arch bench gbench fencepost_copy \( -name '*.[ch]' -o -name '*.cc' \) 2>/dev/null) |
		sort | while IFS= read -r file; do
		awk -v file="$file" '
			match($0, /^[ \t]*#[ \t]*include[ \t]*"[^"]*"/) {
				split(substr($0, RSTART, RLENGTH), part, "\"")
				print file "\t" part[2]
			}' "$root/$file"
	done | awk -F '\t' -v to_results="$to_results" -v from_results="$from_results" \
		-v above="$above" -v main="$main" -v main_may="$main_may" '
		function levels(text, level,	lines, n, i, words, m, j) {
			n = split(text, lines, "\n")
			for (i = 1; i <= n; i++) {
				m = split(lines[i], words, " ")
				for (j = 1; j <= m; j++) {
					level[words[j]] = i
					known[words[j]] = 1
				}
			}
		}
		# Of bench/plan/row.h plan; of arch/x86/native.c arch.
		function folder_of(path,	part) {
			split(path, part, "/")
			return part[1] == "bench" ? part[2] : part[1]
		}
		function below(level, from, to) {
			return (from in level) && (to in level) && level[to] < level[from]
		}
		function may(file, from, to) {
			if (from == to || from == above)
				return 1
			if (file == main)
				return index(" " main_may " ", " " to " ")
			return below(first, from, to) || below(second, from, to)
		}
		BEGIN {
			levels(to_results, first)
			levels(from_results, second)
			known[above] = 1
		}
		{
			from = folder_of($1)
			if (!($1 == main) && !(from in known)) {
				print $1 ": its folder has no place in the order"
				next
			}
			# Made by configure; and the contract of the architectures, whose folder is on the path.
			if ($2 == "config.h")
				next
			to = $2 == "arch.h" ? "arch" : folder_of($2)
			# Parts of one architecture or of one product are side by side.
			if (from == "arch" || from == "gbench" || from == "fencepost_copy") {
				if ((to in known) && !may($1, from, to))
					print $1 ": includes " $2 ", which is above " from
				next
			}
			if ($2 !~ /\// && $2 != "arch.h")
				print $1 ": includes " $2 " and does not say from which folder"
			else if (!(to in known))
				print $1 ": includes " $2 ", whose folder has no place in the order"
			else if (!may($1, from, to))
				print $1 ": includes " $2 ", which is not below " ($1 == main ? main : from)
		}'
}

# finds FILE INCLUDE NAME: planted in a copy of that file, the include is found, and no other is new.
finds()
{
	local file=$1 include=$2 name=$3 found

	rm -rf planted
	mkdir -p "planted/${file%/*}"
	grep -v '^#include "' "$FENCEPOST_ROOT/$file" >"planted/$file"
	if [[ $(wrong planted) ]]; then
		not_ok "$name" "without it:" "$(wrong planted)"
		return
	fi
	printf '#include "%s"\n' "$include" >>"planted/$file"
	found=$(wrong planted)
	[[ $found == "$file: includes $include"* && $found != *$'\n'* ]]
	verdict $? "$name" "${found:-(nothing was found)}"
}

# allows FILE INCLUDE NAME
allows()
{
	local file=$1 include=$2 name=$3 found

	rm -rf planted
	mkdir -p "planted/${file%/*}"
	printf '#include "%s"\n' "$include" >"planted/$file"
	found=$(wrong planted)
	[[ ! $found ]]
	verdict $? "$name" "$found"
}

scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit

finds bench/base/file.c plan/plan.h 'base includes nothing that is above it'
finds bench/plan/plan.c run/runner.h 'plan does not include run'
finds bench/families/copy.c results/results.h 'families do not include results'
finds bench/targets/ram.c bind/bind.h 'folders side by side do not include each other'
finds bench/results/results.c views/views.h 'nothing before results.json includes a view'
finds bench/run/runner.c commands/options.h 'nothing includes commands'
finds bench/document/read.c findings/matrix.h 'the reader knows no findings'
finds bench/findings/matrix.c views/text.h 'findings know no views'
finds bench/findings/matrix.c plan/plan.h 'findings know no plan'
finds bench/views/table.c families/family.h 'views know no families of the plan'
finds bench/views/table.c memory/memory.h 'views know no memory'
finds bench/main.c plan/plan.h 'main.c includes commands and base only'
finds bench/views/table.c lines.h 'an include without a folder is found'
finds bench/views/table.c somewhere/lines.h 'an include from an unknown folder is found'
finds arch/tables.c plan/plan.h 'architectures know no plan'
allows bench/views/table.c findings/trust.h 'a view includes findings'
allows bench/run/runner.c arch.h 'arch.h is known without its folder'
allows bench/commands/session.c views/views.h 'commands include what they like'
allows bench/main.c commands/session.h 'main.c includes commands'

mkdir -p odd/bench/odd && echo '#include "base/file.h"' >odd/bench/odd/odd.c
[[ $(wrong odd) == *'no place in the order'* ]]
verdict $? 'a folder without a place in the order is found' "$(wrong odd)"

found=$(wrong "$FENCEPOST_ROOT")
[[ ! $found ]]
verdict $? 'every include goes down, and names its folder' "$found"

finish
