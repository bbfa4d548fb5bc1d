# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with run-tests, which sources it
#
# compilers.sh - build, make check, the stores of each copy and a short run, by each compiler and its flags
#
# long: yes

# What there may be; which of them there is, the system's archive decides.
gcc_versions=(12 13 14 15 16)
clang_versions=(14 15 16 17 18 19 20 21 22)

# Flags with which people and distributions build, by the compiler that is the system's: CFLAGS,
# which are CXXFLAGS, too, and LDFLAGS.
cet=-fcf-protection
if [[ $(uname -m) != x86_64 ]]; then
	cet=
fi
hardened="-g -O2 -fstack-protector-strong -fstack-clash-protection $cet"
fedora='-Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3 -Wp,-D_GLIBCXX_ASSERTIONS -fno-omit-frame-pointer'
# With -O3, gcc 12 sees a loop over an array that is full go on behind it.
declare -A cflags=(
	[O0]='-O0'
	[Os]='-Os'
	[O3]='-O3 -march=native -Wno-error=stringop-overflow'
	[debian]="$hardened -Wformat -Werror=format-security -D_FORTIFY_SOURCE=2 -fPIE"
	[ubuntu]="$hardened -flto=auto -ffat-lto-objects -Wformat -Werror=format-security -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"
	[fedora]="$hardened -flto=auto -ffat-lto-objects -fexceptions $fedora"
	[suse]="$hardened -flto=auto -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -funwind-tables -Werror=return-type"
)
declare -A ldflags=(
	[debian]='-Wl,-z,relro -Wl,-z,now -pie'
	[ubuntu]='-Wl,-Bsymbolic-functions -flto=auto -ffat-lto-objects -Wl,-z,relro'
	[fedora]='-Wl,-z,relro -Wl,--as-needed -Wl,-z,now -Wl,--build-id=sha1'
	[suse]='-flto=auto'
)

compilers()
{
	printf 'gcc-%s\n' "${gcc_versions[@]}"
	printf 'clang-%s\n' "${clang_versions[@]}"
}

tests_of_compilers()
{
	local name

	for name in $(compilers); do
		printf '%s\n' "$name" "$name-lto"
	done
	printf '%s\n' O0 Os O3 debian ubuntu fedora suse mutants
	printf '%s\n' "${architectures[@]}" | grep -vx "$(this_architecture)"
}

# What stands beside a compiler in commands' and packages' names.
needs_of_gcc()
{
	printf '%s %s - - -\n' "command:gcc-$1" "gcc-$1" "command:g++-$1" "g++-$1"
}

needs_of_clang()
{
	printf '%s %s - - -\n' "command:clang-$1" "clang-$1" "command:ld.lld-$1" "lld-$1" \
		"command:llvm-ar-$1" "llvm-$1"
}

# What the archive does not have is skipped when its test's turn comes.
needs_of_compilers()
{
	local name

	have apt-get || return 0
	for name in $(apt-cache pkgnames | grep -Ex "$(compilers | paste -sd '|')"); do
		if is_chosen "$name" || is_chosen "$name-lto"; then
			"needs_of_${name%-*}" "${name##*-}"
		fi
	done
	for name in "${architectures[@]}"; do
		if is_chosen "$name"; then
			needs_cross "$name"
		fi
	done
}

# by COMPILER COMMAND...: with its own C++ compiler and archiver.
by()
{
	local version=${1##*-}

	case $1 in
	gcc-*) set -- CC="$1" CXX="g++-$version" AR="gcc-ar-$version" RANLIB="gcc-ranlib-$version" "$@" ;;
	clang-*) set -- CC="$1" CXX="clang++-$version" AR="llvm-ar-$version" RANLIB="llvm-ranlib-$version" "$@" ;;
	esac
	(
		export "${@:1:4}"
		"${@:6}"
	)
}

# A short run ends well, and its results say what compiled the program.
short_run_by()
{
	local name=$1 program=$2 version=$3 scratch

	scratch=$(mktemp -d) || return
	FENCEPOST_DATADIR=$root/plots "${patience[@]}" "$program" --quick --output "$scratch/run" \
		>"$scratch/out" 2>&1 </dev/null &&
		grep "\"compiler\": \".*$version" "$scratch/run/results.json" >>"$scratch/out"
	verdict_log $? "$name --quick, and its results name $version" "$scratch/out"
	rm -rf "$scratch"
}

# As everywhere, but for what is shown of a build that fails: it is a test.
test_build()
{
	local name=$1 folder=$root/build/compilers/$1

	if ! (build "$folder" --enable-werror); then
		not_ok "$name: build"
		return
	fi
	make_check "$folder" "$name"
	tap "$name stores" "$root/tests/stores/check.sh" "$(this_architecture)" "$folder"
	short_run_by "$name" "$folder/fencepost" "$(${CC:-gcc} -dumpfullversion -dumpversion)"
}

test_compiler()
{
	local name=$1 compiler=${1%-lto}

	if ! have "$compiler"; then
		skip "$name" "this system has no package $compiler"
	elif [[ $name == "$compiler" ]]; then
		by "$compiler" test_build "$name"
	elif [[ $compiler == gcc-* ]]; then
		CFLAGS='-g -O2 -flto=auto' CXXFLAGS='-g -O2 -flto=auto' by "$compiler" test_build "$name"
	else
		CFLAGS='-g -O2 -flto' CXXFLAGS='-g -O2 -flto' LDFLAGS=-fuse-ld=lld by "$compiler" test_build "$name"
	fi
}

test_flags()
{
	(
		export CFLAGS=${cflags[$1]} CXXFLAGS=${cflags[$1]} LDFLAGS=${ldflags[$1]-}
		test_build "$1"
	)
}

# The copies for another architecture, by each clang that is here: nobody installs those.
test_other_architecture()
{
	local arch=$1 version name folder runner programs='tests/unit/test_copies tests/unit/test_copy_rows tests/proof/step'

	if ! "$root/lab/fetch" sysroot "$arch" >/dev/null; then
		skip "$arch" "there are no libraries for it"
		return
	fi
	runner=$("$root/lab/cross" "$arch" runner)
	for version in "${clang_versions[@]}"; do
		have "clang-$version" || continue
		name=$arch-clang-$version folder=$root/build/compilers/$name
		if ! (FENCEPOST_CLANG=$version build_for "$arch" "$folder" --enable-werror); then
			not_ok "$name: build"
			continue
		fi
		make_check "$folder" "$name" TESTS="$programs" LOG_COMPILER="$runner"
		tap "$name stores" "$root/tests/stores/check.sh" "$arch" "$folder"
	done
}

test_mutants()
{
	local name

	tap "mutants gcc" "$root/tests/stores/mutants.sh" "$(this_architecture)" gcc
	for name in $(compilers); do
		if have "$name"; then
			tap "mutants $name" "$root/tests/stores/mutants.sh" "$(this_architecture)" "$name"
		fi
	done
}

group_compilers()
{
	local name

	for name in $(chosen); do
		if [[ $name == mutants ]]; then
			test_mutants
		elif is_architecture "$name"; then
			test_other_architecture "$name"
		elif [[ ${cflags[$name]+set} ]]; then
			test_flags "$name"
		else
			test_compiler "$name"
		fi
	done
}
