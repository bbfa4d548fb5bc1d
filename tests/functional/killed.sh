#!/bin/bash
# SPDX-License-Identifier: MIT
#
# killed.sh - nothing is lost: of a run that is killed, ended by a signal, or out of
# room, and of what stood in its folder before.

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

short=(--quick --filter '^barrier/idle/')

stages()
{
	find "$@" -name '.fencepost*' | sort
}

# begin FOLDER BLOCKS ARGUMENT...: starts a run there, and waits for so many blocks in its
# journal, which is not one of those that are there; its process in $pid.
begin()
{
	local folder=$1 blocks=$2 tries journal before

	shift 2
	before=$(stages "$folder" 2>/dev/null)
	# A shell's background jobs ignore SIGINT and SIGQUIT, and hand that on.
	set -m
	"$FENCEPOST" "$@" >stdout 2>stderr </dev/null &
	pid=$!
	set +m
	for ((tries = 0; tries < 3000; tries++)); do
		journal=$(comm -13 <(echo "$before") <(stages "$folder" 2>/dev/null))/journal
		if [[ -e $journal ]] && (($(grep -c '"measured"' "$journal") >= blocks)) || ! kill -0 $pid 2>/dev/null; then
			break
		fi
		sleep 0.02
	done
}

# end SIGNAL: by it; the status in $status.
end()
{
	status=0
	kill -"$1" $pid
	wait $pid 2>/dev/null || status=$?
}

# blocks FILE: how many a warning speaks of.
blocks()
{
	sed -nE 's/^fencepost: warning: .*: a run was killed there after ([0-9]+) of [0-9]+ blocks: .*partial.*/\1/p' "$1"
}

kept_samples()
{
	jq '[.benchmarks[].fencepost.samples_kept // 0] | add' "$1"
}

test_kill()
{
	local journal counted

	begin k 200 --output k
	end KILL
	journal=$(find k -name journal)
	[[ $status == 137 && -s $journal && ! -e k/results.json ]]
	verdict $? "kill -9: there is a journal" "status $status" "$(find k)"
	counted=$(grep -c '"measured"' "$journal")
	run "${short[@]}" --output k --dry-run
	proves "kill -9: to look at rows finishes nothing" test -e "$journal"
	# Of the new run only what it makes of the old one is wanted.
	begin k 0 "${short[@]}" --output k
	end KILL
	is "$(blocks stderr)" "$counted" "kill -9: the next start says how many blocks it found"
	proves "kill -9: the results are as their schema says" valid k/results.json
	is "$(jq .context.fencepost.partial k/results.json)" true "kill -9: they are partial"
	(($(jq '[.benchmarks[] | select(.fencepost.status == "ran")] | length' k/results.json) > 100))
	verdict $? "kill -9: what was measured is in them"
	is "$(jq -r '.benchmarks[].fencepost | select(.status == "skipped") | .reason' k/results.json | sort -u)" \
		interrupted "kill -9: what was not is skipped, because interrupted"
	proves "kill -9: there is a report" grep -q '</html>' k/report.html
	run "${short[@]}" --output k
	is "$status $(stages k)" '0 ' "kill -9: in the end no stage is left"
	is "$(jq .context.fencepost.partial k/results.json)" false "kill -9: and the folder has the new run"
}

# figures FILE: "NAME<TAB>VALUE", of all that the rows have.
figures()
{
	jq -r '.benchmarks[] | .name as $row | paths(scalars) as $path |
		"\($row) \($path | join("."))\t\(getpath($path))"' "$1"
}

# apart < FIGURES: those that are not as the run itself has them, to a ten thousandth of a ns.
apart()
{
	awk -F '\t' '
		NR == FNR { value[$1] = $2; next }
		$2 != value[$1] && !($2 ~ /^[-0-9.e]+$/ && ($2 - value[$1]) ^ 2 < 1e-8) { print $0, value[$1] }
	' <(figures same/results.json) -
}

# What a killed run measured is what it would have written: of one that has measured all.
test_same()
{
	local copy

	begin same 0 --quick --output same
	copy=$(find same -name journal -printf '%h\n')
	while [[ -e $copy/journal && ! -e $copy/results.json ]]; do
		ln -f "$copy/journal" journal 2>/dev/null
		sleep 0.01
	done
	wait $pid
	mkdir -m 700 -p again/.fencepost-run.abcdef
	cp journal again/.fencepost-run.abcdef/journal
	begin again 0 "${short[@]}" --output again
	end KILL
	is "$(figures again/results.json | apart)" '' "a journal gives the results that the run itself gives"
	is "$(figures again/results.json | wc -l)" "$(figures same/results.json | wc -l)" "all of them"
	is "$(kept_samples again/results.json)" "$(kept_samples same/results.json)" "with each of its samples"
}

# Where all runs go: a later one finishes what others have left.
test_default()
{
	local first

	export FENCEPOST_OUT=$PWD/runs
	begin runs 200
	end KILL
	first=$(find runs -mindepth 1 -maxdepth 1 -type d)
	sleep 1
	run "${short[@]}"
	is "$status $(stages runs)" '0 ' "a default run finishes what another has left"
	[[ $(blocks stderr) -ge 200 && $(jq .context.fencepost.partial "$first/results.json") == true ]]
	verdict $? "and says so" "$(<stderr)"
	[[ runs/$(readlink runs/latest) != "$first" && -e runs/latest/report.html ]]
	verdict $? "latest is the run that is whole" "$(ls -l runs)"
	begin runs 0
	end TERM
	is "$status" 130 "a partial run"
	[[ $(jq .context.fencepost.partial runs/latest/results.json) == false ]]
	verdict $? "does not become the latest one" "$(ls -l runs)"
	rm runs/latest
	mkdir runs/latest
	run "${short[@]}"
	is "$status" 0 "where latest is a folder: exit 0"
	like "$(<stderr)" 'fencepost: warning: the link latest can.t be moved to .*directory' "where latest is a folder: said so"
	unset FENCEPOST_OUT
}

# Somebody at work is left alone.
test_living()
{
	local first

	begin two 100 --output two
	first=$pid
	run "${short[@]}" --output two
	is "$status $(blocks stderr)" '0 ' "a second run in a folder does not take the first one's journal"
	pid=$first
	end TERM
	is "$status $(stages two)" '130 ' "and the first ends as it would"
}

test_signals()
{
	local signal

	for signal in HUP QUIT XCPU; do
		begin by-$signal 10 --output by-$signal
		end $signal
		is "$status $(errors)" '130 ' "$signal: exit 130, no error"
		proves "$signal: results.json is as its schema says" valid by-$signal/results.json
		[[ $(jq .context.fencepost.partial by-$signal/results.json) == true && -s by-$signal/report.html ]]
		verdict $? "$signal: results are partial, and the report is there"
		is "$(stages by-$signal)" '' "$signal: nothing else is left"
	done
	status=0
	nohup "$FENCEPOST" "${short[@]}" --output nohup >stdout 2>stderr </dev/null &
	pid=$!
	sleep 0.1
	kill -HUP $pid
	wait $pid || status=$?
	is "$status" 0 "HUP: one that nohup has started goes on"
	(ulimit -St 1 && exec "$FENCEPOST" --output cpu >stdout 2>stderr </dev/null)
	is $? 130 "a limit on CPU time: exit 130"
	proves "a limit on CPU time: results.json is as its schema says" valid cpu/results.json
}

# A limit on files' sizes, ever later in what is written.
test_file_size()
{
	local blocks bad=() seen=0

	mkdir size
	for blocks in 0 1 2 8 32 64 128 256 512 1024; do
		status=0
		{
			(ulimit -f $blocks && exec "$FENCEPOST" "${short[@]}" --output size/$blocks 2>&1 >&3 </dev/null) 3>&3 |
				cat >stderr
			echo "${PIPESTATUS[0]}" >size.status
		} 3>&1 | cat >stdout
		status=$(<size.status)
		((status != 0)) || break
		: $((seen++))
		if [[ $status != 6 || $(errors | wc -l) != 1 || ! -s stdout ]]; then
			bad+=("$blocks: status $status" "$(errors)")
		fi
		[[ ! $(stages size/$blocks 2>/dev/null) ]] || bad+=("$blocks: $(stages size/$blocks)")
	done
	((seen >= 2 && ${#bad[@]} == 0))
	verdict $? "a limit on files' sizes: exit 6, one line, the table is printed ($seen sizes)" "${bad[@]-}"
	is "$status" 0 "a limit that is large enough: exit 0"
}

#
# What stood in the folder
#

test_used_folder()
{
	run copy --quick --output used
	mkdir -p used/plots
	touch used/notes.txt used/plots/copy-mine.svg used/plots/mine.txt
	run "${short[@]}" --output used
	is "$status $(find used -name 'copy-*' -printf '%f\n')" '0 copy-mine.svg' "a folder that is used again has the new run's pictures"
	[[ -e used/notes.txt && -e used/plots/mine.txt && -e used/plots/barrier-ram-wb.svg ]]
	verdict $? "and what is not ours"
	is "$(sort used/plots/files.txt)" "$(cd used/plots && printf '%s\n' barrier-ram-wb.*)" "a list says what is ours"
	printf '%s\n' ../notes.txt mine.txt /etc/none .. '*' >>used/plots/files.txt
	run "${short[@]}" --output used
	[[ $status == 0 && -e used/notes.txt && -e used/plots/mine.txt ]]
	verdict $? "a forged list removes nothing that can't be a picture"
	mkdir -p 'a*' ab/plots
	touch ab/plots/barrier-ram-wb.svg ab/plots/copy-time.csv
	run "${short[@]}" --output 'a*'
	is "$status $(find ab -type f | sort | xargs)" '0 ab/plots/barrier-ram-wb.svg ab/plots/copy-time.csv' \
		"a folder's name is no pattern"
}

test_links()
{
	mkdir linked victim
	echo "somebody's" >victim/results
	chmod 600 victim/results
	ln -s ../victim/results linked/results.json
	ln -s ../victim/results linked/report.html
	run "${short[@]}" --output linked
	is "$status $(<victim/results) $(stat -c %a victim/results)" "0 somebody's 600" "a link in the folder is not followed"
	[[ ! -L linked/results.json && ! -L linked/report.html ]]
	verdict $? "but replaced"
	mkdir linked-plots
	ln -s ../victim linked-plots/plots
	run "${short[@]}" --output linked-plots
	said_once 6 $'linked-plots\nanother folder' "plots that is a link"
	is "$(ls victim)" results "plots that is a link: nothing is written there"
	echo victim >target
	ln -s target link.json
	run "${short[@]}" --output json-link --json link.json
	[[ $status == 0 && -L link.json ]] && valid target
	verdict $? "a link that --json names is followed"
}

test_forged()
{
	mkdir -p forged/.fencepost-run.abcdef
	chmod 777 forged/.fencepost-run.abcdef
	echo '{"journal": 1, "document": {"benchmarks": []}, "turns": 1}' >forged/.fencepost-run.abcdef/journal
	run "${short[@]}" --output forged
	is "$status $(errors) $(stages forged)" '0  forged/.fencepost-run.abcdef' \
		"a stage that others can write to is left alone"
	chmod 700 forged/.fencepost-run.abcdef
	echo '{"journal": 2}' >forged/.fencepost-run.abcdef/journal
	run "${short[@]}" --output forged
	like "$status $(<stderr)" '^0 .*warning: forged: another version .*remove forged/.fencepost-run.abcdef' \
		"a journal of another version is left alone, and said"
	echo junk >forged/.fencepost-run.abcdef/journal
	run "${short[@]}" --output forged
	like "$status $(<stderr)" "^0 .*warning: forged: .*its journal can't be read" "a journal of junk is left alone, and said"
}

test_pipe()
{
	mkfifo fifo
	timeout 30 cat fifo >from-fifo &
	run "${short[@]}" --output piped --json fifo
	wait $!
	is "$status $(errors)" '0 ' "--json into a pipe with a reader"
	proves "--json into a pipe: all of it arrives" cmp from-fifo piped/results.json
	set -m
	"$FENCEPOST" "${short[@]}" --output unread --json fifo >stdout 2>stderr </dev/null &
	pid=$!
	set +m
	sleep 1
	end INT
	like "$status $(<stderr)" '^130 .*fifo: waiting for a reader' "--json into a pipe without a reader waits, and can be ended"
	is "$(find unread 2>/dev/null)" '' "and leaves nothing"
	mkfifo early
	(sleep 0.2; head -c 10 early >part) &
	run "${short[@]}" --output early-end --json early
	wait $!
	[[ $status == 0 || $status == 6 ]]
	verdict $? "--json into a pipe whose reader leaves early" "status $status" "$(<stderr)"
}

test_kill
test_same
test_default
test_living
test_signals
test_file_size
test_used_folder
test_links
test_forged
test_pipe
finish
