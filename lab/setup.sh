# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with those who source it
#
# setup.sh - what run-bench, run-tests and lab/ share: packages and builds.
#
# Sourced, by bash, with two variables set:
#   root  the source tree
#   me    the command's name, for messages
# Messages are one line on stderr.  Exit status 4 is "refused", as everywhere.

refused=4

# Whatever the command that was interrupted makes of it.
trap 'exit 130' INT

say()
{
	printf '%s: %s\n' "$me" "$*" >&2
}

refuse()
{
	say "$@"
	exit $refused
}

# Someone is there to answer a question and to watch progress.
on_terminal()
{
	[[ -t 0 && -t 2 ]]
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

cache_folder()
{
	printf '%s\n' "${FENCEPOST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/fencepost}"
}

#
# Packages: what to look for, and what it is called by apt, dnf, zypper, pacman.
#
#   command:NAME   a program in PATH
#   compiler:LANG  c or c++; CC and CXX are honoured
#   header:FILE    the C++ compiler finds it
#   module:SPEC    pkg-config finds it
#
needs_build='
compiler:c                        gcc              gcc                    gcc              gcc
compiler:c++                      g++              gcc-c++                gcc-c++          gcc
command:make                      make             make                   make             make
command:autoconf                  autoconf         autoconf               autoconf         autoconf
command:automake                  automake         automake               automake         automake
command:pkg-config                pkg-config       pkgconf-pkg-config     pkg-config       pkgconf
command:objdump                   binutils         binutils               binutils         binutils
header:benchmark/benchmark.h      libbenchmark-dev google-benchmark-devel benchmark-devel  benchmark
header:perfmon/pfmlib_perf_event.h libpfm4-dev     libpfm-devel           libpfm-devel     libpfm
module:hwloc>=2.0                 libhwloc-dev     hwloc-devel            hwloc-devel      hwloc
module:jansson>=2.10              libjansson-dev   jansson-devel          libjansson-devel jansson
module:gsl>=2.5                   libgsl-dev       gsl-devel              gsl-devel        gsl'

# Without these all works but what they are for.
needs_pictures='
command:gnuplot                   gnuplot-nox      gnuplot                gnuplot          gnuplot'

needs_functional='
command:jsonschema                python3-jsonschema python3-jsonschema python3-jsonschema python-jsonschema
command:jq                        jq               jq                     jq               jq
command:xmllint                   libxml2-utils    libxml2                libxml2-tools    libxml2
command:groff                     groff-base       groff-base             groff            groff'

needs_dist='
command:xz                        xz-utils         xz                     xz               xz'

# Debian and its kin only: the sysroots are made of Debian's packages.
needs_x86_64='
command:x86_64-linux-gnu-gcc      gcc-x86-64-linux-gnu - - -
command:x86_64-linux-gnu-g++      g++-x86-64-linux-gnu - - -
command:qemu-x86_64-static        qemu-user-static - - -'

needs_arm64='
command:aarch64-linux-gnu-gcc     gcc-aarch64-linux-gnu - - -
command:aarch64-linux-gnu-g++     g++-aarch64-linux-gnu - - -
command:qemu-aarch64-static       qemu-user-static - - -'

needs_ppc64le='
command:powerpc64le-linux-gnu-gcc gcc-powerpc64le-linux-gnu - - -
command:powerpc64le-linux-gnu-g++ g++-powerpc64le-linux-gnu - - -
command:qemu-ppc64le-static       qemu-user-static - - -'

# The lab: emulators, and what kernel modules and kernels are built with.  Debian
# and its kin only, again.
needs_lab='
command:cpio                      cpio             - - -
command:modprobe                  kmod             - - -
command:readelf                   binutils         - - -
command:flex                      flex             - - -
command:bison                     bison            - - -
command:bc                        bc               - - -
command:xz                        xz-utils         - - -
command:sparse                    sparse           - - -
header:libelf.h                   libelf-dev       - - -
header:openssl/ssl.h              libssl-dev       - - -'

needs_lab_x86_64='
command:qemu-system-x86_64        qemu-system-x86  - - -'

needs_lab_arm64='
command:qemu-system-aarch64       qemu-system-arm  - - -'

needs_lab_ppc64le='
command:qemu-system-ppc64         qemu-system-ppc  - - -'

needs_chroot='
command:debootstrap               debootstrap      - - -
command:git                       git              - - -'

# The compiler that configure would choose; nothing if there is none.
compiler()
{
	local name

	case $1 in
	c) set -- "${CC-}" gcc cc clang ;;
	c++) set -- "${CXX-}" g++ c++ clang++ ;;
	esac
	for name; do
		if [[ $name ]] && have "${name%% *}"; then
			printf '%s\n' "$name"
			return 0
		fi
	done
	return 1
}

# Libraries can't be asked for without a compiler and pkg-config; dpkg can.
dpkg_has()
{
	[[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

has_header()
{
	local cxx

	if ! cxx=$(compiler c++); then
		dpkg_has "$2"
		return
	fi
	# shellcheck disable=SC2086 # CXX and CPPFLAGS hold words
	printf '#include <%s>\n' "$1" | $cxx ${CPPFLAGS-} -E -x c++ - >/dev/null 2>&1
}

has_module()
{
	local tool=${PKG_CONFIG:-pkg-config}

	if ! have "$tool"; then
		dpkg_has "$2"
		return
	fi
	"$tool" --exists "${1/>=/ >= }"
}

# has WHAT DEBIAN-PACKAGE
has()
{
	case $1 in
	command:*) have "${1#*:}" ;;
	compiler:*) compiler "${1#*:}" >/dev/null ;;
	header:*) has_header "${1#*:}" "$2" ;;
	module:*) has_module "${1#*:}" "$2" ;;
	esac
}

package_manager()
{
	local name

	for name in apt-get dnf zypper pacman; do
		if have $name; then
			echo $name
			return 0
		fi
	done
	echo none
}

# Prints the packages for what is missing of the tables on stdin, each once.
missing_packages()
{
	local manager=$1 what apt dnf zypper pacman name
	local -A seen=()

	while read -r what apt dnf zypper pacman; do
		if [[ -z $what ]] || has "$what" "$apt"; then
			continue
		fi
		case $manager in
		dnf) name=$dnf ;;
		zypper) name=$zypper ;;
		pacman) name=$pacman ;;
		*) name=$apt ;;
		esac
		if [[ $name == - ]]; then
			name="$apt(Debian)"
		fi
		if [[ -z ${seen[$name]-} ]]; then
			seen[$name]=1
			echo "$name"
		fi
	done
}

# The command that installs, in the manager's words, for a person to type.
install_command()
{
	local manager=$1 sudo=

	shift
	if ((EUID != 0)); then
		sudo='sudo '
	fi
	case $manager in
	apt-get) echo "${sudo}apt-get install --no-install-recommends $*" ;;
	dnf) echo "${sudo}dnf install $*" ;;
	zypper) echo "${sudo}zypper install $*" ;;
	pacman) echo "${sudo}pacman -S --needed $*" ;;
	*) echo "by this system's own names: $*" ;;
	esac
}

# A plain return is a yes, as in apt.
confirm()
{
	local answer

	printf '%s [Y/n] ' "$1" >&2
	read -r answer || return 1
	[[ $answer == '' || $answer == [Yy]* ]]
}

# Shows on one line of a terminal what a long command is at.
watch_lines()
{
	local line width=${COLUMNS:-80}

	while IFS= read -r line; do
		printf '\r\033[K%s: %s' "$me" "${line:0:width - ${#me} - 3}" >&2
	done
	printf '\r\033[K' >&2
}

# logged LOG COMMAND...: its output goes to the log, and is shown in passing.
logged()
{
	local log=$1

	shift
	if [[ -t 2 ]]; then
		"$@" 2>&1 </dev/null | tee -a "$log" | watch_lines
		return "${PIPESTATUS[0]}"
	fi
	"$@" >>"$log" 2>&1 </dev/null
}

# refuse_with_log LOG MESSAGE: the last lines say why, the log says all.
refuse_with_log()
{
	tail -n 15 "$1" >&2
	refuse "$2; the whole log: $1"
}

# install_with_apt LOG [sudo...] -- PACKAGE...
install_with_apt()
{
	local log=$1 apt=()

	shift
	while [[ $1 != -- ]]; do
		apt+=("$1")
		shift
	done
	shift
	apt+=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
	# Some other source may be out of reach and still not matter: install decides.
	logged "$log" "${apt[@]}" update || true
	logged "$log" "${apt[@]}" install -y --no-install-recommends "$@"
}

# Words before a command that make it run as root; fails if nothing does.
become_root()
{
	if ((EUID == 0)); then
		return 0
	fi
	have sudo || return 1
	if sudo -n true >/dev/null 2>&1; then
		echo 'sudo -n'
	elif on_terminal; then
		echo sudo
	else
		return 1
	fi
}

#
# need LOG INSTALL(yes|no) REQUIRED-TABLES [OPTIONAL-TABLES]
#
# Installs what is missing, or refuses with one line that says what and how.
# Optional packages are never a reason to refuse.
#
need()
{
	local log=$1 install=$2 manager required optional packages command sudo

	manager=$(package_manager)
	mapfile -t required < <(missing_packages "$manager" <<<"$3")
	mapfile -t optional < <(missing_packages "$manager" <<<"${4-}")
	packages=("${required[@]}" "${optional[@]}")
	if ((${#packages[@]} == 0)); then
		return 0
	fi
	command=$(install_command "$manager" "${packages[@]}")
	if ! may_install "$install" "$manager" "$command" "${packages[@]}"; then
		if ((${#required[@]} == 0)); then
			say "${optional[*]} is missing, so no pictures will be drawn: $command"
			return 0
		fi
		refuse "packages are missing$why: $command"
	fi
	sudo=$(become_root)
	make_folder "${log%/*}"
	# shellcheck disable=SC2086 # words
	if ! install_with_apt "$log" $sudo -- "${packages[@]}"; then
		refuse_with_log "$log" "could not install ${packages[*]}"
	fi
	mapfile -t required < <(missing_packages "$manager" <<<"$3")
	if ((${#required[@]} != 0)); then
		refuse "installed, and still not usable: ${required[*]}; see $log"
	fi
}

# may_install INSTALL MANAGER COMMAND PACKAGE...; sets why when it may not.
may_install()
{
	local install=$1 manager=$2 command=$3

	shift 3
	if [[ $install == no ]]; then
		why=' and --no-install is given; install them with'
		return 1
	fi
	if [[ $manager != apt-get ]]; then
		why='; install them, then run this again'
		return 1
	fi
	if ! become_root >/dev/null; then
		why=', and installing them takes root or sudo'
		return 1
	fi
	if on_terminal && ! confirm "$me: $# packages are missing: $*
$me: install them with \"$command\"?"; then
		why='; install them with'
		return 1
	fi
}

#
# Builds, each in a folder of its own below build/.
#

# What the compiler builds for: names the folder.
triplet()
{
	local cc

	# shellcheck disable=SC2086 # CC holds words
	if cc=$(compiler c) && $cc -dumpmachine 2>/dev/null; then
		return 0
	fi
	case $(uname -m) in
	ppc64le) echo powerpc64le-linux-gnu ;;
	*) echo "$(uname -m)-linux-gnu" ;;
	esac
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
	newer=$(cd "$root" && find configure.ac Makefile.am arch bench -newer "$1/.built" -print -quit) || return 1
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

# make_folder FOLDER: below the source tree, and writable.
make_folder()
{
	if ! mkdir -p "$1" 2>/dev/null || [[ ! -w $1 ]]; then
		refuse "$1 can't be written by $(id -un 2>/dev/null || id -u): build in a copy of the source tree that you own"
	fi
}

# lock FILE: waits for whoever builds there; sets lock_fd.
lock()
{
	if ! { exec {lock_fd}>>"$1"; } 2>/dev/null; then
		refuse "$1 can't be written by $(id -un 2>/dev/null || id -u): build in a copy of the source tree that you own"
	fi
	if ! flock -n "$lock_fd"; then
		if on_terminal; then
			say "waiting for another build in ${1%/*}"
		fi
		flock "$lock_fd"
	fi
}

unlock()
{
	exec {lock_fd}>&-
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
		refuse "$root can't be written by $(id -un 2>/dev/null || id -u): build in a copy of the source tree that you own"
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

in_folder()
{
	cd "$1" || return
	shift
	"$@"
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
