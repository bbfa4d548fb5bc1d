#!/bin/bash
# SPDX-License-Identifier: MIT
#
# docs.sh - what the documents name is there: files, links, names of the sources.
#
# The tree is all that it looks at: it starts no program.
#
# quick: yes

set -u -o pipefail
export LC_ALL=C
me=$(readlink -f -- "${BASH_SOURCE[0]}")
: "${FENCEPOST_ROOT:=${me%/tests/*}}"
# shellcheck source=tests/tap.sh
. "$FENCEPOST_ROOT/tests/tap.sh"

folders='arch bench completions doc fencepost_copy gbench kmod lab plots results setup tests'
# What a build makes.
built='kmod/fencepost.ko tests/fencepost-fake'

# quoted DOCUMENT: what stands in backticks, a line each; blocks of code aside.
quoted()
{
	awk '
		/^```/ { inside = !inside; next }
		inside || /^    / { next }
		{
			n = split($0, part, "`")
			for (i = 2; i <= n; i += 2)
				print part[i]
		}' "$1"
}

# Paths that begin with a folder of ours, or that the word before has said the folder of, as in
# "bench/plan/row.c value.c"; what has a placeholder is none.
paths()
{
	quoted "$1" | awk -v folders="$folders" '
		BEGIN {
			n = split(folders, name, " ")
			for (i = 1; i <= n; i++)
				ours[name[i]] = 1
		}
		/[<>$:=|]|[A-Z][A-Z][A-Z][A-Z]/ { next }
		{
			folder = ""
			for (i = 1; i <= NF; i++) {
				split($i, step, "/")
				if ((step[1] in ours) && $i ~ /\//) {
					print $i
					folder = $i
					sub(/[^\/]*$/, "", folder)
				} else if (folder != "" && $i ~ /^[a-z0-9_-]+\.[a-z]+$/) {
					print folder $i
				}
			}
		}' | sort -u
}

missing_paths()
{
	local path

	while IFS= read -r path; do
		if [[ " $built " == *" $path "* || -e $FENCEPOST_ROOT/$path ]]; then
			continue
		fi
		if [[ $path != *'*'* ]] || ! compgen -G "$FENCEPOST_ROOT/$path" >/dev/null; then
			echo "$path"
		fi
	done < <(paths "$1")
}

# Names of the sources: fp_plan_add, FP_AT_FLAG, struct view_family.
missing_names()
{
	local name

	while IFS= read -r name; do
		if ! grep -rqwF --include='*.[chS]' --include='*.def' --include='*.cc' -e "$name" \
			"$FENCEPOST_ROOT"/{arch,bench,fencepost_copy,gbench,kmod,tests}; then
			echo "$name"
		fi
	done < <(quoted "$1" | tr -s ' ,;()' '\n' | grep -oE '^(fp|FP|view|doc|finding|gbench|fencepost)_[A-Za-z0-9_]*[A-Za-z0-9]$' | sort -u)
}

missing_links()
{
	local link

	while IFS= read -r link; do
		if [[ $link != *://* && ! -e ${1%/*}/${link%%#*} && $link != '#'* ]]; then
			echo "$link"
		fi
	done < <(grep -oE '\]\([^) ]+\)' "$1" | sed 's/^](//; s/)$//')
}

# missing DOCUMENT
missing()
{
	missing_paths "$1"
	missing_names "$1"
	missing_links "$1"
}

# finds TEXT MISSING NAME
finds()
{
	printf '%s\n' "$1" >"$scratch/planted.md"
	[[ $(missing "$scratch/planted.md") == "$2" ]]
	verdict $? "$3" "found: $(missing "$scratch/planted.md")"
}

scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT

# shellcheck disable=SC2016 # backticks of the documents
{
	finds 'in `bench/plan/nothing.c`' bench/plan/nothing.c 'a file that is not there is found'
	finds '`bench/plan/row.c nothing.c value.c`' bench/plan/nothing.c 'beside one that is, too'
	finds '`bench/nowhere/`' bench/nowhere/ 'so is a folder'
	finds '`arch/*/native.c`, `tests/golden/<guest>/`, `kmod/fencepost.ko`' '' 'patterns, placeholders, what is built'
	finds 'by `fp_plan_nothing()`' fp_plan_nothing 'a function that is not there is found'
	finds '`fp_plan_add(plan, row)`' '' 'one that is there is not'
	finds 'see [there](nothing.md#here)' nothing.md#here 'a link to nowhere is found'
}

# sources.md names files of others.
for document in "$FENCEPOST_ROOT"/README.md "$FENCEPOST_ROOT"/doc/*[!s].md; do
	found=$(missing "$document")
	[[ ! $found ]]
	verdict $? "what ${document#"$FENCEPOST_ROOT"/} names is there" "$found"
done
finish
