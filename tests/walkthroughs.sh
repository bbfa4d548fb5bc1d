#!/bin/bash
# SPDX-License-Identifier: MIT
#
# walkthroughs.sh - shows that what doc/adding-*.md says is all that is to be done:
# takes each one's example out of it, applies that to a copy of the tree, and does
# there what it says one can see and test.
#
#   tests/walkthroughs.sh [WALK-THROUGH...]    barrier copy family target architecture
#
# A comment of the document stands before each of its blocks and says where that goes:
#
#   <!-- new file: FILE -->
#   <!-- add to: FILE -->                      at its end
#   <!-- after "TEXT" in FILE -->              behind the one line that has the text;
#   <!-- before "TEXT" in FILE -->             so with these
#   <!-- in place of "TEXT" in FILE -->
#   <!-- of: ARCHITECTURE -->                  only there the example can be tested
#   <!-- see: WORD -->                         what the commands below it print has the word
#   <!-- tests -->                             the commands below it pass
#
# It prints TAP.

set -u -o pipefail
export LC_ALL=C
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/tests/*}
me=walkthroughs
# shellcheck source=setup/setup.sh
. "$root/setup/setup.sh"
# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"
# shellcheck source=tests/setup/copy.sh
. "$root/tests/setup/copy.sh"

all='barrier copy family target architecture'
# Files that each may touch; those that describe the new thing, documents and golden
# files, aside. An architecture has folders of its own besides.
declare -A promise=([barrier]=2 [copy]=2 [family]=3 [target]=3 [architecture]=7)
own_folders='^(arch|tests/proof)/toy64/'
# In a list, a line or a short entry.
entry_lines=5

# shellcheck source=setup/supervise.sh
. "$root/setup/supervise.sh"
supervise_me "$here" "$@"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
unset FENCEPOST_TESTS_BUILD MAKEFLAGS
export FENCEPOST_OUT=$scratch/out
tree=$scratch/tree

# blocks DOCUMENT FOLDER: each block there as N.text, and N.where, in which line it stands
# and what the comment says; fails where one has none, or a comment no block.
blocks()
{
	awk -v to="$2" '
		inside && /^```/ { inside = 0; close(text); next }
		inside { print >text; next }
		/^<!-- (new file|add to|after|before|in place of)/ {
			lonely += where != ""
			where = $0
			next
		}
		/^```/ {
			lonely += where == ""
			text = sprintf("%s/%02d.text", to, ++n)
			print where >sprintf("%s/%02d.where", to, n)
			printf "" >text
			where = ""
			inside = 1
		}
		END { exit lonely || inside || where != "" || n == 0 }' "$1"
}

# edit HOW TEXT FILE BLOCK: puts the block at the one line of the file that has the text.
edit()
{
	local old

	old=$(grep -cF -- "$2" "$3") || old=0
	if [[ $old != 1 ]]; then
		echo "$3 has $old lines with: $2"
		return 1
	fi
	TEXT=$2 awk -v how="$1" -v block="$4" '
		function put(	line) {
			while ((getline line <block) > 0)
				print line
		}
		!index($0, ENVIRON["TEXT"]) { print; next }
		how == "before" { put() }
		how != "in place of" { print }
		how != "before" { put() }' "$3" >"$scratch/edited" && cat "$scratch/edited" >"$3"
}

# keep FILE: as it was, for undo; and among the touched.
keep()
{
	if [[ -e $tree/$1 && ! -e $scratch/before/$1 ]]; then
		mkdir -p "$scratch/before/$(dirname "$1")" && cp -p "$tree/$1" "$scratch/before/$1" || return
	fi
	touched+=("$1")
}

# apply WHERE BLOCK
apply()
{
	local where
	where=$(<"$1")

	if [[ $where =~ ^'<!-- new file: '([^ ]+)' -->'$ ]]; then
		if [[ -e $tree/${BASH_REMATCH[1]} ]]; then
			echo "${BASH_REMATCH[1]} is there"
			return 1
		fi
		keep "${BASH_REMATCH[1]}" && mkdir -p "$tree/$(dirname "${BASH_REMATCH[1]}")" &&
			cp "$2" "$tree/${BASH_REMATCH[1]}"
	elif [[ $where =~ ^'<!-- add to: '([^ ]+)' -->'$ ]]; then
		keep "${BASH_REMATCH[1]}" && cat "$2" >>"$tree/${BASH_REMATCH[1]}"
	elif [[ $where =~ ^'<!-- '(after|before|in place of)' "'(.*)'" in '([^ ]+)' -->'$ ]]; then
		keep "${BASH_REMATCH[3]}" && edit "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "$tree/${BASH_REMATCH[3]}" "$2"
	else
		echo "what is meant by: $where"
		return 1
	fi
}

undo()
{
	local file

	for file in "${touched[@]}"; do
		if [[ -e $scratch/before/$file ]]; then
			# A new time: what was built of the other one is made again.
			cat "$scratch/before/$file" >"$tree/$file"
		else
			rm -f "$tree/$file"
		fi
	done
	rm -rf "$scratch/before"
}

# commands DOCUMENT COMMENT: what stands, further in, below that comment.
commands()
{
	awk -v comment="<!-- $2" '
		index($0, comment) == 1 { on = 1; next }
		on && /^    / { print substr($0, 5); next }
		on && !/^$/ { on = 0 }' "$1"
}

word_after()
{
	sed -n "s/^<!-- $2: \(.*\) -->\$/\1/p" "$1"
}

apply_all()
{
	local where said

	rm -rf "$scratch/blocks"
	mkdir "$scratch/blocks"
	if ! blocks "$document" "$scratch/blocks"; then
		not_ok "$walk: each block says where it goes, and each such comment has one"
		return 1
	fi
	ok "$walk: each block says where it goes, and each such comment has one"
	for where in "$scratch"/blocks/*.where; do
		apply "$where" "${where%.where}.text" >"$scratch/said" || {
			said=$(<"$scratch/said")
			not_ok "$walk: the example can be applied" "$said"
			return 1
		}
	done
	ok "$walk: the example can be applied"
}

# Of the lists an architecture stands in: each gets an entry, not more.
hold_entries()
{
	local file long=()

	for file in "${files[@]}"; do
		if (($(diff "$scratch/before/$file" "$tree/$file" | grep -c '^>') > entry_lines)); then
			long+=("$file")
		fi
	done
	verdict ${#long[@]} "$walk: a line or a short entry in each list" "longer: ${long[*]-}"
}

hold_promise()
{
	local files

	mapfile -t files < <(printf '%s\n' "${touched[@]}" | sort -u | grep -Ev "$own_folders")
	verdict $((${#files[@]} > promise[$walk])) \
		"$walk: ${#files[@]} files, of at most ${promise[$walk]}: ${files[*]}"
	if [[ $walk == architecture ]]; then
		hold_entries
	fi
}

run_tests()
{
	local command

	while IFS= read -r command; do
		# shellcheck disable=SC2086 # words
		env -C "$tree" $command --no-install >"$scratch/log" 2>&1 </dev/null
		verdict_log $? "$walk: $command" "$scratch/log"
	done < <(commands "$document" tests)
}

# see PROGRAM: what the document says one can see, and the new thing is in it.
see()
{
	local word command status
	word=$(word_after "$document" see)

	while IFS= read -r command; do
		status=0
		# shellcheck disable=SC2016,SC2294 # quotes are the document's
		(cd "$scratch" && FENCEPOST_DATADIR=$tree/plots eval "${command/.\/run-bench/$1}") >"$scratch/log" 2>&1 </dev/null || status=$?
		if ((status == 0)) && ! grep -qF -- "$word" "$scratch/log"; then
			echo "$word is not in it" >>"$scratch/log"
			status=1
		fi
		verdict_log $status "$walk: $command" "$scratch/log"
	done < <(commands "$document" "see:")
}

# Of the architecture: as many as its table has.
see_barriers()
{
	local said wanted

	wanted=$(grep -c '^BARRIER(' "$tree/arch/toy64/barriers.def")
	said=$("$1" --list barriers --format csv 2>/dev/null | grep -c '^toy64,')
	verdict $((said != wanted || wanted < 3)) "$walk: its $wanted barriers are in the list" "there are $said"
}

walk()
{
	local walk=$1 document touched=() only program
	document=$(echo "$root"/doc/adding-a*-"$walk.md")
	only=$(word_after "$document" of)

	if [[ $only ]] && ! is_native "$only"; then
		skip "$walk" "the example is for $only; this is $(this_architecture)"
		return
	fi
	if apply_all; then
		hold_promise
		run_tests
		program=$tree/build/tests-$(triplet)/fencepost
		see "$program"
		if [[ $walk == architecture ]]; then
			see_barriers "$program"
		fi
	fi
	undo
}

if (($# == 0)); then
	# shellcheck disable=SC2086 # words
	set -- $all
fi
for name; do
	if [[ ! ${promise[$name]+set} ]]; then
		say "'$name' is no walk-through; there are: $all"
		exit 2
	fi
done
copy_tree "$tree" || bail_out "the tree can't be copied"
for name; do
	walk "$name"
done
finish
