#!/bin/bash
# SPDX-License-Identifier: MIT
#
# gaps.sh - a run that is stopped, and one whose CPU somebody changes.

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

# beside FOLDER COMMAND...: with the run's pid behind it, over and over while the run
# lasts, from when it has been pinned and has made its folder.
beside()
{
	local pid

	status=0
	"$FENCEPOST" --quick --target ram --filter '^barrier/idle/|^access/' --output "$1" --format csv \
		>stdout 2>stderr </dev/null &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		if [[ -e $1 ]]; then
			"${@:2}" $pid
		fi
	done 2>/dev/null
	wait $pid || status=$?
}

# shellcheck disable=SC2317 # by way of beside
stop()
{
	kill -STOP "$1" && sleep 0.02
	kill -CONT "$1" && sleep 0.02
}

# shellcheck disable=SC2317 # by way of beside
move()
{
	taskset -pc "$other" "$1" >/dev/null
	sleep 0.02
}

test_stopped()
{
	beside stopped stop
	is "$status" 0 "stopped over and over: exit 0"
	is "$(cells stdout status | grep -Evc '^(ran|unsupported)$')" 0 "stopped over and over: all rows ran"
	(($(cells stdout samples_dropped | awk '{ n += $1 } END { print n + 0 }') > 0))
	verdict $? "stopped over and over: batches are dropped, and counted"
}

test_moved()
{
	local other

	if ! have taskset || (($(allowed_cpus | wc -l) < 2)); then
		skip "moved to another CPU" "it takes taskset and two CPUs"
		return
	fi
	other=$(allowed_cpus | head -n 1)
	beside moved move
	is "$(cells stdout status | grep -Evc '^(ran|unsupported|failed)$')" 0 "moved to another CPU: the run goes on to its end"
	like "$(<stderr)" 'warning: something else changed which CPUs it may use, [0-9]+ times' \
		"moved to another CPU: it is noticed"
	proves "moved to another CPU: the results say so" grep -q 'something else changed which CPUs' moved/results.json
}

test_stopped
test_moved
finish
