# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# lab.sh - the kernel module and the program in emulated machines with real PCI device models

# What the lab's guests are, and which kernels the module is built for besides.
lab_guests=(x86_64-debug ppc64le x86_64 arm64 x86_64-backports arm64-newer)
# The group kernels has all.
lab_suites='x86_64: arm64: ppc64le: x86_64:backports x86_64:bullseye arm64:bullseye'

tests_of_lab()
{
	printf '%s\n' "${lab_guests[@]}" module itself mutants
}

needs_of_lab()
{
	local arch

	is_debian || return 0
	echo "$needs_lab"
	for arch in "${architectures[@]}"; do
		needs_machine "$arch"
		if ! is_native "$arch"; then
			needs_cross "$arch"
		fi
	done
}

# module_builds_for ARCH SUITE OUTPUT [--clang]: without a warning.
module_builds_for()
{
	local status name="the module builds for $1 ${2:-$lab_suite}${4:+ by clang} without a warning"

	"$root/lab/module" ${4:+"$4"} "$1" "$2" >"$3.path" 2>"$3"
	status=$?
	if ((status == 77)); then
		skip "$name" "$(not_here "$3")"
		return
	fi
	# That an older kernel was taken is no fault of the module's.
	((status == 0)) && ! grep -qv '^lab/fetch: ' "$3"
	verdict_log $? "$name" "$3"
}

# not_here OUTPUT: the reason for a skip that a command of the lab's gave, last.
not_here()
{
	tail -n 1 "$1" | sed 's/^[^ ]*: //'
}

# No warning, on any kernel.
module_builds()
{
	local pair out=$root/build/lab/module.out

	[[ -e $root/kmod/Kbuild ]] || return
	for pair in $lab_suites; do
		module_builds_for "${pair%:*}" "${pair#*:}" "$out"
	done
}

# checkpatch is the kernel's own, of the release that the debug kernel is made of.
module_style()
{
	local folder=$root/build/lab/checkpatch out=$root/build/lab/checkpatch.out source

	if [[ ! -e $folder/checkpatch.pl ]]; then
		source=$("$root/lab/fetch" source 2>"$out")
		if (($? == 77)); then
			skip "checkpatch has nothing to say of the module" "$(not_here "$out")"
			return
		fi
		rm -rf "$folder" && mkdir "$folder" &&
			tar -xf "$source/linux.tar.xz" -C "$folder" --strip-components=2 --wildcards \
				'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch'
	fi
	perl "$folder/checkpatch.pl" --no-tree --quiet --file "$root"/kmod/{,arch/,probe/,uapi/linux/}*.[ch] >"$out" 2>&1
	verdict_log $? "checkpatch has nothing to say of the module" "$out"
}

# configured_module FOLDER KERNEL: as one builds it without the lab.
configured_module()
{
	cd "$1" && "$root/configure" --quiet --enable-kmod --with-kernel="$2/build" &&
		make build-kmod/fencepost.ko CC=gcc && make install-exec-local DESTDIR="$1/to" &&
		find to -name 'fencepost.ko*' | grep -q .
}

# The newer kernel's headers ask for BTF, and so for pahole where they are left to it.
module_configure()
{
	local folder=$root/build/lab/configure kernel suite name

	for suite in '' backports; do
		rm -rf "$folder"
		make_folder "$folder"
		name="configure --enable-kmod, kernel ${suite:-of $lab_suite}: the module is built and installed"
		if ! kernel=$("$root/lab/fetch" kernel x86_64 $suite 2>"$folder.out"); then
			skip "$name" "$(not_here "$folder.out")"
			continue
		fi
		(configured_module "$folder" "$kernel") >"$folder.out" 2>&1
		verdict_log $? "$name" "$folder.out"
	done
	! (cd "$folder" && "$root/configure" --quiet --enable-kmod --with-kernel=/nowhere) >"$folder.out" 2>&1 &&
		grep -q 'no kernel .* in /nowhere' "$folder.out"
	verdict $? "configure --enable-kmod without a kernel says so"
}

# A test's output, as it came back from a guest, and its status.
# shellcheck disable=SC2016 # for another shell
test_output='cat "$1.tap"; sed "s/^/# /" "$1.err"; exit "$(<"$1.status")"'

# Where it can't be had, or not be run.
left_out()
{
	[[ $(cat "$1/outcome" 2>/dev/null) == @('the package archive lacks '*|'no emulator') ]]
}

guest_results()
{
	local guest=$1 folder=$2 file

	if left_out "$folder"; then
		skip "$guest" "$(<"$folder/outcome")"
		return
	fi
	[[ $(cat "$folder/outcome" 2>/dev/null) == @(ok|tests failed) ]]
	verdict $? "$guest runs to its end, and its kernel does not complain"
	sed 's/^/#   /' "$folder/lab.err"
	for file in "$folder"/*.tap; do
		if [[ -e $file ]]; then
			tap "$guest $(basename "$file" .tap)" bash -c "$test_output" - "${file%.tap}"
		fi
	done
}

# What the device saw of each copy, and the barriers in the kernel's accessors.
golden_results()
{
	local guest=$1 folder=$2 arch=${1%%-*} module

	if [[ $guest == *-debug ]] || left_out "$folder"; then
		return
	fi
	tap "$guest device's view" "$root/tests/golden/check.sh" "$guest" "$folder"
	[[ $guest == "$arch" ]] || return 0
	module=$("$root/lab/module" "$arch" 2>/dev/null)
	tap "$guest barriers" "$root/tests/golden/barriers.sh" "$arch" "$folder" "$module"
	tap "$guest golden files" "$root/tests/golden/mutants.sh" "$arch" "$folder" "$module"
}


# module_mutants OUTPUT: beside what else is done.
module_mutants()
{
	local folder patience=(timeout -k 10 1800)

	folder=$root/build/tests-$(fact x86_64 triplet)
	(build_for x86_64 "$folder" --enable-werror && make -s -C "$folder" lab-programs) >"$1" 2>&1
	tap "broken module" "$root/tests/setup/module-mutants.sh" "$folder/tests/lab" >>"$1" 2>&1
}

# boot_guests OUTPUT GUEST...; fails where there is no emulator.
boot_guests()
{
	local output=$1 status=0

	shift
	(($# > 0)) || return 0
	"$root/lab/run" --no-install --test-builds --output "$output" "$@" >"$output.out" 2>&1 </dev/null || status=$?
	if ((status == 77)) && [[ ! -e $output ]]; then
		skip lab "$(tail -n 1 "$output.out")"
		return 1
	fi
	diagnostics 100 <"$output.out"
}

group_lab()
{
	local guest guests=() output=$root/build/lab/tests

	make_folder "$root/build/lab"
	rm -rf "$output"
	for guest in "${lab_guests[@]}"; do
		if is_chosen "$guest"; then
			guests+=("$guest")
		fi
	done
	if is_chosen module; then
		module_builds
		if have perl; then
			module_style
		fi
	fi
	boot_guests "$output" "${guests[@]}" || return 0
	if is_chosen module && is_native x86_64; then
		module_configure
	fi
	: >"$output.mutants"
	if is_chosen mutants; then
		module_mutants "$output.mutants" &
	fi
	if is_chosen itself; then
		tap "archive not whole" "$root/tests/setup/archive.sh"
		tap "lab itself" "$root/tests/setup/lab.sh"
	fi
	wait
	cat "$output.mutants"
	for guest in "${guests[@]}"; do
		guest_results "$guest" "$output/$guest"
		golden_results "$guest" "$output/$guest"
	done
}
