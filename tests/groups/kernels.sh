# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# kernels.sh - the kernel module, for each series of kernels in the archive, by gcc and by clang
# long: yes

tests_of_kernels()
{
	printf '%s\n' "${architectures[@]}" debug
}

needs_of_kernels()
{
	local arch

	is_debian || return 0
	echo "$needs_lab"
	echo 'command:clang-19 clang-19 - - -'
	for arch in "${architectures[@]}"; do
		is_native "$arch" || needs_cross "$arch"
	done
}

# kernels_of ARCH SUITE OUTPUT
kernels_of()
{
	local series list

	list=$("$root/lab/fetch" series "$1" "$2" 2>"$3")
	case $? in
	0) ;;
	77) skip "kernels of $2 for $1" "$(not_here "$3")" ;;
	*) not_ok "kernels of $2 for $1" "$(tail -n 3 "$3")" ;;
	esac
	for series in $list; do
		module_builds_for "$1" "$2:$series" "$3"
		module_builds_for "$1" "$2:$series" "$3" --clang
	done
}

# Whether newer sources still have what the debug kernel is made of.
debug_kernels()
{
	local suite status out=$1

	for suite in bookworm trixie; do
		"$root/lab/debug-kernel" --configure $suite >"$out" 2>&1
		status=$?
		if ((status == 77)); then
			skip "the debug kernel can be made of the source of $suite" "$(not_here "$out")"
		else
			verdict_log $status "the debug kernel can be made of the source of $suite" "$out"
		fi
	done
}

group_kernels()
{
	local arch suite out=$root/build/lab/kernels.out

	if ! is_debian; then
		skip kernels "$no_debian"
		return
	fi
	make_folder "$root/build/lab"
	for arch in "${architectures[@]}"; do
		is_chosen "$arch" || continue
		for suite in bullseye bookworm bookworm-backports trixie trixie-backports sid; do
			kernels_of "$arch" "$suite" "$out"
		done
	done
	if is_chosen debug; then
		debug_kernels "$out"
	fi
}
