# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# dist.sh - a release tarball, built and tested from itself

needs_of_dist()
{
	echo "$needs_dist"
}

tests_of_dist()
{
	echo distcheck
}

# What git knows and a release leaves out.
not_released='^\.ci/|^\.git'

group_dist()
{
	local status=0 out=$native/distcheck.out tarball

	build_native
	rm -f "$native"/fencepost-*.tar.xz
	timeout -k 10 1200 make -C "$native" distcheck DISTCHECK_CONFIGURE_FLAGS=--enable-werror \
		>"$out" 2>&1 </dev/null || status=$?
	verdict_log $status "make distcheck" "$out"
	((status == 0)) || return 0
	if [[ ! -e $root/.git ]] || ! have git; then
		skip "the release holds every file" "not a git checkout"
		return
	fi
	tarball=$(echo "$native"/fencepost-*.tar.xz)
	comm -13 <(tar -tf "$tarball" | sed 's,^[^/]*/,,' | sort) \
		<(git -C "$root" ls-files | grep -Ev "$not_released" | sort) >"$out"
	[[ ! -s $out ]]
	verdict_log $? "the release holds every file" "$out"
}
