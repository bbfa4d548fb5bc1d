#!/bin/bash
# SPDX-License-Identifier: MIT
#
# complete.sh - what bash offers behind what has been typed.

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"
# shellcheck source=completions/fencepost
. "$FENCEPOST_ROOT/completions/fencepost"

# offers WANTED WORD...: behind the program's name, the last word being typed.
offers()
{
	local wanted=$1

	shift
	COMP_WORDS=("$FENCEPOST" "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_fencepost "$FENCEPOST" "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"
	is "${COMPREPLY[*]-}" "$wanted" "complete: $*"
}

# listed KIND: the names in that list, in a line.
listed()
{
	"$FENCEPOST" --list "$1" --format csv 2>/dev/null | tail -n +2 | cut -d , -f 1 | paste -sd ' '
}

test_words()
{
	offers "$(listed families) bind unbind complete" ''
	offers 'copy combine complete' co
	offers '' barrier ''
	offers '' bind ''
	offers 'barrier bind' --filter copy b
	offers 'barrier bind' --format=csv b
	offers 'barrier bind' --quick b
	offers '' nothing-is-called-so
}

test_options()
{
	offers --quick --q
	offers '--full --filter --format' barrier --f
	offers --version --v
	offers '--versus --version' copy --v
	offers --version barrier --v
	offers '--force' bind 00:04.0 --f
	offers '--no-install --evidence --help --version' unbind --
	offers --dry-run --list -- --d
}

test_values()
{
	offers 'text markdown csv json' --format ''
	offers markdown --format m
	offers markdown --format = m
	offers 'text markdown csv json' --format =
	offers 'wb wc' --memory w
	offers wb,device --memory wb,d
	offers families --list f
	offers copies copy --list c
	offers "$(listed targets | tr ' ' '\n' | head -n 1)" --target r
	offers '' --output ''
}

# All that --help has, and nothing else.
test_all()
{
	local told offered

	run --help
	told=$(grep -o '^ *--[a-z-]*' stdout | tr -d ' ' | sort -u)
	offered=$({ "$FENCEPOST" complete copy --; "$FENCEPOST" complete bind --; } | sort -u)
	is "$offered" "$told" "the options that are offered are those of --help"
}

test_installed()
{
	if [[ ! -e $build/Makefile ]]; then
		skip "completion is installed" "this program lies in no build folder"
		return
	fi
	make -s -C "$build" install-dist_bashcompDATA DESTDIR="$PWD/installed" >make.log 2>&1
	proves "completion is installed" \
		find installed -path '*/bash-completion/completions/fencepost' -exec cmp {} "$FENCEPOST_ROOT/completions/fencepost" \;
	is "$(find installed -type f | wc -l)" 1 "under the program's name"
}

is "$(complete -p fencepost)" 'complete -o default -F _fencepost fencepost' "files are offered where nothing else is"
test_words
test_options
test_values
test_all
test_installed
finish
