#!/bin/bash
# SPDX-License-Identifier: MIT
#
# front-door.sh - run-bench where it can't or must not do its set-up, and where
# two do it at once.
#
# Other package managers, sudo and missing tools are played by a PATH of our own;
# nothing is installed.

set -u -o pipefail
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/tests/setup/*}
# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"
# shellcheck source=tests/setup/copy.sh
. "$root/tests/setup/copy.sh"

# shellcheck source=setup/supervise.sh
. "$root/setup/supervise.sh"
supervise_me "$here" "$@"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"
mkdir -m 1777 "$scratch/everybody's"
unset CC CXX CFLAGS CXXFLAGS CPPFLAGS LDFLAGS

# Every tool of this machine but those that match; prints the folder.
tools_without()
{
	local folder=$scratch/tools-$1 tool place

	shift
	mkdir -p "$folder"
	for place in /usr/sbin /usr/bin /sbin /bin; do
		if [[ $place -ef /usr$place ]]; then
			continue
		fi
		ln -sf -t "$folder" "$place"/*
	done
	for tool; do
		# shellcheck disable=SC2086 # patterns
		(cd "$folder" && rm -f -- $tool)
	done
	echo "$folder"
}

# refuses NAME PATTERN COMMAND...: status 4, nothing on stdout, one line that matches.
refuses()
{
	local name=$1 pattern=$2 status=0

	shift 2
	"$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
	[[ $status == 4 && ! -s $scratch/out && $(wc -l <"$scratch/err") == 1 ]] &&
		grep -q -- "$pattern" "$scratch/err"
	verdict_log $? "$name" "$scratch/err"
}

no_compiler=('*gcc*' '*g++*' 'cc' 'c++' 'c89*' 'c99*' '*clang*')

test_no_compiler()
{
	local tools

	tools=$(tools_without compiler "${no_compiler[@]}")
	refuses "no compiler and --no-install: names the package" 'gcc' \
		env PATH="$tools" "$tree/run-bench" --no-install --list
	[[ ! -e $tree/build ]]
	verdict $? "and nothing is left behind"
}

# foreign_manager NAME PATTERN
foreign_manager()
{
	local tools

	tools=$(tools_without "$1" "${no_compiler[@]}" apt-get dnf zypper pacman)
	if [[ $1 != none ]]; then
		printf '#!/bin/sh\nexit 9\n' >"$tools/$1"
		chmod +x "$tools/$1"
	fi
	refuses "package manager $1: says what to type" "$2" env PATH="$tools" "$tree/run-bench"
}

# as_nobody COMMAND...
as_nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups \
		env HOME=/nonexistent TMPDIR="$scratch/everybody's" "$@"
}

test_sudo()
{
	local tools

	tools=$(tools_without sudo "${no_compiler[@]}" sudo apt-get)
	printf '#!/bin/sh\nexit 9\n' >"$tools/apt-get"
	chmod +x "$tools/apt-get"
	refuses "not root and no sudo: says that it takes one" 'takes root or sudo' \
		as_nobody PATH="$tools" "$tree/run-bench"
	cp -r "$tree" "$scratch/nobody"
	chown -R 65534:65534 "$scratch/nobody"
	printf '#!/bin/sh\necho "$@"\n' >"$tools/sudo"
	chmod +x "$tools/sudo"
	as_nobody PATH="$tools" "$scratch/nobody/run-bench" >"$scratch/out" 2>"$scratch/err" </dev/null
	grep -q 'apt-get .*install .*gcc' "$scratch"/nobody/build/log.packages
	verdict_log $? "not root, with sudo: installs through it" "$scratch/err"
	rm -rf "$scratch/nobody"
}

# On a terminal nothing is installed before a yes.
test_question()
{
	local tools status

	if ! script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
		skip "on a terminal it asks, and takes no for an answer" "no pseudo-terminals here"
		return
	fi
	tools=$(tools_without question "${no_compiler[@]}" apt-get)
	printf '#!/bin/sh\ntouch "%s/called"\n' "$scratch" >"$tools/apt-get"
	rm -f "$tools/sudo"
	cp "$tools/apt-get" "$tools/sudo"
	sed -i '2s/.*/exit 0/' "$tools/sudo"
	chmod +x "$tools/apt-get" "$tools/sudo"
	echo n | script -qec "env PATH='$tools' '$tree/run-bench'" /dev/null >"$scratch/out" 2>&1
	status=$?
	[[ $status == 4 && ! -e $scratch/called ]] && grep -q 'Y/n' "$scratch/out"
	verdict_log $? "on a terminal it asks, and takes no for an answer" "$scratch/out"
}

test_places()
{
	copy_tree "$scratch/a place"
	refuses "a path with a space: says so" 'a place' "$scratch/a place/run-bench" --list
	refuses "a source tree of someone else's: says so" "can't be written" \
		as_nobody PATH="$PATH" "$tree/run-bench" --list
}

test_two_at_once()
{
	local first second configures

	"$tree/run-bench" --list >"$scratch/1" 2>&1 </dev/null &
	first=$!
	"$tree/run-bench" --list >"$scratch/2" 2>&1 </dev/null &
	second=$!
	wait $first
	verdict_log $? "the first of two at once runs" "$scratch/1"
	wait $second
	verdict_log $? "so does the second" "$scratch/2"
	configures=$(cat "$tree"/build/*/log | grep -c '^configure: creating ./config.status')
	[[ $configures == 1 ]]
	verdict $? "and one of them built"
	(cd / && ln -s "$tree/run-bench" "$scratch/link" && "$scratch/link" --list >"$scratch/out" 2>&1)
	verdict_log $? "it runs through a link, from another folder" "$scratch/out"
}

test_changed_source()
{
	local log status=0

	log=$(echo "$tree"/build/*/log)
	echo '#error "on purpose"' >>"$tree/bench/main.c"
	"$tree/run-bench" --list >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
	[[ $status == 4 && ! -s $scratch/out ]] && tail -n 1 "$scratch/err" | grep -q "$log"
	verdict_log $? "a build that fails names its log" "$scratch/err"
	sed -i '$d' "$tree/bench/main.c"
	"$tree/run-bench" --list >"$scratch/out" 2>"$scratch/err" </dev/null
	verdict_log $? "a mended source is built again" "$scratch/err"
}

tree=$scratch/tree
copy_tree "$tree" || exit 1

test_no_compiler
foreign_manager dnf 'dnf install gcc gcc-c++'
foreign_manager zypper 'zypper install gcc gcc-c++'
foreign_manager pacman 'pacman -S --needed gcc'
foreign_manager none 'gcc g++'
if ((EUID == 0)); then
	test_sudo
fi
test_question
if ((EUID == 0)); then
	test_places
fi
test_two_at_once
test_changed_source
finish
