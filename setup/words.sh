# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with those who source it
#
# words.sh - how commands speak, log and wait for each other.
#
# Messages are one line on stderr.  Exit status 4 is "refused", as everywhere.

refused=4

# Whatever the command that was interrupted makes of it.
trap 'exit 130' INT

# visible TEXT: on one line, with what a terminal would obey as bash writes it: \n, \E, \302\233.
visible()
{
	local text=$1 seen='' i character

	for ((i = 0; i < ${#text}; i++)); do
		character=${text:i:1}
		if [[ $character != [[:print:]] ]]; then
			printf -v character %q "$character"
			character=${character#"$'"} character=${character%"'"}
		fi
		seen+=$character
	done
	printf '%s\n' "$seen"
}

say()
{
	printf '%s: %s\n' "$(visible "$me")" "$(visible "$*")" >&2
}

refuse()
{
	say "$@"
	exit $refused
}

# Someone is there to answer a question and to watch progress.
on_terminal()
{
	[[ -t 0 && -t 2 ]]
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

cache_folder()
{
	printf '%s\n' "${FENCEPOST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/fencepost}"
}

# Shows on one line of a terminal what a long command is at.
watch_lines()
{
	local line width=${COLUMNS:-80}

	while IFS= read -r line; do
		line=${line//[![:print:]]/ }
		printf '\r\033[K%s: %s' "$me" "${line:0:width - ${#me} - 3}" >&2
	done
	printf '\r\033[K' >&2
}

# logged LOG COMMAND...: its output goes to the log, and is shown in passing.
logged()
{
	local log=$1

	shift
	if [[ -t 2 ]]; then
		"$@" 2>&1 </dev/null | tee -a "$log" | watch_lines
		return "${PIPESTATUS[0]}"
	fi
	"$@" >>"$log" 2>&1 </dev/null
}

# refuse_with_log LOG MESSAGE: the last lines say why, the log says all.
refuse_with_log()
{
	tail -n 15 "$1" | LC_ALL=C tr -d '\000-\010\013-\037\177' >&2
	refuse "$2; the whole log: $1"
}

# refuse_to_write FILE: in someone else's tree.
refuse_to_write()
{
	refuse "$1 can't be written by $(id -un 2>/dev/null || id -u): build in a copy of the source tree that you own"
}

# make_folder FOLDER: below the source tree, and writable.
make_folder()
{
	if ! mkdir -p "$1" 2>/dev/null || [[ ! -w $1 ]]; then
		refuse_to_write "$1"
	fi
}

# lock FILE: waits for whoever builds there; sets lock_fd.
lock()
{
	if ! { exec {lock_fd}>>"$1"; } 2>/dev/null; then
		refuse_to_write "$1"
	fi
	if ! flock -n "$lock_fd"; then
		if on_terminal; then
			say "waiting for another build in ${1%/*}"
		fi
		flock "$lock_fd"
	fi
}

unlock()
{
	exec {lock_fd}>&-
}

in_folder()
{
	cd "$1" || return
	shift
	"$@"
}

# absolute_path PATH: without entries that mean the current folder or one below it,
# where a program may be anybody's.
absolute_path()
{
	local rest=$1: entry kept=

	while [[ $rest ]]; do
		entry=${rest%%:*} rest=${rest#*:}
		if [[ $entry == /* ]]; then
			kept+=$entry:
		fi
	done
	printf '%s\n' "${kept%:}"
}

# depmod and modprobe are where the PATH of plain users does not lead.
PATH=$(absolute_path "$PATH:/usr/sbin:/sbin")
