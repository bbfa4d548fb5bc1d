#!/bin/bash
# SPDX-License-Identifier: MIT
#
# gbench-installed.sh - libgbench as others find it: installed, built against
# with a C compiler and pkg-config alone, described, and taken away again.
#
# quick: yes

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

destdir=$PWD/destdir

# A variable of the build's Makefile.
# shellcheck disable=SC2016 # make's
made_with()
{
	printf 'show:\n\t@echo "$(%s)"\n' "$1" | make -s -C "$build" -f Makefile -f - show
}

# pkg-config knows nothing but what was installed and what the system has.
# shellcheck disable=SC2317 # by way of build_with_c
flags()
{
	PKG_CONFIG_PATH=$destdir$(made_with pkgconfigdir) PKG_CONFIG_SYSROOT_DIR=$destdir \
		PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 \
		pkg-config "$@" gbench
}

# build_with_c SOURCE PROGRAM: no C++ compiler, and no file of the source tree.
# shellcheck disable=SC2317 # by way of proves
build_with_c()
{
	local given

	given=$(flags --cflags --libs --static) || return
	# shellcheck disable=SC2086 # words
	"${CC:-cc}" -std=c11 -Wall -Wextra -Werror "$1" -o "$2" $given
}

test_install()
{
	local file missing=()

	proves "make install" make -s -C "$build" install DESTDIR="$destdir"
	for file in "$(made_with includedir)/gbench.h" "$(made_with libdir)/libgbench.a" \
		"$(made_with pkgconfigdir)/gbench.pc" "$(made_with mandir)/man3/gbench.3"; do
		[[ -s $destdir$file ]] || missing+=("$file")
	done
	verdict ${#missing[@]} "header, library, pkg-config file and manual page are installed" \
		"missing: ${missing[*]-}"
	is "$(flags --modversion)" "$(made_with PACKAGE_VERSION)" "pkg-config knows the version"
}

test_example()
{
	cp "$FENCEPOST_ROOT/gbench/tests/example.c" gbench_example.c
	if ! proves_program gbench_example; then
		return
	fi
	status=0
	./gbench_example >stdout 2>stderr || status=$?
	is "$status $(<stderr)" "0 " "the example ends well"
	is "$(tail -n 1 stdout)" "6 ran, 3 skipped, 0 failed, 0 not asked for" "and counts"
	like "$(<stdout)" 'memcpy/bytes:4096 .*bytes_per_second=' "and has a row with figures"
	like "$(<stdout)" 'memmove_BigO .* N ' "and the complexity"
	like "$(<stdout)" 'this system has none' "and a reason for what it skipped"
	./gbench_example '(unclosed' >stdout 2>stderr
	is "$? $(<stdout)" "1 " "with a bad filter it fails"
	like "$(<stderr)" 'Invalid argument' "and says why"
}

# proves_program NAME: NAME.c builds.
proves_program()
{
	proves "$1.c builds with ${CC:-cc} and pkg-config" build_with_c "$1.c" "$1"
	[[ -x $1 ]]
}

# What mandoc, man or groff finds wrong with a page; they differ in what they mind.
# shellcheck disable=SC2317 # by way of proves
renders()
{
	if have mandoc; then
		mandoc -T ascii -W warning "$1" >page
	elif have groff; then
		groff -mandoc -T ascii -ww "$1" >page 2>warnings
		cat warnings
		[[ ! -s warnings ]]
	else
		man -l -E ascii "$1" >page
	fi && grep -q 'libgbench' <(sed 's/.\x08//g' page)
}

test_page()
{
	local page

	page=$destdir$(made_with mandir)/man3/gbench.3
	if have mandoc || have groff || have man; then
		proves "the manual page renders" renders "$page"
	else
		skip "the manual page renders" "neither mandoc nor groff nor man is here"
	fi
	awk '/^\.Ed/ { show = 0 } show; /^\.Bd -literal/ { show = 1 }' "$page" >page_example.c
	if proves_program page_example; then
		like "$(./page_example)" 'sum/4096 .*sum_BigO' "the page's example runs"
	fi
}

# Each function of the header has its place on the page, and no other has.
test_page_is_complete()
{
	local header page

	header=$(grep -oE '\bgbench_[a-z_]+\(' "$destdir$(made_with includedir)/gbench.h" |
		tr -d '(' | grep -v '_fn$' | sort -u)
	page=$(awk '$1 == ".Fn" && $2 ~ /^gbench_/ && $2 != "gbench_fn" { print $2 }' \
		"$destdir$(made_with mandir)/man3/gbench.3" | sort -u)
	is "$(comm -3 <(echo "$header") <(echo "$page"))" "" "the page has the functions of the header"
}

test_uninstall()
{
	proves "make uninstall" make -s -C "$build" uninstall DESTDIR="$destdir"
	is "$(find "$destdir" ! -type d)" "" "which leaves nothing behind"
}

if [[ ! -e $build/Makefile ]]; then
	skip "gbench as installed" "$build is not a folder to install from"
elif ! have "${CC:-cc}" || ! have pkg-config; then
	skip "gbench as installed" "this needs ${CC:-cc} and pkg-config"
else
	test_install
	test_example
	test_page
	test_page_is_complete
	test_uninstall
fi
finish
