#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bare.sh - where /proc, /sys, /dev or /tmp are not there: what that costs is said, and
# what is not known is not in the results.

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

rows='^barrier/idle/|^access/nop/'
told='^fencepost: warning: /(proc|sys)'

# without FOLDERS COMMAND...: they are empty ones, and /tmp can't be written.
without()
{
	local folders=$1

	shift
	# shellcheck disable=SC2016 # for another shell
	with_mounts bash -c '
		for folder in $1; do
			mount -t tmpfs ${2:+-o "$2"} none "$folder" || exit 99
		done
		shift 2
		exec "$@"' - "$folders" "$([[ $folders != /tmp ]] || echo ro)" "$@"
}

# run_without FOLDERS ARGUMENT...: as run, on what is left.
run_without()
{
	local folders=$1

	shift
	status=0
	without "$folders" "$FENCEPOST" "$@" >stdout 2>stderr </dev/null || status=$?
}

# measures NAME FOLDERS: it runs well, and the results are as the schema says.
measures()
{
	run_without "$2" --quick --filter "$rows" --format csv --output "$1"
	is "$status" 0 "without $1: it runs"
	is "$(grep -v '^fencepost: ' stderr)" "" "without $1: nobody else has a word"
	(($(cells stdout status | grep -c '^ran$') > 0))
	verdict $? "without $1: rows ran"
	if have jsonschema; then
		proves "without $1: results.json is as its schema says" valid "$1/results.json"
	else
		skip "without $1: results.json is as its schema says" "jsonschema is not installed"
	fi
}

test_proc()
{
	measures proc /proc
	like "$(<stderr)" '/proc is not there: ' "without proc: it says so"
	like "$(<stderr)" 'huge pages is not known' "without proc: nor does it know of huge pages"
	is "$(grep -cE '"(pages|num_cpus|mhz_per_cpu)":' proc/results.json)" 0 \
		"without proc: the results claim neither pages nor a number of CPUs"
}

test_sys()
{
	measures sys /sys
	like "$(<stderr)" '/sys is not there: ' "without sys: it says so"
	is "$(grep -c '"caches":' sys/results.json)" 0 "without sys: the results claim nothing of caches"
}

test_tmp()
{
	if [[ $(readlink -f -- "$FENCEPOST") == /tmp/* ]]; then
		skip "without tmp" "the program itself is below /tmp"
		return
	fi
	measures tmp /tmp
	is "$(grep -cE "$told" stderr)" 0 "without a /tmp that can be written: nothing is missed"
	run_without /tmp --show access/nop/none/wb
	is "$status" 0 "--show without a /tmp that can be written"
	"$FENCEPOST" --show access/nop/none/wb >shown 2>/dev/null
	is "$(<stdout)" "$(<shown)" "--show says the same"
}

test_dev()
{
	measures dev /dev
	is "$(grep -cE "$told" stderr)" 0 "without dev: nothing else is called missing"
}

# What can't be looked for is not called missing.
test_run_bench()
{
	status=0
	without /dev "$FENCEPOST_ROOT/run-bench" --no-install --list >stdout 2>stderr </dev/null || status=$?
	is "$status" 4 "run-bench without dev: exit 4"
	like "$(<stderr)" '^run-bench: /dev/null is not there[^
]*$' "run-bench without dev: one line says so"
}

# With streams closed and no /dev/null in their place, no file of ours becomes one of them.
test_streams()
{
	# shellcheck disable=SC2016 # for another shell
	without /dev bash -c '"$0" "$@" <&- 2>&-' "$FENCEPOST" --quick --filter "$rows" --format csv \
		--output streams >stdout
	is $? 0 "without dev, and stdin and stderr closed: it runs"
	is "$(grep -l 'fencepost: ' streams/results.json stdout)" "" "and what is for stderr is in no file"
}

test_all()
{
	measures all '/proc /sys /dev'
	is "$(grep -cE "$told is not there" stderr)" 2 "without all of them: a line each"
}

if [[ $emulated ]]; then
	skip_all "qemu-user looks at the host's /proc itself"
fi
if ! can_mount; then
	skip_all "no mounts of one's own here"
fi
# What is written lies where none of the mounts hides it.
case $PWD/ in
/tmp/*)
	scratch=$(mktemp -d -p "$build" bare.XXXXXX) || exit 1
	trap 'rm -rf "$scratch"' EXIT
	# shellcheck source=setup/supervise.sh
	. "$FENCEPOST_ROOT/setup/supervise.sh"
	supervised_folder "$scratch"
	cd "$scratch" || exit 1
	;;
esac
test_proc
test_sys
test_tmp
test_dev
test_run_bench
test_streams
test_all
finish
