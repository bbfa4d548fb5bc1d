# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# supervise.sh - a command that ends with all its processes, and takes away what they left.
#
# Sourced, by bash.  A signal to this script ends the command's processes wherever they
# are: in groups and sessions of their own, and those whose parents have ended.  They are
# known by a folder that stands in the environment of each.  It is their TMPDIR, and is
# removed at the end.
#
# Who keeps something in another place tells of it first: supervised_folder.

interrupted=130
grace=20 # tenths of a second, to end in good order

# The processes of the folder that $supervised names.
supervised_processes()
{
	grep -lzsF -e "FENCEPOST_SUPERVISED=$supervised" /proc/[0-9]*/environ | sed 's,^/proc/,,; s,/.*,,'
}

# signal_supervised SIGNAL: fails if there is none to get it.
signal_supervised()
{
	local processes

	processes=$(supervised_processes)
	# shellcheck disable=SC2086 # words
	[[ $processes ]] && kill -"$1" $processes 2>/dev/null
}

end_supervised()
{
	local tenth

	signal_supervised TERM || return 0
	for ((tenth = 0; tenth < grace; tenth++)); do
		sleep 0.1
		[[ $(supervised_processes) ]] || return 0
	done
	for ((tenth = 0; tenth < grace; tenth++)); do
		signal_supervised KILL || return 0
		sleep 0.1
	done
}

# supervised_folder FOLDER: is removed at the end, too.
supervised_folder()
{
	if [[ -d ${FENCEPOST_SUPERVISED-} ]]; then
		printf '%s\0' "$1" >>"$FENCEPOST_SUPERVISED/folders"
	fi
}

remove_supervised()
{
	local folder

	if [[ -e $supervised/folders ]]; then
		while IFS= read -r -d '' folder; do
			rm -rf --one-file-system -- "$folder"
		done <"$supervised/folders"
	fi
	rm -rf --one-file-system -- "$supervised"
}

stop_supervised()
{
	# It may come while a line is read without any.
	local IFS=$' \t\n'

	trap '' INT TERM HUP QUIT
	if [[ $supervised ]]; then
		# Which may be so young that it is not marked yet.
		kill "$child" 2>/dev/null
		end_supervised
		remove_supervised
	fi
	exit $interrupted
}

# Whether this script is the command that its parent supervises.
is_supervised()
{
	[[ -d ${FENCEPOST_SUPERVISED-} && ${FENCEPOST_SUPERVISOR-} == "$PPID" ]]
}

#
# supervised COMMAND [ARGUMENT...]: its status.  What it has left running ends with it.
#
# It runs in the background, where a signal need not wait for it, but with our stdin.
#
supervised()
{
	local supervised='' child='' status=0 self=$BASHPID

	{ : <&0; } 2>/dev/null || exec </dev/null
	trap stop_supervised INT TERM HUP QUIT
	supervised=$(mktemp -d -t fencepost-XXXXXX 2>/dev/null) || {
		echo "${me:-${0##*/}}: no folder can be made in ${TMPDIR:-/tmp}; set TMPDIR to one that can be written" >&2
		return 4
	}
	# Those of other users that a test plays are let through.
	chmod 711 "$supervised"
	TMPDIR=$supervised FENCEPOST_SUPERVISED=$supervised FENCEPOST_SUPERVISOR=$self "$@" <&0 &
	child=$!
	wait $child || status=$?
	trap '' INT TERM HUP QUIT
	end_supervised
	remove_supervised
	trap - INT TERM HUP QUIT
	return $status
}

# supervise_me SCRIPT ARGUMENT...: unless somebody does, this script is run anew, supervised.
supervise_me()
{
	if [[ ! -d ${FENCEPOST_SUPERVISED-} ]]; then
		supervised "$@"
		exit
	fi
}
