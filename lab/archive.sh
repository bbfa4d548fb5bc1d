# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # of lab/fetch, which sources it
#
# archive.sh - packages from Debian's archive, of any architecture, and older ones where the
# archive is not whole.
#
# Sourced by lab/fetch, which sets source and acquire: the host's own, as main_source and
# host_acquire print them.

# Exit status: the archive does not have it.
lacking=77

# Of apt's words, those for an archive that is not whole, or lacks the suite.
holes='404  Not Found|File not found|Hash Sum mismatch|unexpected size|does not have a Release file'

# The cross compilers bring the C library to build with, and nobody runs the
# programs of a sysroot: these count as installed, with all that they ask for.
not_wanted='libc6-dev libc-dev libltdl-dev libnuma-dev debianutils dpkg'

# A package database in which not_wanted is installed, in any version asked for.
status_file()
{
	local package

	for package in $not_wanted; do
		printf 'Package: %s\nStatus: install ok installed\nPriority: optional\n' "$package"
		printf 'Section: libs\nMaintainer: none\nArchitecture: %s\nMulti-Arch: same\n' "$1"
		printf 'Version: 9999:0\nDescription: not wanted in a sysroot\n\n'
	done
}

# apt_state FOLDER DEBIAN-ARCHITECTURE SUITES: how to reach those for it.
apt_state()
{
	local folder=$1 architecture=$2 suites=$3 uri key trusted

	read -r uri _ key trusted <<<"$source"
	mkdir -p "$folder"/{parts,lists/partial,archives/partial} || return
	status_file "$architecture" >"$folder/status"
	: >"$folder/preferences"
	{
		printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n' "$uri" "$suites"
		if [[ $key != - ]]; then
			printf 'Signed-By: %s\n' "$key"
		fi
		if [[ $trusted != - ]]; then
			printf 'Trusted: %s\n' "$trusted"
		fi
	} >"$folder/parts/main.sources"
	{
		printf '%s\n' "$acquire"
		cat <<-END
			Dir::Etc::main "/dev/null";
			Dir::Etc::parts "/dev/null";
			Dir::Etc::sourcelist "/dev/null";
			Dir::Etc::sourceparts "$folder/parts";
			Dir::Etc::preferences "$folder/preferences";
			Dir::Etc::preferencesparts "/dev/null";
			Dir::State::Lists "$folder/lists";
			Dir::State::status "$folder/status";
			Dir::Cache "$folder";
			APT::Architecture "$architecture";
			APT::Architectures { "$architecture"; };
			APT::Sandbox::User "";
			Acquire::Retries "3";
			Acquire::Languages "none";
		END
	} >"$folder/apt.conf"
	export APT_CONFIG=$folder/apt.conf
}

# What apt would install for these, NAME=VERSION a line.
install_set()
{
	apt-get -o Debug::NoLocking=1 install -s --no-install-recommends "$@" |
		awk '$1 == "Inst" && match($0, /\([^ ]+/) {
			print $2 "=" substr($0, RSTART + 1, RLENGTH - 1)
		}'
}

# dependency PACKAGE PATTERN: the first that matches; what a meta-package stands for.
dependency()
{
	apt-cache depends "$1" | awk -v pattern="$2" '
		$1 == "Depends:" && $2 ~ pattern { print $2; found = 1; exit }
		END { exit !found }'
}

# extract ARCHIVES-FOLDER NEW-FOLDER
extract()
{
	local folder=$2 deb link target

	# Older packages still ship /lib; all land in one place.
	mkdir -p "$folder"/usr/{lib,lib64} || return
	ln -s usr/lib "$folder/lib" || return
	ln -s usr/lib64 "$folder/lib64" || return
	for deb in "$1"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x --keep-directory-symlink --no-same-owner -C "$folder" || return
	done
	# An absolute link would lead out of the sysroot.
	find "$folder" -type l -lname '/*' -printf '%p %l\n' | while read -r link target; do
		ln -sfnr "$folder$target" "$link" || return
	done
}

# candidate PACKAGE: the version that apt would install; fails if there is none.
candidate()
{
	local version

	version=$(apt-cache policy "$1" | sed -n 's/^  Candidate: //p')
	[[ $version && $version != '(none)' ]] && printf '%s\n' "$version"
}

# available PACKAGE...: prints them if all are.
available()
{
	local name

	for name; do
		candidate "$name" >/dev/null || return
	done
	printf '%s\n' "$@"
}

# newest_first PATTERN: the names of packages that match.
newest_first()
{
	apt-cache pkgnames | grep -E "$1" | sort -rV
}

# pass_over NAME[=VERSION]...: those that did not come are no candidates any more.  Fails
# if all came.
pass_over()
{
	local name version status=1

	for name; do
		if compgen -G "$state/debs/${name%%=*}_*.deb" >/dev/null; then
			continue
		fi
		version=$(candidate "${name%%=*}") || continue
		printf 'Package: %s\nPin: version %s\nPin-Priority: -1\n\n' "${name%%=*}" "$version" >>"$state/preferences"
		say "the package archive lacks ${name%%=*} $version, which its index names"
		older=yes status=0
	done
	return $status
}

# holed: whether apt's last words are of an archive that is not whole.
holed()
{
	tail -n +"$((said + 1))" "$state/log" | grep -qE "$holes"
}

# attempt WORD...: apt, with its words in the log; 77 if the archive is not whole.
attempt()
{
	local said

	said=$(wc -l <"$state/log")
	(logged "$state/log" "$@") && return
	if holed; then
		return $lacking
	fi
	refuse_with_log "$state/log" "could not get the $what for $suites, $architecture"
}

# Without a network, what was known of the archive before says nothing of it.
update()
{
	apt-get update --error-on=any
}

# download RESOLVER [ARGUMENT...]: what it prints, and less new ones for as long as the
# archive lacks some.
download()
{
	local names

	attempt update || return
	while names=$("$@" 2>>"$state/log") && [[ $names ]]; do
		rm -rf "$state/debs"
		mkdir -p "$state/debs" || refuse "can't write $state"
		# shellcheck disable=SC2086 # words
		attempt in_folder "$state/debs" apt-get download $names && return
		# shellcheck disable=SC2086 # words
		pass_over $names || break
	done
	return $lacking
}

# packages WHAT DEBIAN-ARCHITECTURE SUITES NEW-FOLDER RESOLVER [ARGUMENT...]
#
# Downloads and unpacks the packages that the resolver prints, one a line.  Fails with 77 if
# the archive lacks them.
packages()
{
	local what=$1 architecture=$2 suites=$3 folder=$4 state older=no status lock_fd

	shift 4
	state=$(cache_folder)/apt/$architecture-${suites// /-}
	apt_state "$state" "$architecture" "$suites" || refuse "can't write $state"
	lock "$state/.lock"
	: >"$state/log"
	download "$@"
	status=$?
	if ((status == 0)); then
		rm -rf "$folder"
		(logged "$state/log" extract "$state/debs" "$folder") ||
			refuse_with_log "$state/log" "could not unpack the $what for $suites, $architecture"
		if [[ $older == yes ]]; then
			: >"$folder/.older"
		fi
	fi
	rm -rf "$state/debs"
	unlock
	return $status
}

# or_older WHAT SUITE COMMAND...: COMMAND SUITE, of an older release if the archive lacks it.
or_older()
{
	local what=$1 suite=$2 wanted=$2 status

	shift 2
	while :; do
		"$1" "$suite" "${@:2}"
		status=$?
		if ((status != lacking)); then
			break
		fi
		if ! suite=$(older_suite "$suite"); then
			say "the package archive lacks the $what of $wanted, and has no older one"
			return $lacking
		fi
		say "the package archive lacks the $what of $wanted: trying that of $suite"
	done
	if ((status == 0)) && [[ $suite != "$wanted" ]]; then
		: >"${*: -1}/.older"
	fi
	return $status
}
