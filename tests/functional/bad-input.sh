#!/bin/bash
# SPDX-License-Identifier: MIT
#
# bad-input.sh - whatever is wrong with options and names costs one line on stderr
# that names it and the way out, the documented exit status, and writes nothing.
#
# emulated: yes
# quick: yes

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

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
	refuses 2 $'--filter\nat byte' "a filter of 12,500 parentheses" --filter "$(printf '(%.0s' {1..12500})"
	refuses 2 $'--filter\ntoo large' "a filter that asks for more memory than there is" \
		--filter '((a{1,255}){1,255}){1,255}'
	refuses 2 $'--exclude\nlimit exceeded' "an exclusion that never ends" --exclude '((([a-z/]+)+)+)+[^a-z/_0-9:@]$'
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
	test_module_loading
	unset FENCEPOST_SYSFS FENCEPOST_DEV FENCEPOST_RUN_DIR
}

# command_named PATH < TEXT: a script.
command_named()
{
	mkdir -p "${1%/*}"
	{ echo '#!/bin/sh'; cat; } >"$1"
	chmod +x "$1"
}

# The kernel says where modprobe is; a folder of PATH may be somebody else's.
test_module_loading()
{
	local path=$PATH

	export FENCEPOST_PROC=$PWD/proc
	: >sys/bus/pci/devices/0000:00:04.0/driver_override
	command_named path/modprobe <<<': >path/was-run'
	command_named named/modprobe <<-'END'
		echo "modprobe: ERROR: could not insert 'fencepost': Key was rejected" >&2
		exit 1
	END
	mkdir -p proc/sys/kernel
	echo "$PWD/named/modprobe" >proc/sys/kernel/modprobe
	PATH=$PWD/path:$PATH
	refuses 4 $'not loaded\nKey was rejected' "bind where modprobe refuses" bind 0000:00:04.0
	PATH=$path
	[[ ! -e path/was-run ]]
	verdict $? "modprobe is not looked for in PATH"
	: >named/fencepost.ko
	chmod 666 named/fencepost.ko
	FENCEPOST_KMOD=named refuses 4 'fencepost.ko can be written by everybody' \
		"bind with a module that everybody can write" bind 0000:00:04.0
	mkfifo named/pipe
	FENCEPOST_KMOD=named/pipe refuses 4 'named/pipe is no file' "bind with a module that is none" bind 0000:00:04.0
	unset FENCEPOST_PROC
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

test_names
test_bind
test_cpu
test_strict
is "$(find . -path './out*')" "" "what is refused makes no folder"
finish
