# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with those who source it
#
# build.sh - builds, each in a folder of its own below build/.

# What the compiler builds for: names the folder.
triplet()
{
	local cc

	# shellcheck disable=SC2086 # CC holds words
	if cc=$(compiler c) && $cc -dumpmachine 2>/dev/null; then
		return 0
	fi
	printf '%s\n' "${facts[$(this_architecture) triplet]-$(uname -m)-linux-gnu}"
}

# What a build depends on besides its sources.
build_key()
{
	printf '%s\n' "$*" "CC=${CC-}" "CXX=${CXX-}" "CFLAGS=${CFLAGS-}" \
		"CXXFLAGS=${CXXFLAGS-}" "CPPFLAGS=${CPPFLAGS-}" "LDFLAGS=${LDFLAGS-}"
}

# up_to_date FOLDER KEY: built, configured so, and no source is newer.
up_to_date()
{
	local newer

	[[ -x $1/fencepost && -e $1/.built && -r $1/.key && $(<"$1/.key") == "$2" ]] || return 1
	newer=$(cd "$root" && find configure.ac Makefile.am arch bench fencepost_copy gbench -newer "$1/.built" -print -quit) || return 1
	[[ -z $newer ]]
}

# Autotools can't work in such a tree, and say so in riddles.
check_tree()
{
	case $root in
	*[[:space:]\"\#\$\&\'\`\\]*)
		refuse "the path '$root' has a character that autotools can't handle: move the source tree" ;;
	esac
}

stale_configure()
{
	local made

	for made in configure Makefile.in config.h.in; do
		if [[ ! -e $root/$made ]]; then
			return 0
		fi
	done
	[[ $root/configure.ac -nt $root/configure || $root/Makefile.am -nt $root/Makefile.in ]]
}

# After a change of automake's version only a forced run helps.
autotools()
{
	cd "$root" || return
	autoreconf -i || autoreconf -fi
}

# bootstrap LOG: configure and its kin, in the source tree, one build at a time.
bootstrap()
{
	local log=$1 lock_fd status=0

	stale_configure || return 0
	if [[ ! -w $root ]]; then
		refuse_to_write "$root"
	fi
	lock "$root/build/.lock"
	if stale_configure; then
		(logged "$log" autotools) || status=$?
	fi
	unlock
	if ((status != 0)); then
		refuse_with_log "$log" "autoreconf failed"
	fi
}

#
# build FOLDER [CONFIGURE-ARGUMENT...]
#
# Brings the build in FOLDER up to date.  Several may ask for the same at once.
# The caller may set the array configure to the words of another configure.
#
build()
{
	local folder=$1 key lock_fd log=$1/log

	shift
	set -- "${configure[@]:-$root/configure}" "$@"
	key=$(build_key "${@:2}")
	check_tree
	make_folder "$folder"
	lock "$folder/.lock"
	if ! up_to_date "$folder" "$key"; then
		: >"$log"
		bootstrap "$log"
		configure_and_make "$folder" "$key" "$@"
	fi
	unlock
}

configure_and_make()
{
	local folder=$1 key=$2 log=$1/log

	shift 2
	rm -f "$folder/.built"
	if [[ ! -e $folder/config.status || ! -r $folder/.key || $(<"$folder/.key") != "$key" ]]; then
		rm -f "$folder/.key"
		# Objects of other flags must not survive.
		if [[ -e $folder/Makefile ]]; then
			make -C "$folder" clean >/dev/null 2>&1
		fi
		if ! (logged "$log" in_folder "$folder" "$@"); then
			refuse_with_log "$log" "configure failed"
		fi
		printf '%s\n' "$key" >"$folder/.key"
	fi
	# Stamped before: a source that changes from here on is newer.
	: >"$folder/.started"
	if ! logged "$log" make --no-print-directory -C "$folder" -j"$(nproc)" all; then
		refuse_with_log "$log" "the build failed"
	fi
	mv "$folder/.started" "$folder/.built"
}

# build_for ARCH FOLDER [CONFIGURE-ARGUMENT...]: as build does, for that architecture.
build_for()
{
	local arch=$1 configure=()

	shift
	if ! is_native "$arch"; then
		# The key of the build then holds where the sysroot is.
		configure=(env FENCEPOST_CACHE="$(cache_folder)" "$root/lab/cross" "$arch" configure)
	fi
	build "$@"
}
