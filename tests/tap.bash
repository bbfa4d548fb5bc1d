# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # failures is for those who source it
#
# tap.bash - results of a script's tests, counted.

tests=0 failures=0

ok()
{
	echo "ok $((++tests)) - $1"
}

# not_ok NAME [LINE...]: the lines say what was found.
not_ok()
{
	echo "not ok $((++tests)) - $1"
	: $((failures++))
	shift
	if (($# > 0)); then
		printf '%s\n' "$@" | sed 's/^/#   /' | head -n 20
	fi
}

skip()
{
	echo "ok $((++tests)) - $1 # SKIP $2"
}

# verdict STATUS NAME [LINE...]: a status of 0 is well.
verdict()
{
	local status=$1

	shift
	if ((status == 0)); then
		ok "$1"
	else
		not_ok "$@"
	fi
}
