#!/bin/bash
# SPDX-License-Identifier: MIT
#
# mutants.sh - shows that the unit tests see mistakes: makes one at a time in a
# copy of the tree, and demands that the test named beside it fails.
#
#   tests/mutants.sh BUILD-FOLDER [TEST...]    those of some tests, or all
#
# The build is finished; neither it nor the tree is changed.
#
# It prints TAP.

set -u -o pipefail
export LC_ALL=C
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/tests/*}
if (($# < 1)) || [[ ! -e $1/Makefile ]]; then
	sed -n 's/^#   //p' "$here" >&2
	exit 2
fi
build=$(readlink -f -- "$1")
only=${*:2}
# shellcheck source=setup/supervise.sh
. "$root/setup/supervise.sh"
supervise_me "$here" "$@"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"

copy()
{
	local configured

	mkdir "$scratch/tree" "$scratch/build" || return
	tar -C "$root" -cf - --exclude=./build --exclude=./out --exclude=./.git . |
		tar -C "$scratch/tree" -xpf - || return
	# Somebody may be building there.
	flock "$build/.lock" tar -C "$build" -cf - --exclude=./.lock . |
		tar -C "$scratch/build" -xpf - || return
	# The sources that the objects are known to come from are now the copy's.
	configured=$(sed -n 's/^srcdir = //p' "$build/Makefile" | sed 's/[].[^$*\/&]/\\&/g')
	find "$scratch/build" -name '*.Po' -exec \
		sed -i "s/\(^\| \)$configured\//\1${scratch//\//\\/}\/tree\//g" {} +
}

# compile PROGRAM...
compile()
{
	make -s -C "$scratch/build" srcdir="$scratch/tree" top_srcdir="$scratch/tree" \
		abs_top_srcdir="$scratch/tree" VPATH="$scratch/tree" "$@" >"$scratch/log" 2>&1
}

# program_of TEST: where it is built; a name alone is in tests/unit/.
program_of()
{
	if [[ $1 == */* ]]; then
		echo "$1"
	else
		echo "tests/unit/$1"
	fi
}

# results TEST: its TAP.
results()
{
	# shellcheck disable=SC2016 # for another shell
	env -C "$scratch/build" srcdir="$scratch/tree" FENCEPOST_DATADIR="$scratch/tree/plots" \
		FENCEPOST_FIXTURES="$scratch/tree/tests/fixtures" \
		timeout 300 bash -c 'ulimit -t 60; exec "$0"' "$(program_of "$1")" 2>/dev/null </dev/null
}

# sees RESULTS WORD NAME: a test of that name has that result.
sees()
{
	grep -Eq "^$2 [0-9]+ - .*$3" <<<"$1"
}

declare -A well

# The test fails, or is the one that its program did not survive.
falls()
{
	sees "$1" 'not ok' "$2" || { ! sees "$1" ok "$2" && ! grep -q '^1\.\.' <<<"$1"; }
}

# The test passes where nothing is wrong; else its failure would show nothing.
passes_unchanged()
{
	if [[ ! ${well[$1]+set} ]]; then
		compile "$(program_of "$1")" || return
		well[$1]=$(results "$1")
	fi
	sees "${well[$1]}" ok "$2" && ! sees "${well[$1]}" 'not ok' "$2"
}

# mutant MISTAKE FILE SED-EXPRESSION TEST NAME: NAME is an extended regular
# expression for the name of the test that must fail.
mutant()
{
	local mistake=$1 file=$scratch/tree/$2 edit=$3 test=$4 name=$5 found

	if [[ $only && " $only " != *" ${test##*/} "* ]]; then
		return
	fi
	if ! passes_unchanged "$test" "$name"; then
		verdict 1 "$mistake" "$test does not pass \"$name\" without the mistake" "$(tail -n 5 "$scratch/log")"
		return
	fi
	cp -p "$file" "$scratch/original"
	sed -i -E "$edit" "$file"
	touch "$file"
	if cmp -s "$file" "$scratch/original"; then
		verdict 1 "$mistake" "the edit changes nothing in $2: $edit"
	elif ! compile "$(program_of "$test")"; then
		verdict 1 "$mistake" "does not compile" "$(tail -n 10 "$scratch/log")"
	else
		found=$(results "$test")
		falls "$found" "$name"
		verdict $? "$mistake: $test sees it" "no failure of \"$name\"; what failed:" \
			"$(grep '^not ok' <<<"$found")"
	fi
	cp "$scratch/original" "$file"
}

if ! copy; then
	bail_out "can't copy the tree and the build"
fi

mutant "the sequencer lays one fragment too few" bench/work/sequencer.c \
	's/while \(times-- && !err\)/while (times-- > 1 \&\& !err)/' \
	test_sequencer 'barrier .* is laid as its text says'
mutant "the sequencer leaves out what does not fit" bench/work/sequencer.c \
	's/return -ENOSPC;/return 0;/' test_sequencer 'a full buffer is an error'
if [[ $(uname -m) == x86_64 ]]; then
	# shellcheck disable=SC2016 # a constant of the assembler's
	mutant "x86-64's step to the next line is one line short" arch/x86/parts.def \
		's/^(PART\(next_line, "addq )%r9,%r8;/\1$64,%r8;/' \
		test_sequencer 'the offset comes back advanced by every store'
	mutant "x86-64's store of 4 bytes stores 2" arch/x86/accesses.def \
		's/^(ACCESS\(store4, )"movl %eax/\1"movw %ax/' test_sequencer 'store4 writes 4 bytes'
fi
mutant "batches are longer than allowed" bench/measure/meter.c \
	's/loops >= limit/ns >= 1e6/; s/loops > limit/ns > 1e9/' test_meter 'a batch keeps to the limit of its loops'
mutant "the base is not prepared" bench/measure/meter.c \
	's/if \(m->prepare\.run\)$/if (m->prepare.run \&\& timed != \&m->base)/' test_meter \
	"each batch is prepared, the base's, too"
mutant "the base is not taken off" bench/measure/statistics.c \
	's/m\.min - b\.min/m.min/' test_meter "min is the least less the base's least"
mutant "the minimum stands for the median" bench/measure/statistics.c \
	's/m\.p50 - b/m.min - b/' test_meter "p50 is the median"
mutant "a block's minimum is the row's" bench/measure/statistics.c \
	's/block == block/block >= block/' test_meter "the blocks' minima are"
mutant "nanoseconds are reported as cycles" bench/measure/statistics.c \
	's/(one->measured) \* one->cycles_per_ns/\1/' test_meter "cycles by each block's frequency"
mutant "--exclude is ignored" bench/plan/filter.c \
	's/exclude, false/exclude, true/' test_plan 'removes what matches'
mutant "a broken expression matches nothing" bench/plan/filter.c \
	's/return -EINVAL;/return 0;/' test_plan 'no expression'
mutant "a copy is planned beyond the mapping" bench/plan/row.c \
	's/bytes <= profile->region_bytes/true/' test_plan 'a copy larger than the mapping is refused'
mutant "a copy beyond the mapping is run" bench/execute/sequence.c \
	's/walk->span <= bench->region_bytes/true/' test_plan "copies that don't fit are an error"
mutant "a signal is ignored" bench/base/guard.c \
	's/return -EFAULT;/return 0;/' test_guard 'SIGBUS is caught'
mutant "a hang is not ended as one" bench/base/guard.c \
	's/return -ETIMEDOUT;/return 0;/' test_guard 'a hang is ended'
mutant "handlers stay installed" bench/base/guard.c \
	's/sigaction\(guarded\[i\], &saved\[i\], NULL\)/(void)saved/' test_guard 'the handlers are as they were'
mutant "a plotted figure is off" bench/views/curves.c \
	's/view_exact\(row->ns_min,/view_exact(row->ns_min * 1.01,/' test_views 'each plotted figure is in the results'
mutant "a figure of the report is the median" bench/views/page.c \
	's/ns_min/ns_p50/' test_views 'each of its .* figures is in the results'
mutant "whatever is called wb is RAM" bench/document/read.c \
	's/return doc_flag\(mapping, "ram"\);/return true;/' test_document 'a mapping may not be RAM'
mutant "one target's RAM is every target's" bench/document/read.c \
	's/!strcmp\(doc_text\(mapping, "target"\), row->target\) &&//' test_document 'so is another target'
mutant "plain stores to a cache are ranked" bench/findings/copies.c \
	's/row->is_ram && //; s/return FINDING_YARDSTICK;/return FINDING_RANKED;/' test_findings \
	'plain stores to cached memory never are'
mutant "copies are ranked by one lucky batch" bench/findings/copies.c \
	's/duel->([a-z]+)->ns_block_min/duel->\1->ns_min/g' test_findings 'ranked by ns_block_min, ns_min'
mutant "a failed bind undoes nothing" bench/bind/bind.c \
	's/left = give_back\(d, &again\);/left = NULL;/' test_bind 'the former driver has it'
mutant "what was left half way is forgotten" bench/bind/bind.c \
	's/d->binding = before;/(void)before;/' test_bind 'the first driver is remembered'
mutant "a driver_override is not restored" bench/bind/bind.c \
	's/set_override\(d, d->binding.driver_override\)/set_override(d, "")/' test_bind 'it is restored'
mutant "a record that everybody can write is taken" bench/machine/binding.c \
	's/S_IWGRP \| S_IWOTH/0/' test_bind 'unbind, a record that everybody can write'
mutant "a driver's name leads to other folders" bench/machine/binding.c \
	"s,text\\[i\\] == '/',false," test_bind 'unbind, a way up'
mutant "a record is for everybody to write" bench/machine/binding.c \
	's/0644/0666/' test_bind 'umask 000: the record'
mutant "an interface that is up is taken" bench/bind/inuse.c \
	's/ & IFF_UP\)/ \& 0)/' test_inuse 'a network interface that is up is refused'
mutant "mounts are known by their source alone" bench/bind/inuse.c \
	's/!strcmp\(theirs, number\)/!strcmp(number, "none")/' test_inuse 'a mounted disk is refused'
mutant "mounts are known by their number alone" bench/bind/inuse.c \
	's/ \|\| !strcmp\(source, node\)//' test_inuse 'a file system on several disks is refused'
mutant "a disk with several paths is nobody's" bench/bind/inuse.c \
	's/up < 2/up < 0/' test_inuse 'a mounted disk with several paths is refused'
mutant "an attribute serves as another type" arch/x86/facts.def \
	's/FP_WC, "WC"/FP_UC, "WC"/' test_tables 'x86_64: memory type 2 has an attribute that serves as it'
mutant "ranges of a BAR overlap" bench/targets/bar.c \
	's/> bar_bytes \/ n/> bar_bytes * n/' test_target '3 types in 16777216 bytes'
mutant "doorbells are taken for memory" bench/targets/bar.c \
	's/0x1002, 2, /0x1002, 3, /' test_target "an AMD GPU's doorbells"
mutant "places that nobody asked for are used" bench/targets/places.c \
	's/if \(list->all\[i\]\.by_default\)/if (true)/' test_places 'by default what is meant for it'
mutant "RAM is known by its memory type" bench/targets/target.c \
	's/place->target->is_ram/memory == FP_WB/' test_places 'or RAM, whatever its type'
mutant "a temporary file is left" bench/base/file.c \
	's/unlinkat\(file->folder, file->temporary, 0\);/(void)0;/' test_file 'an abandoned file leaves nothing'
mutant "an option of another command does nothing" bench/commands/options.c \
	's/used && !belongs/used \&\& belongs/' test_options '"unbind 00:04.0 --force" is refused'
mutant "POSIXLY_CORRECT ends the options" bench/commands/options.c \
	's/"-:"/"+:"/' test_options '"barrier --quick --cpu 3 .*" is taken'
mutant "an option is taken for a list" bench/commands/options.c \
	"s/argv\\[optind\\]\\[0\\] != '-'/argv[optind][0]/" test_options '"--list --quick" is taken'
mutant "a callback that returns early is not reported" gbench/call.cc \
	's/else if \(s\.now != ENDED\)/else if (false)/' gbench/tests/test_failures "callbacks that return early don't abort"
mutant "a forgotten manual time is not reported" gbench/call.cc \
	's/ && !s\.timed\)/ \&\& false)/' gbench/tests/test_gbench 'none set is an error'
finish
