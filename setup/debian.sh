# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with those who source it
#
# debian.sh - what the lab and the set-up test take from Debian.
#
# No address is written down here: all come from the host's own package sources, and
# so does the trust in them.

# The release whose kernels, shell and libraries the lab's guests and cross builds
# are made of, whichever the host is.
lab_suite=bookworm

# All that know each other's keys, the newest first.
debian_suites='sid forky trixie bookworm bullseye'

# What to say where the lab can't be.
no_debian="the lab is made of Debian's packages, and this is no Debian"

is_debian()
{
	have apt-get && [[ $(host_release ID) == debian ]]
}

# host_release FIELD
host_release()
{
	# shellcheck source=/dev/null
	(. /etc/os-release 2>/dev/null && printf '%s\n' "${!1-}")
}

# This release, as apt names it.
host_suite()
{
	host_release VERSION_CODENAME
}

# One line an entry of the sources that apt reads: "URI SUITE SIGNED-BY TRUSTED", "-" for
# none.
host_sources()
{
	local file list parts

	eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
	for file in "$list" "$parts"/*.list; do
		if [[ -r $file ]]; then
			one_line_sources <"$file"
		fi
	done
	for file in "$parts"/*.sources; do
		if [[ -r $file ]]; then
			deb822_sources <"$file"
		fi
	done
}

# "deb [options] URI SUITE COMPONENT...", as in sources.list
one_line_sources()
{
	awk '$1 == "deb" {
		key = trusted = "-"
		if (match($0, /\[[^]]*\]/)) {
			options = substr($0, RSTART + 1, RLENGTH - 2)
			$0 = substr($0, 1, RSTART - 1) " " substr($0, RSTART + RLENGTH)
			n = split(options, option, " ")
			for (i = 1; i <= n; i++)
				if (sub(/^signed-by=/, "", option[i]))
					key = option[i]
				else if (sub(/^trusted=/, "", option[i]))
					trusted = option[i]
		}
		if ($0 ~ / main( |$)/)
			print $2, $3, key, trusted
	}'
}

# Stanzas of "Field: values", as in debian.sources
deb822_sources()
{
	awk 'function value_of(name) {
		return field[name] == "" ? "-" : field[name]
	}
	function entry(	u, s, n, m, uri, suite) {
		n = split(field["uris"], uri, " ")
		m = split(field["suites"], suite, " ")
		if (" " field["types"] " " ~ / deb / && field["enabled"] != "no" &&
		    " " field["components"] " " ~ / main /)
			for (u = 1; u <= n; u++)
				for (s = 1; s <= m; s++)
					print uri[u], suite[s], value_of("signed-by"), value_of("trusted")
		split("", field)
	}
	/^#/ { next }
	/^[ \t]*$/ { entry(); next }
	/^[^ \t:]+:/ {
		name = tolower(substr($0, 1, index($0, ":") - 1))
		value = substr($0, index($0, ":") + 1)
		gsub(/^[ \t]+|[ \t]+$/, "", value)
		field[name] = value
	}
	END { entry() }'
}

# Where the host takes its main suite from, and so all others: the same versions for
# every architecture.  "URI SUITE SIGNED-BY TRUSTED"; fails if there is none.
main_source()
{
	local suite

	suite=$(host_suite)
	host_sources | awk -v suite="$suite" '
		$2 == suite { print; found = 1; exit }
		!other && $2 ~ /^(stable|testing|unstable|sid)$/ { other = $0 }
		END { if (!found) { if (!other) exit 1; print other } }'
}

# The host's ways to reach its sources: proxies and the like, but no hooks.
host_acquire()
{
	apt-config dump | grep '^Acquire::' | grep -v '^Acquire::Languages'
}

# Libraries to build against.  The C and the C++ library are the cross compiler's own, which
# may be newer than the lab's release: programs need what they were built with.
sysroot_folder()
{
	printf '%s/sysroot/%s-%s\n' "$(cache_folder)" "$1" "$lab_suite"
}

# cross_libraries ARCH: where its programs find theirs, the compiler's first.
cross_libraries()
{
	local triplet

	triplet=$(fact "$1" triplet)
	printf '%s\n' "/usr/$triplet/lib" "$(sysroot_folder "$1")/usr/lib/$triplet"
}

# suite_name [SUITE]: "backports" are those of the lab's release, which is the default.
suite_name()
{
	case ${1:-$lab_suite} in
	backports) printf '%s-backports\n' "$lab_suite" ;;
	*) printf '%s\n' "${1:-$lab_suite}" ;;
	esac
}

# older_suite SUITE: the next; fails where there is none.
older_suite()
{
	local older=${debian_suites#*"${1%-backports}" }

	if [[ $1 == *-backports ]]; then
		printf '%s\n' "${1%-backports}"
	elif [[ $older == "$debian_suites" ]]; then
		return 1
	else
		printf '%s\n' "${older%% *}"
	fi
}
