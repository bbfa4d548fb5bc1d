#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tools.sh - programs of others that the program starts: only those that nobody can have
# put there, not for ever, and whatever the terminal does.
#
# quick: yes

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

# A run that is over soon, and still draws a picture.
short=(--quick --filter '^barrier/idle/')

# fake FOLDER NAME LINE...: a script of that name there.
fake()
{
	local folder=$1 name=$2

	shift 2
	mkdir -p "$folder" && chmod 755 "$folder"
	printf '%s\n' '#!/bin/sh' "$@" >"$folder/$name"
	chmod 755 "$folder/$name"
}

pictures()
{
	find "$1" -name '*.svg' -o -name '*.png' | wc -l
}

# Where nobody looks.
test_current_folder()
{
	fake here gnuplot "echo owned >>$PWD/owned"
	fake here objdump "echo owned >>$PWD/owned"
	cd here || return
	PATH=.::bin:$PATH run "${short[@]}" --output ../here-first
	is "$status $(errors)" '0 ' "tools in the current folder, which PATH names first: exit 0"
	PATH=. run "${short[@]}" --output ../here-only
	is "$status $(errors)" '0 ' "a gnuplot in the current folder only: exit 0"
	is "$(grep -c '^fencepost: warning: gnuplot was found only in "\.".*not run: no pictures' stderr)" 1 \
		"a gnuplot in the current folder only: one warning"
	PATH=. run --show "$row"
	is "$status $(grep -c 'objdump was found only in "\."' stdout)" '0 1' "an objdump in the current folder only: bytes, and why"
	cd .. || return
	is "$(cat owned 2>/dev/null)" "" "tools in the current folder: are not run"
	is "$(pictures here-only)" 0 "a gnuplot in the current folder only: no picture"
}

test_writable_folder()
{
	if ((EUID != 0)); then
		skip "tools that others can write" "only root does not run them"
		return
	fi
	fake open gnuplot "echo owned >>$PWD/owned"
	fake open objdump "echo owned >>$PWD/owned"
	chmod 777 open
	PATH=$PWD/open run "${short[@]}" --output open-only
	is "$status $(errors)" '0 ' "a gnuplot that others can write, as root: exit 0"
	is "$(grep -c "^fencepost: warning: gnuplot was found only in $PWD/open, where others.*not run as root" stderr)" 1 \
		"a gnuplot that others can write, as root: one warning"
	PATH=$PWD/open:$PATH run "${short[@]}" --output open-first
	is "$status $(errors)" '0 ' "the next one in PATH is taken: exit 0"
	PATH=$PWD/open run --show "$row"
	is "$status $(grep -c "objdump was found only in $PWD/open" stdout)" '0 1' "an objdump that others can write: bytes, and why"
	is "$(cat owned 2>/dev/null)" "" "tools that others can write: root does not run them"
}

test_hanging()
{
	local begin=$SECONDS

	fake hanging gnuplot "echo \$\$ >>$PWD/pids" 'sleep 1000 &' 'echo $! >>'"$PWD/pids" 'wait'
	FENCEPOST_TOOL_SECONDS=1 PATH=$PWD/hanging:$PATH run "${short[@]}" --output hanging-run
	said_once 6 $'hanging-run.*plots/barrier-ram-wb.svg\ndid not end within 1 s' "a gnuplot that hangs"
	((SECONDS - begin < 30))
	verdict $? "a gnuplot that hangs: is asked once"
	[[ -s stdout && -s hanging-run/results.json && -s hanging-run/report.html ]]
	verdict $? "a gnuplot that hangs: table, results and report are there" "$(find hanging-run)"
	is "$(pictures hanging-run) $(find hanging-run -name '.*')" '0 ' "a gnuplot that hangs: nothing half written"
	sleep 0.2
	# shellcheck disable=SC2046 # words
	is "$(ps -o pid=,stat= -p "$(paste -sd, pids)" | awk '$2 !~ /^Z/')" "" "a gnuplot that hangs: is gone, with what it had started"
}

# Ctrl-C goes to all of a terminal's process group, which gnuplot is not in.
test_interrupt()
{
	local real pid i

	if ! real=$(command -v gnuplot); then
		skip "Ctrl-C while gnuplot draws" "gnuplot is not installed"
		return
	fi
	fake slow gnuplot "echo >$PWD/drawing" 'sleep 1' "exec $real \"\$@\""
	set -m
	PATH=$PWD/slow:$PATH "$FENCEPOST" "${short[@]}" --output interrupted >stdout 2>stderr </dev/null &
	pid=$!
	set +m
	for ((i = 0; i < 500; i++)); do
		[[ ! -e drawing ]] || break
		sleep 0.02
	done
	kill -INT -- -$pid
	wait $pid
	is "$(errors)" "" "Ctrl-C while gnuplot draws: no error"
	is "$(pictures interrupted)" 2 "Ctrl-C while gnuplot draws: the pictures are there"
}

test_no_devices()
{
	if ! can_mount; then
		skip "no /dev/null" "no mount namespace of one's own"
		return
	fi
	if ! have gnuplot; then
		skip "no /dev/null" "gnuplot is not installed"
		return
	fi
	status=0
	# shellcheck disable=SC2016 # expanded by the inner shell
	with_mounts bash -c 'exec >stdout 2>stderr </dev/null; mount -t tmpfs none /dev && exec "$@"' - \
		"$FENCEPOST" "${short[@]}" --output no-devices || status=$?
	is "$status $(errors)" '0 ' "no /dev/null: exit 0"
	is "$(pictures no-devices)" 2 "no /dev/null: the pictures are there" "$(<stderr)"
	# shellcheck disable=SC2016 # expanded by the inner shell
	with_mounts bash -c 'exec >stdout 2>stderr </dev/null; mount -t tmpfs none /dev && exec "$@"' - \
		"$FENCEPOST" --show "$row"
	is "$(grep -c 'no disassembler' stdout)" 0 "no /dev/null: --show disassembles"
}

# For --show.
run --list rows --filter '^barrier/idle/' --format csv
row=$(cells stdout row | head -n 1)

test_current_folder
test_writable_folder
test_hanging
test_interrupt
test_no_devices
finish
