#!/bin/bash
# SPDX-License-Identifier: MIT
#
# stopped.sh - run-tests, and others that start many processes, are stopped by one signal:
# soon, with status 130, and no process and no temporary file is left.

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

[[ ! $emulated ]] || skip_all "what is stopped runs on this machine"
if ! env --default-signal=INT true 2>/dev/null; then
	skip_all "env can't reset signals here: a script's children would not see Ctrl-C"
fi

patience=80 # tenths of a second

# left FOLDER: the processes of what was started with it.
left()
{
	grep -lzsFx -e "STOPPED=$1" /proc/[0-9]*/environ
}

# start FOLDER COMMAND...: in a session of its own, as a terminal's foreground group; $group.
start()
{
	local folder=$PWD/$1

	shift
	mkdir -p "$folder"
	# Whether we are supervised is nothing to it.
	env -u FENCEPOST_SUPERVISED -u FENCEPOST_SUPERVISOR --default-signal=INT,QUIT,HUP,TERM \
		TMPDIR="$folder" STOPPED="$folder" setsid "$@" >"$folder.out" 2>&1 </dev/null &
	group=$!
}

# ends NAME FOLDER: what was signalled is over, soon, and nothing is left.
ends()
{
	local name=$1 folder=$PWD/$2 tenth status=0

	for ((tenth = 0; tenth < patience; tenth++)); do
		kill -0 "$group" 2>/dev/null || break
		sleep 0.1
	done
	if kill -0 "$group" 2>/dev/null; then
		kill -KILL -- "-$group"
		not_ok "$name: it is over within $((patience / 10)) s" "$(tail -n 5 "$folder.out")"
	else
		ok "$name: it is over within $((patience / 10)) s"
	fi
	wait "$group" 2>/dev/null || status=$?
	is "$status" 130 "$name: exit 130"
	is "$(left "$folder")" "" "$name: no process is left"
	is "$(find "$folder" -mindepth 1)" "" "$name: no temporary file is left"
	# shellcheck disable=SC2046 # words
	kill -KILL $(left "$folder" | tr -cd '0-9\n') 2>/dev/null
}

# begun FOLDER PATTERN: one of its processes has that in its command line, soon.
begun()
{
	local tenth file

	for ((tenth = 0; tenth < 600; tenth++)); do
		for file in $(left "$PWD/$1"); do
			if tr '\0' ' ' 2>/dev/null <"${file%environ}cmdline" | grep -qE -e "$2"; then
				return
			fi
		done
		sleep 0.1
	done
	not_ok "$1: $2 is started" "$(tail -n 5 "$1.out")"
	return 1
}

# stops NAME SIGNAL SECONDS PATTERN COMMAND...: when a process of the pattern has run for
# some time.  As Ctrl-C does, it goes to the whole group; but SIGTERM to the first alone.
stops()
{
	local name="$1, SIG$2" folder=stopped-$tests signal=$2 seconds=$3 pattern=$4 to

	shift 4
	start "$folder" "$@"
	if begun "$folder" "$pattern"; then
		sleep "$seconds"
		to=-$group
		[[ $signal != TERM ]] || to=$group
		kill -"$signal" -- "$to"
		ends "$name" "$folder"
	else
		kill -KILL -- "-$group"
	fi
}

run_tests=("$FENCEPOST_ROOT/run-tests" --no-install)

test_run_tests()
{
	local signal

	stops "run-tests at its start" INT 0 'run-tests' "${run_tests[@]}" functional:style
	for signal in INT TERM HUP QUIT; do
		stops "run-tests in a functional test" $signal 0.3 'functional/interrupt\.sh' \
			"${run_tests[@]}" functional:interrupt functional:rows
	done
	# The program is measuring: in a process group of timeout's.
	stops "run-tests while the program runs" INT 0.5 'fencepost --output' "${run_tests[@]}" functional:interrupt
	stops "run-tests in the middle of make check" INT 0.2 'make .*check' "${run_tests[@]}" unit:test_meter
	# shellcheck disable=SC2046 # words
	(export FENCEPOST_TESTS_BUILD=$PWD/new-build
		stops "run-tests while it builds" INT 1 'configure' "${run_tests[@]}" unit:test_meter
		echo "$tests $failures" >counted)
	read -r tests failures <counted
}

# Ctrl-C as a terminal sends it.
test_terminal()
{
	local status=0 command folder=$PWD/terminal

	if ! have script; then
		skip "Ctrl-C on a terminal" "script is not installed"
		return
	fi
	mkdir "$folder"
	printf -v command '%q ' env -u FENCEPOST_SUPERVISED -u FENCEPOST_SUPERVISOR TMPDIR="$folder" \
		STOPPED="$folder" "${run_tests[@]}" functional:interrupt
	# It has the terminal until it is over: what comes too late is for nobody.
	{ begun terminal 'functional/interrupt\.sh' >&2; sleep 0.3; printf '\003'; sleep 8; } |
		timeout 60 env --default-signal=INT,QUIT script -qec "$command" /dev/null >"$folder.out" 2>&1 || status=$?
	is "$status" 130 "Ctrl-C on a terminal: exit 130"
	is "$(left "$folder")" "" "Ctrl-C on a terminal: no process is left"
	is "$(find "$folder" -mindepth 1)" "" "Ctrl-C on a terminal: no temporary file is left"
}

test_others()
{
	stops "a test of set-up" TERM 0.2 'run-bench|tar' "$FENCEPOST_ROOT/tests/setup/front-door.sh"
	stops "mutants.sh" INT 0.5 'make|cc1|test_plan' "$FENCEPOST_ROOT/tests/mutants.sh" "$build" test_plan
}

# A tree of its own, which has never been built.
test_run_bench()
{
	local signal root=$FENCEPOST_ROOT

	# shellcheck source=tests/setup/copy.sh
	. "$FENCEPOST_ROOT/tests/setup/copy.sh"
	for signal in INT TERM; do
		rm -rf tree
		copy_tree tree || return
		stops "run-bench while it builds" $signal 0.5 'autoreconf|configure' "$PWD/tree/run-bench" --no-install --list
	done
}

test_run_tests
test_terminal
test_others
test_run_bench
finish
