# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # shared with those who source it
#
# lib.bash - what the functional tests share: TAP, and ways to start the program.
#
# Sourced with these in the environment, as run-tests sets them:
#   FENCEPOST           the program; perhaps a wrapper that emulates
#   FENCEPOST_ROOT      the source tree
#   FENCEPOST_EMULATED  the architecture that is emulated; empty on hardware
# The current folder is scratch.  Only bash, coreutils, grep, sed and awk, unless a script says that it needs more.

set -u -o pipefail
export LC_ALL=C

lib=$(readlink -f -- "${BASH_SOURCE[0]}")
: "${FENCEPOST:?names no program}" "${FENCEPOST_ROOT:=${lib%/tests/*}}"
: "${FENCEPOST_DATADIR:=$FENCEPOST_ROOT/plots}" "${FENCEPOST_OUT:=$PWD/out}"
export FENCEPOST FENCEPOST_ROOT FENCEPOST_DATADIR FENCEPOST_OUT
emulated=${FENCEPOST_EMULATED-}
build=$(dirname -- "$(readlink -f -- "$FENCEPOST")")

# shellcheck source=tests/tap.sh
. "${lib%/functional/*}/tap.sh"

# proves NAME COMMAND...: the command succeeds.
proves()
{
	local name=$1 said status=0

	shift
	said=$("$@" 2>&1) || status=$?
	verdict $status "$name" "$*: status $status" "${said:-(said nothing)}"
}

# is GOT WANTED NAME
is()
{
	[[ $1 == "$2" ]]
	verdict $? "$3" "got:    $1" "wanted: $2"
}

# like TEXT EXTENDED-RE NAME
like()
{
	[[ $1 =~ $2 ]]
	verdict $? "$3" "got:     $1" "no match: $2"
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

#
# The program
#

# run ARGUMENT...: its status in $status, its output in the files stdout and stderr.
run()
{
	status=0
	"$FENCEPOST" "$@" >stdout 2>stderr </dev/null || status=$?
}

# The architecture that the program is for.
own()
{
	"$FENCEPOST" --list barriers --format csv 2>/dev/null | awk -F , '$2 == "none" && $4 == "yes" { print $1 }'
}

# What the last run's stderr holds beside warnings.
errors()
{
	grep -v '^fencepost: warning: ' stderr
}

# said_once WANTED-STATUS WORDS NAME: the last run ended so, with one line on
# stderr that matches each of the extended regular expressions in WORDS (a line
# each).
said_once()
{
	local wanted=$1 words=$2 name=$3 said word missing=()

	said=$(errors)
	while IFS= read -r word; do
		if ! grep -Eq -e "$word" <<<"$said"; then
			missing+=("no match: $word")
		fi
	done <<<"$words"
	if [[ $status != "$wanted" ]]; then
		missing+=("status $status, wanted $wanted")
	fi
	if [[ $said != 'fencepost: '* || $said == *$'\n'* ]]; then
		missing+=("not one line of fencepost's")
	fi
	verdict ${#missing[@]} "$name: exit $wanted, one line" "${missing[@]}" "${said:-(stderr: nothing)}"
}

# refuses WANTED-STATUS WORDS NAME ARGUMENT...: and prints no result.
refuses()
{
	local wanted=$1 words=$2 name=$3

	shift 3
	run "$@"
	if [[ -s stdout ]]; then
		not_ok "$name: exit $wanted, one line" "stdout is not empty:" "$(head -n 3 stdout)"
		return
	fi
	said_once "$wanted" "$words" "$name"
}

# helper NAME: a program of tests/, made if it is not up to date; its path.
helper()
{
	if [[ -e $build/Makefile ]]; then
		make -s -C "$build" "tests/$1" >make.log 2>&1 || return
	fi
	[[ -x $build/tests/$1 ]] && printf '%s\n' "$build/tests/$1"
}

# Mounts of one's own, for root and for those whom the kernel gives a user namespace.
with_mounts()
{
	if ((EUID == 0)); then
		unshare -m -- "$@"
	else
		unshare -r -m -- "$@"
	fi
}

can_mount()
{
	mkdir -p mount-probe && with_mounts mount -t tmpfs none mount-probe 2>/dev/null
}

# The CPUs that this process may use, one a line.
allowed_cpus()
{
	awk '$1 == "Cpus_allowed_list:" {
		n = split($2, range, ",")
		for (i = 1; i <= n; i++) {
			split(range[i], end, "-")
			for (cpu = end[1]; cpu <= (end[2] == "" ? end[1] : end[2]); cpu++)
				print cpu
		}
	}' /proc/self/status
}

#
# Results
#

# cells FILE COLUMN...: of a table in CSV, those columns, with tabs between.
cells()
{
	awk -v wanted="${*:2}" '
		function split_line(line, cell,	n, i, c, quoted) {
			n = 1
			cell[1] = ""
			for (i = 1; i <= length(line); i++) {
				c = substr(line, i, 1)
				if (c == "\"")
					quoted = !quoted
				else if (c == "," && !quoted)
					cell[++n] = ""
				else
					cell[n] = cell[n] c
			}
			return n
		}
		NR == 1 {
			n = split_line($0, head)
			for (i = 1; i <= n; i++)
				at[head[i]] = i
			m = split(wanted, name, " ")
			next
		}
		{
			split_line($0, row)
			for (i = 1; i <= m; i++)
				printf "%s%s", row[at[name[i]]], i < m ? "\t" : "\n"
		}' "$1"
}

# valid FILE: as the schema of results.json says.
valid()
{
	# Newer ones print that they will go away.
	PYTHONWARNINGS=ignore jsonschema -i "$1" "$FENCEPOST_ROOT/results/schema.json"
}

if ! "$FENCEPOST" --version >/dev/null; then
	bail_out "$FENCEPOST does not start"
fi
