# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with those who source it
#
# debian.sh - what the lab and the set-up test take from Debian.
#
# No address is written down here: all come from the host's own package sources, and
# so does the trust in them.

# This release, as apt names it.
host_suite()
{
	# shellcheck source=/dev/null
	(. /etc/os-release && printf '%s\n' "${VERSION_CODENAME-}")
}

# One line an entry of the host's sources: "URI SUITE SIGNED-BY", "-" for none.
host_sources()
{
	local file

	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		if [[ -r $file ]]; then
			one_line_sources <"$file"
		fi
	done
	for file in /etc/apt/sources.list.d/*.sources; do
		if [[ -r $file ]]; then
			deb822_sources <"$file"
		fi
	done
}

# "deb [options] URI SUITE COMPONENT...", as in sources.list
one_line_sources()
{
	awk '$1 == "deb" {
		key = "-"
		if (match($0, /\[[^]]*\]/)) {
			options = substr($0, RSTART + 1, RLENGTH - 2)
			$0 = substr($0, 1, RSTART - 1) " " substr($0, RSTART + RLENGTH)
			n = split(options, option, " ")
			for (i = 1; i <= n; i++)
				if (sub(/^signed-by=/, "", option[i]))
					key = option[i]
		}
		if ($0 ~ / main( |$)/)
			print $2, $3, key
	}'
}

# Stanzas of "Field: values", as in debian.sources
deb822_sources()
{
	awk 'function entry(	u, s, n, m, uri, suite) {
		n = split(field["uris"], uri, " ")
		m = split(field["suites"], suite, " ")
		if (" " field["types"] " " ~ / deb / && field["enabled"] != "no" &&
		    " " field["components"] " " ~ / main /)
			for (u = 1; u <= n; u++)
				for (s = 1; s <= m; s++)
					print uri[u], suite[s], field["signed-by"] ? field["signed-by"] : "-"
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

# The main suite alone, so that every architecture gets the same versions.
# "URI SUITE SIGNED-BY"; fails if there is none.
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

sysroot_folder()
{
	printf '%s/sysroot/%s-%s\n' "$(cache_folder)" "$1" "$(host_suite)"
}

# suite_name [SUITE]: "backports" are those of this release, which is the default.
suite_name()
{
	case ${1:-$(host_suite)} in
	backports) printf '%s-backports\n' "$(host_suite)" ;;
	*) printf '%s\n' "${1:-$(host_suite)}" ;;
	esac
}
