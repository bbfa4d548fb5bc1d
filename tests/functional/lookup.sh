#!/bin/bash
# SPDX-License-Identifier: MIT
#
# lookup.sh - --list, --api, --show, --dry-run: what is known of barriers, on
# every architecture for all of them.
#
# emulated: yes
# quick: yes

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

kinds='rows families barriers accesses locks copies targets'

# one_format KIND FORMAT BEGIN: what it prints begins so, and has lines enough.
one_format()
{
	run --list "$1" --format "$2"
	if [[ $status == 0 && ! $(errors) && $(head -n 1 stdout) =~ $3 ]] && (($(wc -l <stdout) >= 2)); then
		ok "--list $1 --format $2"
	else
		not_ok "--list $1 --format $2" "status $status" "$(head -n 2 stdout)" "$(errors)"
	fi
}

# same_as ARGUMENT...: prints what the last run has printed.
# shellcheck disable=SC2317 # by way of proves
same_as()
{
	"$FENCEPOST" "$@" 2>/dev/null | cmp - stdout
}

test_lists()
{
	local kind first

	for kind in $kinds; do
		case $kind in
		rows) first=row ;;
		families) first=family ;;
		targets) first=target ;;
		*) first=architecture ;;
		esac
		one_format "$kind" text "^$first "
		one_format "$kind" markdown "^\| *$first *\|"
		one_format "$kind" csv "^$first,"
		one_format "$kind" json '^\['
		run --quick --list="$kind" --format csv
		proves "--list=$kind is --list $kind" same_as --quick --list "$kind" --format csv
	done
	run --quick --format csv --list
	proves "--list alone is --list rows" same_as --quick --list rows --format csv
}

# has LIST-CELLS ARCHITECTURE ID...
has()
{
	local list=$1 arch=$2 id missing=()

	shift 2
	for id; do
		grep -q "^$arch	$id$" <<<"$list" || missing+=("$id")
	done
	verdict ${#missing[@]} "--list barriers has $arch's $*" "missing: ${missing[*]-}"
}

test_barriers()
{
	local list sources

	run --list barriers --format csv
	list=$(cells stdout architecture id)
	has "$list" x86_64 none sfence lfence mfence lock_add xchg serialize clflushopt_sfence clwb_sfence
	has "$list" arm64 none dmb_{sy,st,ld,ish,ishst,ishld,osh,oshst,oshld} \
		dsb_{sy,st,ld,ish,ishst,ishld,osh,oshst,oshld} isb dgh stlr ldar ldapr
	has "$list" ppc64le none sync lwsync eieio isync phwsync plwsync stncisync stcisync stsync
	sources=$(cells stdout architecture id source | awk -F '\t' '$3 == "" { print $1, $2 }')
	is "$sources" "" "each barrier of each architecture has a source"
	is "$(sort <<<"$list" | uniq -d)" "" "no architecture has a barrier twice"
}

# What must know each architecture, beside the tables that are compiled in.
test_architectures()
{
	local all list

	all=$(sed -nE 's/^ARCHITECTURE\([^,]*, *([^,]*),.*/\1/p' "$FENCEPOST_ROOT/arch/architectures.def" | sort)
	for list in barriers accesses locks copies; do
		run --list $list --format csv
		is "$(cells stdout architecture | sort -u)" "$all" "--list $list has all architectures"
	done
	is "$(sed -n 's/.*"architecture": {"enum": \[\(.*\)\].*/\1/p' "$FENCEPOST_ROOT/results/schema.json" |
		tr -d '" ' | tr , '\n' | sort)" "$all" "the schema has all architectures"
	is "$(sed -nE 's/^architecture ([a-z0-9_]+) .*/\1/p' "$FENCEPOST_ROOT/setup/architectures.sh" | sort)" \
		"$all" "the set-up has all architectures"
	is "$(sed -nE 's,^\tarch/([a-z0-9_]+) tests/proof/\1( \\)?$,\1,p' "$FENCEPOST_ROOT/Makefile.am" | sort)" \
		"$(sed -nE 's/^ARCHITECTURE\(.*, *(.*)\)/\1/p' "$FENCEPOST_ROOT/arch/architectures.def" | sort)" \
		"a release has the folders of all architectures"
}

# becomes NAME ARCHITECTURE=ID...: what a name becomes, on each.
becomes()
{
	local name=$1 pair found

	shift
	run --api "$name" --format csv
	found=$(cells stdout architecture id | tr '\t' '=')
	for pair; do
		grep -qx "$pair" <<<"$found"
		verdict $? "--api $name: $pair" "status $status" "$found" "$(errors)"
	done
}

test_api()
{
	local all

	all=$(grep -c '^ARCHITECTURE' "$FENCEPOST_ROOT/arch/architectures.def")
	becomes dma_wmb x86_64=none arm64=dmb_oshst ppc64le=lwsync
	is "$(tail -n +2 stdout | wc -l)" "$all" "--api dma_wmb: one barrier an architecture"
	becomes kernel:wmb x86_64=sfence arm64=dsb_st ppc64le=sync
	becomes smp_mb x86_64=lock_add arm64=dmb_ish ppc64le=sync
	becomes udma_to_device_barrier x86_64=none arm64=dmb_oshst
	becomes mmio_flush_writes x86_64=sfence arm64=dsb_st
	becomes ucs_memory_bus_store_fence x86_64=sfence
	becomes rte_wmb x86_64=sfence arm64=dmb_oshst
	becomes spdk_wmb x86_64=sfence
	becomes cmm_smp_wmb ppc64le=lwsync
	becomes spin_lock x86_64=spin_lock arm64=spin_lock ppc64le=spin_lock
	becomes mfence x86_64=mfence
	run --api dma_wmb
	# shellcheck disable=SC2016 # awk's
	proves "--api in text says what a barrier does not do, and where that is written" \
		awk -v n="$all" '$1 == "does_not" { a++ } $1 == "source" { b++ } END { exit !(a == n && b == n) }' stdout
	run --api dma_wmb --format json
	like "$(head -c 1 stdout)" '^\[$' "--api --format json is an array"
}

# here LIST COLUMN...: of the own architecture.
here()
{
	"$FENCEPOST" --list "$1" --format csv 2>/dev/null >list
	cells list here "${@:2}" | sed -n 's/^yes	//p'
}

# The instructions that --show printed.
shown()
{
	cut -s -f 3- stdout
}

# Instructions on stdin by what their writers agree on: how the mnemonic begins, and
# operands without blanks and with bare registers.
bare()
{
	sed -E 's/^(..)[^[:space:]]*[[:space:]]*/\1 /; s/%//g; s/\br([0-9])/\1/g' | sed -E ':more; s/^(.. .*)[[:space:]]/\1/; t more'
}

# counts ROW INSTRUCTION N: it stands so often in the disassembly.
counts()
{
	local found

	run --show "$1"
	found=$(shown | bare | grep -cxF -- "$(bare <<<"$2")")
	if [[ $status == 0 && $found == "$3" ]]; then
		ok "--show $1: $3 times $2"
	else
		not_ok "--show $1: $3 times $2" "found $found, status $status" "$(errors)"
	fi
}

test_show()
{
	local barrier store

	barrier=$(here barriers id | grep -vx none | head -n 1)
	store=$(here accesses id instruction | sed -n 's/^store8	//p')
	run --show "barrier/idle/$barrier/wb"
	is "$status $(shown | sort | uniq -c | grep -c '^ *64 ')" "0 1" "--show barrier/idle/$barrier/wb: one instruction 64 times"
	counts "barrier/store8/$barrier/wb/behind:8/next:load" "$store" 8
	counts "barrier/store8/none/wb/behind:1/next:load" "$store" 1
	run --show "barrier/store8/$barrier/wb/behind:1/next:load"
	like "$(head -n 2 stdout)" 'less the same without the barrier' "--show says what is subtracted"
	run --show copy/words8/none/wb/bytes:64/lines:256/offset:0
	like "$status $(head -n 2 stdout)" '^0 .*less the same loop around a function that does nothing' \
		"--show says what is subtracted of a copy"
	status=0
	taskset -c "$(allowed_cpus | head -n 1)" "$FENCEPOST" --show flag/store8/none/wb/threads:2 \
		>stdout 2>stderr </dev/null || status=$?
	like "$status $(head -n 3 stdout)" "^0 .*it can't run here.*two CPUs" \
		"on one CPU --show shows what would run on two"
}

# Words may stand before options, whatever the environment says.
test_order()
{
	run --quick --list rows --format csv barrier
	is "$status" 0 "a family behind the options: exit 0"
	proves "before them it means the same" same_as barrier --quick --list rows --format csv
	# shellcheck disable=SC2016 # for another shell
	proves "with POSIXLY_CORRECT, too" env POSIXLY_CORRECT=1 bash -c \
		'"$FENCEPOST" barrier --quick --list rows --format csv 2>/dev/null | cmp - stdout'
}

test_dry_run()
{
	run --dry-run --quick --format csv
	is "$status" 0 "--dry-run: exit 0"
	proves "--dry-run prints the rows that --list rows has" same_as --list rows --quick --format csv
	[[ ! -e $FENCEPOST_OUT ]]
	verdict $? "looking things up writes nothing" "$FENCEPOST_OUT is there"
}

test_help()
{
	local option word missing=()

	run --help
	is "$status" 0 "--help: exit 0"
	for option in quick full filter exclude target memory cpu seed dry-run strict no-install output \
		json format list api show evidence version; do
		grep -q -e "--$option" stdout || missing+=("--$option")
	done
	verdict ${#missing[@]} "--help names each option" "missing: ${missing[*]-}"
	for word in $("$FENCEPOST" --list families --format csv | tail -n +2 | cut -d , -f 1); do
		grep -q "^  $word  " stdout || missing+=("$word")
	done
	verdict ${#missing[@]} "--help names each family" "missing: ${missing[*]-}"
	for word in $kinds; do
		grep -q -- "^  --list .*\\<$word\\>" stdout || missing+=("$word")
	done
	verdict ${#missing[@]} "--help names each list" "missing: ${missing[*]-}"
	run --version
	like "$status $(<stdout)" '^0 fencepost [0-9]+\.[0-9]+' "--version"
}

test_help
test_lists
test_barriers
test_architectures
test_api
test_show
test_order
test_dry_run
finish
