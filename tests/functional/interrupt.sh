#!/bin/bash
# SPDX-License-Identifier: MIT
#
# interrupt.sh - what is left of a run that is interrupted, and of one with
# rows that die; progress on a terminal.

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

# statuses FILE-OF-CSV: "STATUS<TAB>REASON", each with how often.
statuses()
{
	cells "$1" status reason | sort | uniq -c
}

# interrupted_by SIGNAL FOLDER SECONDS ARGUMENT...: started, and that long after
# its folder is there, interrupted.
interrupted_by()
{
	local signal=$1 folder=$2 seconds=$3 pid tries

	shift 3
	status=0
	# A shell's background jobs ignore SIGINT, and hand that on.
	set -m
	"$FENCEPOST" --output "$folder" --format csv "$@" >stdout 2>stderr </dev/null &
	pid=$!
	set +m
	for ((tries = 0; tries < 500; tries++)); do
		[[ ! -e $folder ]] || break
		sleep 0.02
	done
	sleep "$seconds"
	kill -"$signal" $pid
	wait $pid || status=$?
}

# Names without the depths, which each run measures anew, and how many of them.
any_depth()
{
	sed 's,/behind:[0-9]*,/behind:N,' | sort -u
}

# The interrupt must come before every row had its first turn: on a machine
# where it came too late, it comes earlier.
test_signal()
{
	local signal=$1 seconds folder=by-$1

	for seconds in 1 0.4 0.1; do
		rm -rf "$folder"
		interrupted_by "$signal" "$folder" $seconds
		if grep -q 'skipped,interrupted' stdout; then
			break
		fi
	done
	is "$status" 130 "$signal: exit 130"
	is "$(errors)" "" "$signal: no error"
	proves "$signal: results.json is as its schema says" schema "$folder/results.json"
	proves "$signal: the results are partial" grep -q '"partial": true' "$folder/results.json"
	statuses stdout | sed 's/^/# /'
	(($(cells stdout status | grep -c ran) > 0))
	verdict $? "$signal: what had run is in the results"
	(($(cells stdout status reason | grep -c '^skipped	interrupted$') > 0))
	verdict $? "$signal: what had not is skipped, because interrupted"
	is "$(cells stdout status reason | grep -Ev '^(ran	|skipped	interrupted|unsupported	.+)$')" "" \
		"$signal: no row failed, and none is without its reason"
	"$FENCEPOST" --list rows --format csv 2>/dev/null >list
	is "$(cells stdout name | any_depth)" "$(cells list row | any_depth)" \
		"$signal: every planned row is in the results"
	is "$(find "$folder" -name '.*' -type f)" "" "$signal: no temporary file is left"
	[[ -s $folder/report.html ]]
	verdict $? "$signal: the report is written"
}

# shellcheck disable=SC2317 # by way of proves
schema()
{
	if have jsonschema; then
		valid "$1"
	else
		tail -c 2 "$1" | grep -q '}'
	fi
}

#
# Progress
#

# Few rows tell as much of it as many.
test_progress()
{
	local seen command few=(--quick --filter '^barrier/idle/|^access/')

	printf -v command '%q ' "$FENCEPOST" "${few[@]}" --output progress
	run "${few[@]}" --output no-progress
	is "$(grep -c '\[[0-9]*/[0-9]*\]' stderr)" 0 "no progress where stderr is no terminal"
	is "$(tr -d -c '\r\033' <stdout | wc -c)" 0 "no colour where stdout is no terminal"
	if ! have script; then
		skip "progress on a terminal" "script is not installed"
		return
	fi
	if ! script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
		skip "progress on a terminal" "no pseudo-terminals here"
		return
	fi
	status=0
	script -qec "$command >table" /dev/null </dev/null >terminal 2>&1 || status=$?
	is "$status" 0 "on a terminal: exit 0"
	seen=$(tr '\r' '\n' <terminal | grep -Eo '\[[0-9]+/[0-9]+\] [a-z]+/[^ ,]+, [0-9]+ s left')
	like "$seen" '\[[0-9]+/[0-9]+\] ' "on a terminal: progress says which row, k of n, and the time left"
	is "$(tr '/[]' '   ' <<<"$seen" | awk '$1 < last || $1 > $2 { print } { last = $1 }')" "" \
		"on a terminal: k counts up to n"
	is "$(grep -c '\[[0-9]*/[0-9]*\]' table)" 0 "progress is not in what is printed"
	script -qec "$command" /dev/null </dev/null >terminal 2>&1
	grep -q $'\033\[1m' terminal
	verdict $? "on a terminal: colour"
	NO_COLOR=1 script -qec "$command 2>/dev/null" /dev/null </dev/null >terminal 2>&1
	! grep -q $'\033' terminal
	verdict $? "NO_COLOR is honoured"
}

#
# Rows that die
#

# died ROW REASON: it failed so.
died()
{
	like "$(cells stdout name status reason | grep "^$1	")" "^$1	failed	$2" "$1 failed: $2"
	grep -q "^fencepost: $1 failed: .*" stderr
	verdict $? "$1: one line on stderr" "$(errors)"
}

test_deaths()
{
	local tool rows='^faulty/|^barrier/idle/|^access/nop/'

	tool=$(helper fencepost-faulty) || tool=
	status=0
	${tool:-false} --quick --filter "$rows" --output faulty --format csv >stdout 2>stderr </dev/null || status=$?
	is "$status" 3 "rows that die: exit 3"
	died faulty/sigill/none/wb 'died of SIGILL'
	died faulty/sigbus/none/wb 'died of SIGBUS'
	died faulty/sigsegv/none/wb 'died of SIGSEGV'
	died faulty/hang/none/wb 'did not end within [0-9]+ s'
	is "$(errors | wc -l)" 4 "rows that die: a line each, and no other"
	like "$(cells stdout name status | grep faulty/well)" '	ran$' "rows that die: the family's other row ran"
	is "$(cells stdout name status | grep -Ev '^faulty/' | grep -Evc '	(ran|unsupported)$')" 0 \
		"rows that die: all other rows ran"
	proves "rows that die: results.json is as its schema says" schema faulty/results.json
	is "$(grep -c '"status": "failed"' faulty/results.json)" 4 "rows that die: results.json has them as failed"
	is "$(grep -c '"error_message": "d' faulty/results.json)" 4 "rows that die: with their reasons as error_message"
	proves "rows that die: the run is not partial" grep -q '"partial": false' faulty/results.json
}

test_signal INT
test_signal TERM
test_progress
test_deaths
finish
