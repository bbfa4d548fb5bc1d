# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with those who source it
#
# packages.sh - what is missing here, and how it is installed.

# Tables: what to look for, and what it is called by apt, dnf, zypper, pacman.
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
module:gsl>=2.5                   libgsl-dev       gsl-devel              gsl-devel        gsl
module:libpcre2-8>=10.30          libpcre2-dev     pcre2-devel            pcre2-devel      pcre2'

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

# The lab: emulators, and what kernel modules and kernels are built with.  Debian
# and its kin only.
needs_lab='
command:cpio                      cpio             - - -
command:modprobe                  kmod             - - -
command:readelf                   binutils         - - -
command:flex                      flex             - - -
command:bison                     bison            - - -
command:bc                        bc               - - -
command:xz                        xz-utils         - - -
command:sparse                    sparse           - - -
command:openssl                   openssl          - - -
header:libelf.h                   libelf-dev       - - -
header:openssl/ssl.h              libssl-dev       - - -'

needs_chroot='
command:debootstrap               debootstrap      - - -
command:git                       git              - - -'

# needs_cross ARCHITECTURE: Debian and its kin only, as the sysroots are made of Debian's packages.
needs_cross()
{
	local triplet=${facts[$1 triplet]}

	printf '%s %s - - -\n' "command:$triplet-gcc" "gcc-${triplet//_/-}" "command:$triplet-g++" "g++-${triplet//_/-}" \
		"command:qemu-${facts[$1 user]}-static" qemu-user-static
}

# needs_machine ARCHITECTURE: what emulates one.
needs_machine()
{
	printf '%s %s - - -\n' "command:qemu-system-${facts[$1 system]}" "${facts[$1 emulator]}"
}

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
