# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# tap.sh - how a test in shell says its results: the Test Anything Protocol, counted.
#
# Sourced by bash, and by the shell of the lab's guests.

tests=0 failures=0

ok()
{
	tests=$((tests + 1))
	echo "ok $tests - $1"
}

# not_ok NAME [LINE...]: the lines say what was found.
not_ok()
{
	tests=$((tests + 1)) failures=$((failures + 1))
	echo "not ok $tests - $1"
	shift
	if [ $# -gt 0 ]; then
		printf '%s\n' "$@" | head -n 20 | diagnostics 20
	fi
}

# skip NAME REASON
skip()
{
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

# diagnostics LINES < TEXT: why, as comments.
diagnostics()
{
	tail -n "$1" | sed 's/^/#   /'
}

# verdict STATUS NAME [LINE...]: a status of 0 is well.
verdict()
{
	if [ "$1" = 0 ]; then
		ok "$2"
	else
		shift
		not_ok "$@"
	fi
}

# verdict_log STATUS NAME FILE: of a failure the end of the file.
verdict_log()
{
	verdict "$1" "$2"
	if [ "$1" != 0 ] && [ -e "$3" ]; then
		diagnostics 40 <"$3"
	fi
}

# Ends a script: the plan last, so that a script that dies has none.
finish()
{
	echo "1..$tests"
	exit $((failures > 0 || tests == 0))
}

# skip_all REASON: nothing of this script can run here.
skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

bail_out()
{
	echo "Bail out! $1"
	exit 1
}
