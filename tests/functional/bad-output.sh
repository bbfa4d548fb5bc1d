#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bad-output.sh - where output can't be written, or a machine lacks what a run
# needs: one line on stderr that names it and the way out, the documented exit
# status, and nothing half written.
#
# emulated: yes

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

# A run that is over soon, and still makes every file.
short=(--quick --filter '^barrier/idle/')
files='report.html results.json'

# whole FILE: it is not half written.
whole()
{
	case $1 in
	*.json) [[ $(tail -c 2 "$1") == '}' ]] ;;
	*.html) [[ $(tail -c 8 "$1") == '</html>' ]] ;;
	*.svg) tail -c 16 "$1" | grep -q '</svg>' ;;
	*.png) tail -c 8 "$1" | grep -qa IEND ;;
	*/files.txt | */journal) [[ ! $(tail -c 1 "$1") ]] ;;
	*.csv) tail -n 1 "$1" | grep -Eq '^[0-9.]+,[0-9.]+$' && [[ ! $(tail -c 1 "$1") ]] ;;
	*) false ;;
	esac
}

# broken FOLDER: what is half written in it: temporaries, and files that end too early.
broken()
{
	local file

	while IFS= read -r file; do
		if [[ ${file##*/} == .* ]] || ! whole "$file"; then
			printf '%s\n' "$file"
		fi
	done < <(find "$1" -type f -o -type l -name '*latest.*')
}

# Every file of a run that went well is whole by the same measure.
test_measure()
{
	local file missing=()

	run "${short[@]}" --output well
	is "$status" 0 "a run with nothing wrong: exit 0"
	for file in $files; do
		[[ -e well/$file ]] || missing+=("$file")
	done
	verdict ${#missing[@]} "a run with nothing wrong: writes its files" "${missing[@]-}" "$(<stderr)"
	is "$(broken well)" "" "a run with nothing wrong: its files are whole"
}

test_folder()
{
	echo text >a-file
	refuses 6 $'--output a-file\nnot a directory|Not a directory\nanother folder' "an output folder that is a file" \
		"${short[@]}" --output a-file
	is "$(<a-file)" text "an output folder that is a file: the file is as it was"
	refuses 6 $'--output /proc/none/here\nanother folder' "an output folder in /proc" \
		"${short[@]}" --output /proc/none/here
	refuses 6 $'--output\nanother folder' "an output folder without a name" "${short[@]}" --output ''
	run "${short[@]}" --output json-fails --json /proc/none.json
	said_once 6 $'/proc/none.json\ncan.t be written' "a --json that can't be made"
	run "${short[@]}" --output json-fails --json .
	said_once 6 $'\\.: can.t be written\n[Dd]irectory' "a --json that is a folder"
	run "${short[@]}" --output json-fails --json /dev/full
	said_once 6 $'/dev/full\nNo space left' "a --json that is full"
	is "$(broken json-fails)" "" "a --json that fails: the folder's files are whole"
}

# The default folder has the second in its name.
test_same_second()
{
	local now i

	now=$(date +%s)
	for ((i = 0; i < 60; i++)); do
		mkdir -p "taken/$(date -u -d "@$((now + i))" +%Y%m%dT%H%M%SZ)"
	done
	FENCEPOST_OUT=taken run "${short[@]}"
	is "$status $(errors)" '0 ' "two runs in one second: the later one has a folder of its own"
	like "$(readlink taken/latest)" '^[0-9TZ]+-2$' "two runs in one second: it has a number"
}

# on_disk OPTIONS ARGUMENT...: run, with the folder disk mounted so; what is
# left there is copied to left.
on_disk()
{
	local options=$1

	shift
	rm -rf left disk
	mkdir disk left
	status=0
	# shellcheck disable=SC2016 # expanded by the inner shell
	with_mounts bash -c '
		mount -t tmpfs -o "$1" none disk || exit 99
		shift
		"$@" >stdout 2>stderr </dev/null
		status=$?
		cp -a disk/. left
		exit $status' - "$options" "$FENCEPOST" "$@" || status=$?
}

test_read_only()
{
	on_disk ro "${short[@]}" --output disk/run
	said_once 6 $'disk/run\nRead-only file system\nanother folder' "a read-only output folder"
	is "$(<stdout)" "" "a read-only output folder: found before anything is measured"
	FENCEPOST_OUT=disk/out on_disk ro "${short[@]}"
	said_once 6 $'disk/out\nRead-only file system\n--output' "a read-only default folder"
	on_disk nr_inodes=2 "${short[@]}" --output disk/run
	said_once 6 $'disk/run\nNo space left\nanother folder' "a disk without inodes"
}

# The disk ends ever later in what is written.
test_full_disk()
{
	local kib bad=() seen=0

	for kib in 4 8 16 32 48 64 96 128 192 256 512 1024; do
		FENCEPOST_OUT=disk/out on_disk size=${kib}k "${short[@]}"
		if ((status == 0)); then
			break
		fi
		: $((seen++))
		if [[ $status != 6 || $(errors | wc -l) != 1 ]]; then
			bad+=("$kib KiB: status $status" "$(errors)")
		fi
		errors | grep -q 'disk/out.*No space left' || bad+=("$kib KiB: $(errors)")
		mapfile -t -O ${#bad[@]} bad < <(broken left)
	done
	((seen >= 2 && ${#bad[@]} == 0))
	verdict $? "a disk that is full: exit 6, one line, nothing half written ($seen sizes)" "${bad[@]-}"
	is "$status" 0 "a disk with just enough room: exit 0"
	on_disk size=4k "${short[@]}" --output disk/run
	[[ -s stdout && ! -e left/run/results.json ]]
	verdict $? "a disk that is full: the table is printed nevertheless, no results.json is there" \
		"$(find left)" "$(head -n 3 stdout)"
}

test_disk()
{
	if ! can_mount; then
		skip "read-only and full disks" "no mount namespace of one's own"
		return
	fi
	test_read_only
	test_full_disk
}

#
# Standard output
#

# to WHERE NAME WORDS ARGUMENT...: stdout is a full device, closed, or a pipe
# that nobody reads.
to()
{
	local where=$1 name=$2 words=$3

	shift 3
	status=0
	case $where in
	full) "$FENCEPOST" "$@" >/dev/full 2>stderr </dev/null || status=$? ;;
	closed) "$FENCEPOST" "$@" >&- 2>stderr </dev/null || status=$? ;;
	gone) "$FENCEPOST" "$@" >&7 2>stderr </dev/null || status=$? ;;
	esac
	said_once 6 "$words" "$name"
}

# A pipe as 7 whose reader has gone, for certain.
reader_gone()
{
	rm -f pipe
	mkfifo pipe
	: <pipe &
	exec 7>pipe
	wait $!
}

all_streams()
{
	local name=$1

	shift
	to full "standard output is full, $name" $'standard output\ncan.t be written\nNo space left' "$@"
	to gone "standard output's reader is gone, $name" $'standard output\ncan.t be written\nBroken pipe' "$@"
	if [[ $emulated ]]; then
		skip "standard output is closed, $name" "qemu-user run's shell opens files in its place"
	else
		to closed "standard output is closed, $name" $'standard output\nclosed' "$@"
	fi
}

test_stdout()
{
	reader_gone
	all_streams "--help" --help
	all_streams "--list barriers" --list barriers
	all_streams "--list rows" --list rows --format json
	all_streams "--api" --api dma_wmb
	all_streams "--show" --show barrier/store8/none/wb/behind:1/next:load
	all_streams "a run" "${short[@]}" --output streams
	all_streams "--json -" "${short[@]}" --output streams --json -
	is "$(broken streams)" "" "standard output fails: the folder's files are whole"
	exec 7>&-
	status=0
	"$FENCEPOST" --list barriers 2>stderr | true || status=$?
	[[ $status == 0 || $status == 6 ]]
	verdict $? "a reader that leaves early: exit 6, not a death by signal" "status $status"
}

#
# What a machine may lack
#

test_no_huge_pages()
{
	local tool

	if [[ $emulated ]]; then
		skip "no huge pages" "qemu-user does not hand the switch for huge pages on"
		return
	fi
	if grep -q '^HugePages_Free: *[1-9]' /proc/meminfo; then
		skip "no huge pages" "huge pages are reserved here, and nothing keeps a program from them"
		return
	fi
	tool=$(helper no-thp) || tool=
	status=0
	${tool:-false} "$FENCEPOST" "${short[@]}" --output small-pages >stdout 2>stderr || status=$?
	is "$status" 0 "no huge pages: exit 0"
	is "$(errors)" "" "no huge pages: no error"
	is "$(grep -c '^fencepost: warning: no huge pages.*/sys/kernel/mm/transparent_hugepage' stderr)" 1 \
		"no huge pages: one warning, with the way out"
	proves "no huge pages: the results say so" grep -q '"no huge pages' small-pages/results.json
	proves "no huge pages: the mapping says so" grep -q '"pages": "small pages' small-pages/results.json
}

# PATH without gnuplot.
path_without_gnuplot()
{
	local folder

	mkdir -p "$PWD/bin"
	while IFS= read -r -d : folder; do
		find -L "$folder" -maxdepth 1 -type f ! -name 'gnuplot*' -exec ln -s -t "$PWD/bin" {} + 2>/dev/null
	done <<<"$PATH:"
	printf '%s\n' "$PWD/bin"
}

test_no_gnuplot()
{
	PATH=$(path_without_gnuplot) run "${short[@]}" --output no-gnuplot --json no-gnuplot.json
	is "$status" 0 "gnuplot missing: exit 0"
	is "$(errors)" "" "gnuplot missing: no error"
	is "$(grep -c '^fencepost: warning: gnuplot.*install gnuplot' stderr)" 1 \
		"gnuplot missing: one warning, with the way out"
	proves "gnuplot missing: results.json is there" cmp no-gnuplot/results.json no-gnuplot.json
	[[ -s no-gnuplot/report.html && -s stdout ]]
	verdict $? "gnuplot missing: table and report are there" "$(find no-gnuplot)"
	is "$(find no-gnuplot -name '*.svg' -o -name '*.png')" "" "gnuplot missing: no empty pictures"
	is "$(broken no-gnuplot)" "" "gnuplot missing: the files are whole"
}

test_no_exec()
{
	local tool

	if [[ $emulated ]]; then
		skip "executable memory refused" "qemu-user translates: the kernel never sees that memory executed"
		return
	fi
	tool=$(helper no-exec) || tool=
	status=0
	${tool:-false} true || status=$?
	if ((status == 77)); then
		skip "executable memory refused" "this kernel is older than 6.3"
		return
	fi
	status=0
	${tool:-false} "$FENCEPOST" --quick --output no-exec >stdout 2>stderr || status=$?
	said_once 5 $'executable memory\nallow it' "executable memory refused"
	[[ ! -e no-exec && ! -s stdout ]]
	verdict $? "executable memory refused: nothing is written"
	status=0
	$tool "$FENCEPOST" --list barriers >stdout 2>stderr || status=$?
	is "$status" 0 "executable memory refused: looking things up works"
}

test_data_folder()
{
	FENCEPOST_DATADIR=$PWD/nowhere run "${short[@]}" --output no-data
	said_once 6 $'nowhere\nFENCEPOST_DATADIR' "the report's template is missing"
	proves "the report's template is missing: the results are there" grep -q '"benchmarks"' no-data/results.json
	is "$(broken no-data)" "" "the report's template is missing: the files are whole"
}

test_measure
test_same_second
test_folder
test_disk
test_stdout
test_no_huge_pages
test_no_gnuplot
test_no_exec
test_data_folder
finish
