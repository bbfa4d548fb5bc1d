# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# cross.sh - unit tests and short runs for the other architectures, under qemu-user

# Those that this machine is not, and of which it is known what qemu-user lacks.
tests_of_cross()
{
	local arch

	for arch in "${architectures[@]}"; do
		if ! is_native "$arch" && [[ -e $root/tests/expected/$arch-qemu-user.txt ]]; then
			echo "$arch"
		fi
	done
}

needs_of_cross()
{
	local arch

	is_debian || return 0
	echo "$needs_functional"
	for arch in $(chosen); do
		needs_cross "$arch"
	done
}

# The program as a native one would be started.
emulated_program()
{
	local arch=$1 folder=$2

	printf '#!/bin/sh\nexec "%s" %s run "%s" "$@" --evidence emulated\n' \
		"$root/lab/cross" "$arch" "$folder/fencepost" >"$folder/fencepost-emulated"
	chmod +x "$folder/fencepost-emulated"
	echo "$folder/fencepost-emulated"
}

group_cross()
{
	local arch folder runner status

	if ! is_debian; then
		skip cross "$no_debian"
		return
	fi
	for arch in $(chosen); do
		folder=$root/build/tests-$(fact "$arch" triplet)
		"$root/lab/fetch" sysroot "$arch" >/dev/null
		status=$?
		if ((status == 77)); then
			skip "$arch" "the package archive lacks its libraries"
			continue
		fi
		if ((status != 0)) || ! (build_for "$arch" "$folder" --enable-werror); then
			not_ok "$arch: build"
			continue
		fi
		runner=$("$root/lab/cross" "$arch" runner)
		export FENCEPOST_EMULATED=$arch FENCEPOST_RUNNER=$runner
		make_check "$folder" "$arch" LOG_COMPILER="$runner"
		tap "$arch stores" "$root/tests/stores/check.sh" "$arch" "$folder"
		# shellcheck disable=SC2046 # words
		functional_tests "$(emulated_program "$arch" "$folder")" "$arch" $(functional_names)
		unset FENCEPOST_EMULATED FENCEPOST_RUNNER
	done
}
