#!/bin/bash
# SPDX-License-Identifier: MIT
#
# module.sh - the program on BARs, with a kernel module that is none
# (tests/fake-node.c): what it runs on, what it says of that, and what it refuses.
#
# emulated: yes

# shellcheck source=tests/functional/lib.bash
. "${BASH_SOURCE[0]%/*}/lib.bash"

fake=$(helper fencepost-fake) || bail_out "tests/fencepost-fake can't be made: $(tail -n 3 make.log)"
# What it runs on is memory of this machine: times are those of a cache.
printf '#!/bin/bash\nexec %s "%s" "$@" --evidence emulated\n' "${FENCEPOST_RUNNER-}" "$fake" >fencepost-fake
chmod +x fencepost-fake
FENCEPOST=$PWD/fencepost-fake
export FENCEPOST_DEV=$PWD/dev FENCEPOST_SYSFS=$PWD/sys FENCEPOST_RUN_DIR=$PWD/run
cmb=0000:00:04.0-bar2
short=(--quick --filter '^access/(store8|kernel_writel)/' --output short)
# A run as it is without options; emulation is slow, and copies fewer sizes.
whole=(${emulated:+--filter '^(access|barrier|combine)/|^copy/.*/bytes:(64|65536)/'})

# bars [NAME [WORD VALUE]...] [-- NAME ...]: those that there are, and no others.
bars()
{
	local name

	rm -rf dev sys run
	mkdir dev
	while (($# > 0)); do
		name=$1
		shift
		: >"dev/$name"
		while (($# > 0)) && [[ $1 != -- ]]; do
			echo "$1 $2" >>"dev/$name"
			shift 2
		done
		shift $(($# > 0))
	done
}

# ask FILTER FILE: what jq makes of it, one a line.
ask()
{
	jq -r "$1" "$2"
}

# none FILTER FILE NAME: jq finds nothing that contradicts the name.
none()
{
	local found

	found=$(ask "$1" "$2" 2>&1)
	[[ -z $found ]]
	verdict $? "$3" "$found"
}

warned()
{
	grep '^fencepost: warning: ' stderr | grep -v -e 'emulated (' -e 'load average' -e 'huge pages' -e 'did not have its CPU' \
		-e 'hardware thread' -e 'governor' -e gnuplot
}

#
# A run on RAM and one BAR
#

test_default()
{
	local own='.benchmarks[].fencepost' rows='.benchmarks[]'

	bars $cmb distorts 9
	run --output one "${whole[@]}"
	is "$status" 0 "RAM and one BAR: exit 0"
	is "$(errors)" "" "RAM and one BAR: no error"
	proves "the results are as the schema says" valid one/results.json
	is "$(ask "[$own | \"\(.target) \(.memory)\"] | unique[]" one/results.json)" \
		"$cmb device
$cmb uc
$cmb wc
ram wb" "rows are on RAM, and on the BAR under each of its types"
	none "$rows | select(.fencepost.status == \"failed\") | .name, .fencepost.reason" one/results.json \
		"no row failed"
	none "$rows.name | select(contains(\"target:\"))" one/results.json "one BAR: names do not tell BARs apart"
	none "[$rows.name] | group_by(.)[] | select(length > 1)[0]" one/results.json "names are unique"
	is "$(ask "[$own | select(.status == \"ran\" and .target != \"ram\").family] | unique[]" one/results.json)" \
		$'access\nbarrier\ncombine\ncopy' "every family runs on a BAR"
	none ".context.fencepost.target.mappings as \$m | $own | . as \$row |
		(\$m[] | select(.target == \$row.target and .memory == \$row.memory)) as \$own |
		select(\$row.stage1 != \$own.stage1 or \$row.effective != \$own.effective
			or \$row.verified_by != \$own.verified_by) | .kernel" one/results.json \
		"a row has the attributes of its own mapping"
	none "$own | select(.target != \"ram\" and .verified_by != \"page-table entry, by the module\").kernel" \
		one/results.json "a BAR's attribute is the page table's"
	is "$(ask ".context.fencepost.target | .name, (.mappings[] | select(.memory == \"uc\") |
		.bytes, (.device | .address, .vendor, .device, .class, .bar, .bytes, .prefetchable, .offset,
		(.distorts | join(\" \"))))" one/results.json)" \
		"ram, $cmb
1048576
0000:00:04.0
1b36
0010
010802
2
4194304
true
1048576
KASAN PREEMPT_RT" "the mapping says whose it is"
	is "$(warned)" "fencepost: warning: this kernel has KASAN, PREEMPT_RT: what kernel_ rows cost here says little about other kernels" \
		"what distorts is said once"
	none "select(.context.fencepost.warnings | map(contains(\"KASAN\")) | any | not) | 1" one/results.json \
		"and in the results"
	test_kernel_rows
	test_table
}

test_kernel_rows()
{
	local kernels='.benchmarks[] | select(.fencepost.kernel | startswith("kernel_"))'

	is "$(ask "[$kernels | select(.fencepost.status == \"ran\") |
		.fencepost | \"\(.family) \(.target)\"] | unique[]" one/results.json)" \
		$'access '"$cmb"$'\ncopy '"$cmb" "the kernel's rows are copies and accesses, on the BAR alone"
	is "$(ask "[$kernels.fencepost.kernel] | unique | length" one/results.json)" 20 \
		"each accessor, and nothing, has rows"
	none "$kernels | select(.fencepost | has(\"device_safe\")).name" one/results.json \
		"nothing is said of whether they are safe for a device"
	none "$kernels | select(.fencepost.status == \"ran\" and .fencepost.ns_min < 0).name" one/results.json \
		"less nothing, none costs less than nothing"
	is "$(ask "[$kernels.fencepost.barrier] | unique[]" one/results.json)" \
		$'kernel_dma_wmb\nkernel_io_stop_wc\nkernel_mb\nkernel_wmb\nnone' "each of the kernel's barriers is there"
	is "$(ask "[$kernels.name | capture(\"/lock:(?<lock>[^/]*)\").lock] | unique[]" one/results.json)" \
		$'mutex\nraw_spin\nrwlock' "and each lock"
	none "$kernels | select(.fencepost.status == \"unsupported\" and (.name | contains(\"kernel_memcpy/\"))
		and .fencepost.memory == \"wc\" and .fencepost.bytes < 65536).name" one/results.json \
		"memcpy runs where it is allowed"
	none "$kernels | select(.fencepost.status == \"ran\" and (.name | contains(\"kernel_memcpy/\"))
		and .fencepost.memory != \"wc\").name" one/results.json "and is unsupported where it is not"
	none "$kernels | select(.fencepost.bytes == 65536 and .fencepost.status == \"ran\").name" one/results.json \
		"what takes too long with interrupts off is unsupported"
}

test_table()
{
	local heading

	for heading in "Barriers on $cmb, wc: idle and behind plain stores" "Barriers on $cmb, uc: " \
		"Copies to $cmb, device: " "the kernel's own, run by it" "Family access: $cmb as uc: plain stores" \
		"Write combining on $cmb, wc"; do
		proves "the table has: $heading" grep -qF -- "$heading" stdout
	done
	like "$(grep 'memory *uc on' stdout)" "uc on $cmb: (UC-|Device-nGnRnE|non-idempotent)" \
		"the table says what the type is here"
	if [[ ! -e one/plots ]]; then
		skip "each type has pictures" "no gnuplot"
		return
	fi
	is "$(cd one/plots && echo barrier-*bar2-*.svg)" \
		"barrier-0000_00_04_0-bar2-device.svg barrier-0000_00_04_0-bar2-uc.svg barrier-0000_00_04_0-bar2-wc.svg" \
		"each type has pictures"
}

#
# Which BARs, which types
#

test_selection()
{
	local target

	bars $cmb -- 0000:00:05.0-bar2 bytes 1048576
	run --quick --filter '^access/store8/' --output two
	is "$(ask '.benchmarks[].name' two/results.json)" \
		"access/store8/none/wb
access/store8/none/wc/target:$cmb
access/store8/none/uc/target:$cmb
access/store8/none/device/target:$cmb
access/store8/none/wc/target:0000:00:05.0-bar2
access/store8/none/uc/target:0000:00:05.0-bar2
access/store8/none/device/target:0000:00:05.0-bar2" "two BARs: their rows' names end in the target"
	proves "two BARs: the results are as the schema says" valid two/results.json
	for target in $cmb module:$cmb 00:04.0-bar2; do
		run "${short[@]}" --target "$target" --memory wc
		is "$(ask '[.context.fencepost.target | .name, (.mappings[] | .memory, .bytes)] | join(" ")' short/results.json)" \
			"$cmb wc 4194304" "--target $target: this one alone, and one type takes all of it"
	done
	run "${short[@]}" --target module --memory uc,wc
	is "$(ask '[.context.fencepost.target.mappings[] | .target, .memory, .bytes, .device.offset] | join(" ")' short/results.json)" \
		"$cmb wc 2097152 0 $cmb uc 2097152 2097152 0000:00:05.0-bar2 wc 524288 0 0000:00:05.0-bar2 uc 524288 524288" \
		"--target module: each BAR, in ranges side by side"
	run "${short[@]}" --target ram
	is "$(ask '.context.fencepost.target.name' short/results.json)" ram "--target ram: no BAR"
	run "${short[@]}" --memory uc
	is "$(ask '[.benchmarks[].fencepost.memory] | unique[]' short/results.json)" uc \
		"--memory: RAM, which has no such type, is not in the run"
	run --list targets
	is "$(awk 'NR > 1 { print $1, $2 }' stdout)" $'ram yes\n'"$cmb"$' yes\n0000:00:05.0-bar2 yes' "--list targets has them all"
	like "$(<stdout)" "$cmb +yes +4194304 bytes prefetchable, device 1b36:0010, class 010802 +yes" \
		"--list targets says what they are"
	mkdir -m 755 run
	(umask 022 && printf '%s\n' 'fencepost binding 1' 'bar 2' >run/0000:00:04.0)
	bars_keep_run 0000:00:04.0-bar0
	run "${short[@]}"
	is "$(ask '[.context.fencepost.target.mappings[].target] | unique | join(" ")' short/results.json)" "$cmb ram" \
		"of a device that bind has bound the BAR that was chosen is used"
	is "$(warned)" "" "and nothing is said of the others"
}

# As bars, beside those that there are.
bars_keep_run()
{
	rm -f dev/0000:00:05.0-bar2
	: >"dev/$1"
}

test_small()
{
	# Three ranges of a page, whatever a page is here.
	bars $cmb bytes 196608
	run --output small --target module "${whole[@]}"
	is "$status" 0 "a BAR of 192 KiB: exit 0" "$(errors)"
	is "$(ask '[.context.fencepost.target.mappings[].bytes] | unique[]' small/results.json)" 65536 \
		"a BAR of 192 KiB: each type has 64 KiB"
	none '.benchmarks[] | select(.fencepost.status == "failed") | .name, .fencepost.reason' small/results.json \
		"a BAR of 192 KiB: no row failed"
	if [[ $emulated ]]; then
		skip "ranges of one page of 4 KiB" "qemu-user may have larger pages"
		return
	fi
	bars $cmb bytes 12288
	run --output small --target module --full --filter '^(barrier|access|combine)/|/bytes:64/'
	is "$status" 0 "a BAR of three pages: exit 0" "$(errors)"
	none '.benchmarks[] | select(.fencepost.status == "failed") | .name, .fencepost.reason' small/results.json \
		"a BAR of three pages: no row failed"
	none '[.benchmarks[] | select(.fencepost.status == "ran")] | select(length < 500) | length' small/results.json \
		"a BAR of three pages: most rows ran"
}

#
# Refusals
#

# left_out STATUS WORDS NAME WORD VALUE: a BAR that is so is refused if it is
# asked for, and else left out with a warning.
left_out()
{
	local wanted=$1 words=$2 name=$3

	shift 3
	bars $cmb "$@"
	run "${short[@]}" --target $cmb
	said_once "$wanted" "target $cmb: "$'\n'"$words" "$name, asked for"
	is "$(<stdout)" "" "$name, asked for: nothing is measured"
	run "${short[@]}"
	is "$status" 0 "$name, by default: exit 0"
	is "$(warned | grep -c "$cmb is left out: ")" 1 "$name, by default: one warning"
	like "$(warned)" "${words%%$'\n'*}" "$name, by default: the warning says why"
	is "$(ask '.context.fencepost.target.name' short/results.json)" ram "$name, by default: RAM alone"
	run "${short[@]}" --target module
	is "$status" "$wanted" "$name, the only one: exit $wanted"
}

# The attribute of write-back memory here, and what it is called: its number in the interface, its facts.
write_back()
{
	local folder attribute

	folder=$(sed -nE "s/^ARCHITECTURE\([^,]*, *$(own), *(.*)\)/\1/p" "$FENCEPOST_ROOT/arch/architectures.def")
	attribute=$(sed -nE 's/^MEMORY\(FP_WB, (.*)\)/\1/p' "$FENCEPOST_ROOT/arch/$folder/facts.def")
	echo "$(sed -nE "s/.*\<$attribute = ([0-9]+),.*/\1/p" "$FENCEPOST_ROOT/kmod/uapi/linux/fencepost.h")" \
		"$(sed -nE "s/^ATTRIBUTE\($attribute, .*\"(.*)\"\)/\1/p" "$FENCEPOST_ROOT/arch/$folder/facts.def")"
}

test_refusals()
{
	local attribute name

	read -r attribute name < <(write_back)
	left_out 4 $'not permitted\nroot' "no permission" open 1
	left_out 4 $'not prefetchable\n--allow-registers' "a BAR of registers" prefetchable 0
	left_out 4 $'network controller\n--allow-registers' "a network controller's BAR" class 0x020000
	left_out 4 $'all ones\nfirst' "a device that does not answer" content 255
	left_out 3 $'interface 7, this program 1\nsame tree' "a module of another version" abi 7
	left_out 3 "asked for as wc.*page-table entry says $name" "an attribute that is another" stage1 "$attribute"
	left_out 3 "behaves as $name" "an attribute that is overruled" effective "$attribute"
	left_out 3 $'another program\nwc' "a range that another program has" reserve 16
	left_out 3 $'entries differ\nwc' "pages that differ" populate 5
	left_out 3 $'ask for fewer\n--memory' "a BAR with too few pages" bytes 4096
	left_out 3 $'can.t be read\nSIGBUS' "a BAR that faults" bytes 4194304 stops 65536
	bars $cmb prefetchable 0
	run "${short[@]}" --target $cmb --allow-registers
	is "$status" 0 "--allow-registers: registers are used"
	bars $cmb
	mkdir -p sys/bus/pci/devices/0000:00:04.0
	echo 0x1af4 >sys/bus/pci/devices/0000:00:04.0/vendor
	run "${short[@]}" --target $cmb
	said_once 3 $'vendor is 0x1b36 .*0x1af4\nbind it again' "another device in its place"
}

test_absent()
{
	bars
	refuses 3 $'target module: \nrun-bench bind BDF' "no BAR is bound" --target module
	refuses 3 "target $cmb: .*dev/$cmb"$'\nrun-bench bind 0000:00:04.0 2' "a BAR that is not bound" --target $cmb
	refuses 5 $'ram\nmemory types\nrun-bench bind' "a type that only a BAR has" --memory wc
	bars $cmb
	refuses 5 "$cmb"$'\nmemory types' "a type that no BAR has" --target $cmb --memory wb
	refuses 4 $'--strict\nwarning' "--strict" --strict --output strict
	rm -rf dev
	run "${short[@]}"
	is "$status" 0 "no folder of BARs: RAM alone" "$(errors)"
}

# What goes wrong in the middle costs the rows that it hits.
test_failures()
{
	bars $cmb bytes 1048576 stops 65536
	run --quick --output dies --target module --memory wc
	is "$status" 3 "most of a BAR faults: exit 3"
	none '[.benchmarks[] | select(.fencepost.status == "failed" and (.fencepost.reason | contains("SIGBUS") | not))][0].name // empty' \
		dies/results.json "most of a BAR faults: that is why rows failed"
	none '[.benchmarks[].fencepost.status] | unique | select(contains(["failed", "ran"]) | not)' dies/results.json \
		"most of a BAR faults: some rows failed, others ran"
	bars $cmb run 19
	run --quick --output dies --target module --memory wc --filter '^access/(store8|kernel_writel)/'
	is "$(ask '.benchmarks[].fencepost | "\(.kernel) \(.status) \(.reason)"' dies/results.json)" \
		$'store8 ran null\nkernel_writel failed No such device' "a device that has gone: the kernel's row fails"
	bars $cmb accesses 0x1
	run --quick --output dies --target module --memory wc --filter '^access/kernel_writel/'
	said_once 5 $'nothing can run\ndoes not have this accessor' "an accessor that the kernel lacks"
}

# On hardware it is found out that the cache serves it.
test_measured()
{
	if [[ $emulated ]]; then
		skip "memory that a cache serves" "not for an emulated CPU"
		return
	fi
	bars $cmb
	status=0
	"$fake" "${short[@]}" --target $cmb >stdout 2>stderr </dev/null || status=$?
	said_once 3 $'asked for as wc, it behaves as .*write-back|WB\nmeasured: load' "memory that a cache serves"
}

test_show()
{
	bars $cmb
	run --show access/kernel_writel/none/wc
	is "$status" 0 "--show of a row of the kernel's: exit 0"
	like "$(<stdout)" "the kernel runs it" "it says that the kernel runs it"
	run --show access/store8/none/uc
	is "$status" 0 "--show of a BAR's row: exit 0" "$(errors)"
	run --dry-run --quick
	proves "--dry-run has rows of the kernel's" grep -q '^copy/kernel_memcpy_toio/kernel_wmb/wc/bytes:64/' stdout
}

test_default
test_selection
test_small
test_refusals
test_absent
test_failures
test_measured
test_show
finish
