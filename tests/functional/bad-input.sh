#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bad-input.sh - whatever is wrong costs one line on stderr that names it and
# the way out, the documented exit status, and leaves nothing half written.
#
# emulated: yes

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

# A run that is over soon, and still makes every file.
short=(--quick --filter '^barrier/idle/')
files='report.html results.json'

#
# Options and names
#

test_names()
{
	local option elsewhere=st64b owner=arm64

	if [[ $(own) == arm64 ]]; then
		elsewhere=avx512_nt owner=x86_64
	fi

	refuses 2 $'--bogus\n--help' "unknown option" --bogus
	refuses 2 $'-x\n--help' "unknown short option" -x
	refuses 2 $'--quick=3\n--help' "a value where none belongs" --quick=3
	refuses 2 $'bogus\n--help' "unknown family" bogus
	refuses 2 $'access\n--filter' "two families" barrier access
	refuses 2 $'--target bogus\n--list targets' "unknown target" --target bogus
	refuses 2 $'--target ram:2\n--list targets' "a target with too much" --target ram:2
	refuses 2 $'0000:00:04.0-bar7\n--list targets' "a BAR that no device has" --target 0000:00:04.0-bar7
	refuses 2 $'"zz"\nwb, wc, uc, device' "unknown memory type" --memory wb,zz
	refuses 2 $'--memory\nwb, wc, uc, device' "empty list of memory types" --memory ''
	refuses 2 $'barrier/idle/nope/wb\n--list rows' "unknown barrier, --show" --show barrier/idle/nope/wb
	refuses 2 $'nope\n--list barriers' "unknown barrier, --api" --api nope
	refuses 2 $'--list bogus\nbarriers' "unknown list" --list bogus
	refuses 2 $'--format xml\ntext, markdown, csv' "unknown format" --format xml
	refuses 2 $'--evidence fast\nemulated' "unknown evidence" --evidence fast
	refuses 2 $'--seed junk\nnumber' "a seed that is no number" --seed junk
	refuses 2 $'--filter\n[Uu]nmatched|[Ii]nvalid|[Mm]issing' "a filter that is no regular expression" \
		--filter '('
	refuses 2 $'--exclude\n[Uu]nmatched|[Ii]nvalid|[Mm]issing' "an exclusion that is no regular expression" \
		--exclude '['
	refuses 5 $'nothing-is-called-so\n--list rows' "a filter that matches nothing" \
		--filter nothing-is-called-so
	refuses 5 "$elsewhere is a row of $owner; this is $(own)" "a copy of another architecture, --filter" \
		--filter "^copy/$elsewhere/.*bytes:64"
	refuses 2 "$elsewhere is a row of $owner; this is $(own)" "a copy of another architecture, --show" \
		--show "copy/$elsewhere/none/wb/bytes:64/lines:256/offset:0"
	refuses 5 $'--exclude\n--list rows' "an exclusion that leaves nothing" --exclude .
	refuses 5 $'ram\nmemory type' "memory types that the target lacks" --memory wc,uc
	for option in filter output cpu json; do
		if [[ $emulated ]]; then
			skip "--$option without its value" "qemu-user run adds options of its own behind"
		else
			refuses 2 "--$option needs a value" "--$option without its value" --$option
		fi
	done
}

test_bind()
{
	export FENCEPOST_SYSFS=$PWD/sys FENCEPOST_DEV=$PWD/dev FENCEPOST_RUN_DIR=$PWD/run
	refuses 2 $'--force\nbind BDF' "--force without bind" --force
	refuses 2 $'bind\nPCI address' "bind without a device" bind
	refuses 2 $'unbind\nPCI address' "unbind without a device" unbind
	refuses 2 $'"3"\ntoo much' "bind with a word too much" bind 0000:00:04.0 2 3
	refuses 2 $'"2"\ntoo much' "unbind with a word too much" unbind 0000:00:04.0 2
	refuses 2 $'bind junk\n0000:03:00.0' "bind of what is no address" bind junk
	refuses 2 $'bind 0000:00:04.0\nno such device' "bind of a device that is not there" bind 0000:00:04.0
	mkdir -p sys/bus/pci/devices/0000:00:04.0
	echo junk >sys/bus/pci/devices/0000:00:04.0/resource
	refuses 2 $'bind 0000:00:04.0\nno such device' "bind where sysfs is not understood" bind 0000:00:04.0
	printf '0x0 0x0 0x0\n%.0s' 1 2 3 4 5 6 >sys/bus/pci/devices/0000:00:04.0/resource
	refuses 4 'no memory BAR' "bind of a device without BARs" bind 0000:00:04.0
	refuses 4 $'not bound\nno driver has it' "unbind of a device that is not bound" unbind 0000:00:04.0
	sed -i '1s/.*/0xfe000000 0xfe003fff 0x40200/' sys/bus/pci/devices/0000:00:04.0/resource
	refuses 2 $'BAR 3 is not there\nare 0' "bind of a BAR that is not there" bind 0000:00:04.0 3
	refuses 4 $'driver_override\nrun it as root' "bind without permission" bind 0000:00:04.0
	refuses 3 $'no BAR is bound\nrun-bench bind' "--target module without a BAR" --target module
	unset FENCEPOST_SYSFS FENCEPOST_DEV FENCEPOST_RUN_DIR
}

test_cpu()
{
	local allowed last

	allowed=$(allowed_cpus)
	last=${allowed##*$'\n'}
	refuses 2 $'--cpu junk\nnumber from 0' "a CPU that is no number" --cpu junk
	refuses 2 $'--cpu -1\nnumber from 0' "a CPU below zero" --cpu -1
	refuses 2 $'--cpu 99999999999\nnumber from 0' "a CPU beyond all numbers" --cpu 99999999999
	refuses 2 $'--cpu 4095\nmay use' "a CPU that is not there" --cpu 4095
	if [[ $allowed == "$last" ]]; then
		skip "a CPU outside the allowed set" "this machine has one CPU for us"
		return
	fi
	status=0
	taskset -c "$last" "$FENCEPOST" --cpu "${allowed%%$'\n'*}" >stdout 2>stderr || status=$?
	said_once 2 $'--cpu '"${allowed%%$'\n'*}"$'\nmay use \\('"$last"'\)' "a CPU outside the allowed set"
}

test_strict()
{
	refuses 4 $'--strict\nwarning' "--strict with a warning" --strict --evidence emulated --quick \
		--output strict
	[[ ! -e strict ]]
	verdict $? "--strict with a warning: nothing is written"
	[[ $(grep -c 'warning: ' stderr) -ge 1 ]]
	verdict $? "--strict with a warning: the warning is printed" "$(<stderr)"
}

#
# Output
#

# whole FILE: it is not half written.
whole()
{
	case $1 in
	*.json) [[ $(tail -c 2 "$1") == '}' ]] ;;
	*.html) [[ $(tail -c 8 "$1") == '</html>' ]] ;;
	*.svg) tail -c 16 "$1" | grep -q '</svg>' ;;
	*.png) tail -c 8 "$1" | grep -qa IEND ;;
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

test_names
test_bind
test_cpu
test_strict
is "$(find . -path './out*')" "" "what is refused makes no folder"
test_measure
test_folder
test_disk
test_stdout
test_no_huge_pages
test_no_gnuplot
test_no_exec
test_data_folder
finish
