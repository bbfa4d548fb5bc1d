# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154 # root is set by those who source it
#
# copy.sh - a copy of the source tree as a fresh clone would have it.

# Names of the files, each ended by a zero byte: with what is not committed yet.
source_files()
{
	local name

	if [[ ! -e $root/.git ]]; then
		(cd "$root" && find . \( -path ./build -o -path ./out \) -prune -o -type f -print0)
		return
	fi
	git -c safe.directory="$root" -C "$root" ls-files -z --cached --others --exclude-standard |
		while IFS= read -r -d '' name; do
			if [[ -e $root/$name ]]; then
				printf '%s\0' "$name"
			fi
		done
}

# copy_tree FOLDER
copy_tree()
{
	mkdir -p "$1" || return
	source_files | tar -C "$root" -c --null -T - | tar -C "$1" -x --no-same-owner
}
