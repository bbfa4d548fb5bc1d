#!/bin/bash
# SPDX-License-Identifier: MIT
#
# names.sh - whatever a name is made of, it is text: on a terminal, in JSON, and to
# the programs that draw.
#
# emulated: yes
# quick: yes

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

# A run that is over soon, and still draws a picture.
short=(--quick --filter '^barrier/idle/')
# Of everything that a name is made of, most of it no letters.
# shellcheck disable=SC1003,SC2016 # as they are
pieces=($'\n' $'\r' $'\t' $'\033[31m' $'\001' $'\177' $'\302\233' $'\377' $'\342\200\256' '' %s %n '\' "'" '"' ' '
	'$x' '`id`' ';' '|' '<' '*' '~' '-' '=' ',' ':' / wb ram barrier 0000:00:04.0 copy/ 1)

# What a terminal would obey, but for the ends of lines: C0, delete, C1 and turns of the
# direction in UTF-8; and bytes of no character.
obeyed()
{
	LC_ALL=C grep -naP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$1"
	iconv -f UTF-8 -t UTF-8 "$1" 2>&1 >/dev/null | cat
}

#
# Messages
#

# name: of one to six pieces, in $name.
draw_name()
{
	local i n=$((RANDOM % 6 + 1))

	name=
	for ((i = 0; i < n; i++)); do
		name+=${pieces[RANDOM % ${#pieces[@]}]}
	done
}

# A line of arguments that has names in some place, in the array line; what could be a
# measurement is not in it.
draw_line()
{
	local options=(--target --memory --show --api --list --format --evidence --seed --cpu '' - -- bind unbind lookup)

	line=(--list rows)
	while ((RANDOM % 3)); do
		draw_name
		line=("${options[RANDOM % ${#options[@]}]}" "$name" "${line[@]}")
	done
	draw_name
	line+=("$name")
}

test_lines()
{
	local i name line bad=()

	RANDOM=9
	: >all
	for ((i = 0; i < 300; i++)); do
		draw_line
		run "${line[@]}"
		if ((status > 6)) || [[ $(obeyed stderr) ]] || grep -qv '^fencepost: ' stderr || (($(errors | wc -l) > 1)); then
			bad+=("$(printf '%q ' "${line[@]}"): status $status: $(errors | cat -v | head -n 3)")
		fi
		cat stderr >>all
	done
	verdict ${#bad[@]} "300 lines of control characters: each costs one line, which has none" "${bad[@]}"
	(($(sort -u all | wc -l) > 100))
	verdict $? "300 lines of control characters: many are answered"
}

# Names that come another way.
test_environment()
{
	local name=$'a\nfencepost: well\033[2J\302\233\377'

	: >a-file
	FENCEPOST_OUT=a-file/$name run "${short[@]}"
	said_once 6 'a-file/a\\nfencepost: well\\x1b\[2J\\xc2\\x9b\\xff' "a folder of control characters, by FENCEPOST_OUT"
	run "${short[@]}" --json "a-file/$name" --output json
	said_once 6 'a-file/a\\nfencepost' "a file of control characters, by --json"
	FENCEPOST_DATADIR=$name run "${short[@]}" --output data
	said_once 6 '^fencepost: a\\nfencepost: well\\x1b.*FENCEPOST_DATADIR' "a folder of control characters, by FENCEPOST_DATADIR"
	run --api "$(printf '%0100000d' 0)"
	said_once 2 $'000 \\.\\.\\. 000\n--list barriers' "a name of 100,000 characters"
	is "$(wc -c <stderr | awk '{ print ($1 < 5000) }')" 1 "a name of 100,000 characters: is not repeated as a whole"
}

#
# Results
#

test_results()
{
	local word=$'\377|"\033|\n<script>it\'s' added=${emulated:+ --evidence emulated}

	status=0
	(exec -a $'\377"\033[31m\n<script>' "$FENCEPOST" "${short[@]}" --exclude "$word" --output results >stdout 2>stderr </dev/null) ||
		status=$?
	is "$status $(errors)" '0 ' "a program of another name: exit 0"
	is "$(obeyed results/results.json)" "" "a program of another name: nobody obeys results.json"
	is "$(obeyed stdout)" "" "a program of another name: nobody obeys the table"
	if have jq; then
		is "$(jq -r .context.options results/results.json)" \
			"--quick --filter '^barrier/idle/' --exclude \$'\\xff|\"\\x1b|\\n<script>it\\'s' --output results$added" \
			"options are in the results as one would type them"
	else
		skip "options are in the results as one would type them" "jq is not installed"
	fi
	tr -d '\t' <results/report.html >report
	is "$(obeyed report)" "" "nobody obeys the report"
	is "$(grep -c '<script>' report)" 1 "options are text in the report: the only script is the page's"
	is "$(grep -c '\\n&lt;script&gt;it\\&#39;s&#39; --output results'"$added"'<' report)" 1 "options are text in the report"
}

#
# Folders, which gnuplot draws in
#

test_folders()
{
	local name number=0 names

	# shellcheck disable=SC2016 # as they are
	names=('|id>owned;' '<touch owned;' '~' '$x' '`touch owned`' $'a\n\033\377"' '*')
	if [[ $emulated ]]; then
		names=("${names[0]}")
	fi
	mkdir folders && cd folders || return
	for name in "${names[@]}"; do
		run "${short[@]}" --output "$name"
		printf -v name %q "$name"
		is "$status $(errors)" '0 ' "--output $name: exit 0"
		is "$(find . -mindepth 1 -maxdepth 1 ! -name 'std*' -printf x | wc -c)" $((++number)) "--output $name: makes nothing else"
	done
	if have gnuplot; then
		is "$(find . -name '*.[sp][vn]g' -printf x | wc -c)" $((2 * number)) "--output of such names: all have their pictures"
	fi
	cd ..
}

#
# The shell's side
#

test_scripts()
{
	local script tool name=$'a\nrun-tests: well\033[2J\177\377' path=.:$PATH:

	mkdir -p tripwires && cd tripwires || return
	for tool in readlink uname nproc id awk sed grep cat find gcc cc xargs; do
		printf '#!/bin/sh\necho %s >>%q/called\nexit 1\n' $tool "$PWD" >$tool
		chmod +x $tool
	done
	for script in run-tests lab/run; do
		status=0
		PATH=$path "$FENCEPOST_ROOT/$script" "$name" >../stdout 2>../stderr </dev/null || status=$?
		is "$status $(wc -l <../stderr)" '2 1' "$script: what it does not know costs one line"
		is "$(obeyed ../stderr)" "" "$script: nobody obeys what it says of that"
		is "$(cat called 2>&1)" "cat: called: No such file or directory" "$script: programs of the current folder are not run"
	done
	cd ..
}

test_lines
test_environment
test_results
test_folders
test_scripts
finish
