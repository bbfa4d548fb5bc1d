#!/bin/bash
# SPDX-License-Identifier: MIT
#
# module-mutants.sh - shows that the lab sees mistakes: builds the kernel module with one
# at a time, loads each in the debug kernel, and demands that the test or the
# kernel's own report that is named beside it says so.
#
#   tests/setup/module-mutants.sh PROGRAMS [OUTPUT]
#
# PROGRAMS is a folder with the programs of tests/lab/ for x86-64; OUTPUT, a folder
# to come, keeps what the guest said.  It prints TAP.  One boot does for all: what
# kills the guest or can't be unloaded comes last.

set -u -o pipefail
export LC_ALL=C
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/tests/*}
if (($# < 1 || $# > 2)) || [[ ! -x $1/rounds ]]; then
	sed -n 's/^#   //p' "$here" >&2
	exit 2
fi
programs=$(readlink -f -- "$1")
# shellcheck source=setup/supervise.sh
. "$root/setup/supervise.sh"
supervise_me "$here" "$@"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
output=${2:-$scratch/out}
limit=1500

names=()
declare -A mistake=() file=() edit=() program=([none]=rounds) arguments=([none]=ROUNDS=10) sign=()

# mutant NAME MISTAKE FILE SED-EXPRESSION "PROGRAM [VARIABLE=VALUE...]" SIGN: SIGN is an
# extended regular expression for what the kernel reports, or for a test that fails.
mutant()
{
	local words

	names+=("$1")
	mistake[$1]=$2 file[$1]=$3 edit[$1]=$4 sign[$1]=$6
	read -ra words <<<"$5"
	program[$1]=${words[0]} arguments[$1]=${words[*]:1}
}

mutant stale "pages stay when the device goes" driver.c '/unmap_mapping_range\(/d' \
	'rounds ROUNDS=20' 'not ok .* rounds'
# For long enough that it is seen each time.
mutant late "pages come in while the device goes" driver.c \
	'/bar->gone = true;/d; s/^(\tunmap_mapping_range\(.*)/\1\n\tschedule_timeout_uninterruptible(HZ);\n\tbar->gone = true;/' \
	'revoke ROUNDS=1' 'not ok .* under load'
mutant executable "a mapping may become executable" mapping.c 's/VM_DONTDUMP, VM_MAYEXEC/VM_DONTDUMP, 0/' \
	'lifetime' 'not ok .* never becomes executable'
mutant overlap "ranges of two types overlap" range.c 's/area->memory != range->memory &&/false \&\&/' \
	'refusals' 'not ok .* over its (end|begin)'
mutant address "an address gets out" compat.h \
	's/\*entry = pgprot_val.*/*entry = pte_val(*at) \& ~((u64)pte_pfn(*at) << PAGE_SHIFT);/' \
	'lifetime' 'not ok .* no address'
# shellcheck disable=SC2016 # sed's last line
mutant leak "a range is not freed" range.c '/^void fencepost_drop_ranges/,$s/^\t\tkfree\(area\);//' \
	'rounds ROUNDS=20' 'unreferenced object'
# With one thread: more would wait for each other for ever.  And before other mistakes in
# locking: lockdep finds one in a boot.
mutant inversion "user memory is written under the lock" driver.c \
	'/^static int fencepost_get_info/,/^}/{s/^\tup_read.*//; s/return -ENODEV;/{ up_read(\&bar->lock); return -ENODEV; }/; s/return copy_to_user(.*) \? -EFAULT : 0;/gone = copy_to_user\1; up_read(\&bar->lock); return gone ? -EFAULT : 0;/}' \
	'refusals' 'possible circular locking dependency'
mutant asleep "a mutex is waited for with interrupts off" run.c \
	's/^(.*[^_])mutex_trylock\(&locks->mutex\)/\1(mutex_lock(\&locks->mutex), true)/' \
	'fuzz CALLS=4000' 'BUG: sleeping function called from invalid context'
mutant unwind "a BAR is not freed after an error" driver.c 's/^put:$/put: return ERR_PTR(err);/' \
	'faults' 'unreferenced object'
mutant deaf "a run does not end when its process is killed" run.c 's/fatal_signal_pending\(current\)/false/' \
	'killed' 'not ok .* is killed'
# From here on the second device's ranges stay reserved: it is of no use any more.
mutant mapped "the kernel's own mapping stays" range.c '/^\t\tiounmap\(area->io\);$/,/NULL/s/iounmap\(.*/;/' \
	'rounds ROUNDS=20' "Bail out! can't map|not ok .* no (mapping|reserved)"
mutant freed "a file does not keep its BAR" driver.c '/kref_get\(&bar->ref\);/d' \
	'lifetime' 'KASAN: (slab-)?use-after-free'

# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"

# build NAME: its module in scratch/NAME.ko, of a copy with its mistake.
build()
{
	local tree=$scratch/kmod-$1 module

	cp -r "$root/kmod" "$tree" || return
	if [[ ${file[$1]-} ]]; then
		sed -i -E "${edit[$1]}" "$tree/${file[$1]}"
		if cmp -s "$tree/${file[$1]}" "$root/kmod/${file[$1]}"; then
			echo "the edit changes nothing in ${file[$1]}: ${edit[$1]}"
			return 1
		fi
	fi
	module=$(FENCEPOST_KMOD_SOURCES=$tree "$root/lab/module" x86_64 debug "$scratch/build-$1" 2>&1) ||
		{ tail -n 10 <<<"$module"; return 1; }
	mv "$(tail -n 1 <<<"$module")" "$scratch/$1.ko" && rm -rf "$scratch/build-$1"
}

# Runs in the guest.  All that it and the kernel say is on the console, which the guest's
# end does not take away.
guest_script()
{
	cat <<-'END'
		#!/bin/sh
		bind()
		{
			echo fencepost >"/sys/bus/pci/devices/$1/driver_override"
			echo "$1" >/sys/bus/pci/drivers_probe
		}
		# run WORD...: if it takes too long all its processes end, lest they keep the module.
		# What it says comes when the kernel has had its say.
		run()
		{
			setsid env "$@" >/tmp/said 2>&1 &
			group=$!
			{
				sleep 300 >/dev/null 2>&1
				echo "not done after 300 seconds: $*"
				kill -KILL -$group
			} &
			watcher=$!
			wait $group
			kill $watcher
			kill -KILL -$group 2>/dev/null
			cat /tmp/said
		}
		# What was killed may take a moment to go.
		unload()
		{
			for tenth in $(seq 100); do
				rmmod fencepost 2>/dev/null
				[ -e /sys/module/fencepost ] || return 0
				sleep 0.1
			done
			rmmod fencepost 2>&1
		}
		# As a message of the kernel's, into which no other gets; when what was said before
		# is out.
		mark()
		{
			sleep 1
			echo "<4>LAB: mutant $1" >/dev/kmsg
		}
		stays=
		# try NAME LOOK-FOR-LEAKS WORD...
		try()
		{
			mark "$1"
			if [ "$stays" ]; then
				echo "not tried: $stays is still loaded"
				return
			fi
			if ! insmod "/mutants/$1.ko"; then
				echo "not tried: it can't be loaded"
				return
			fi
			for address in $LAB_CMB $LAB_SHM $LAB_EDU $LAB_HOT; do
				bind "$address"
			done
			echo clear >/sys/kernel/debug/kmemleak
			name=$1
			look=$2
			shift 2
			run "$@"
			if ! unload; then
				stays=$name
				echo "not unloaded: $name"
			fi
			if [ "$look" = yes ]; then
				leaks
			fi
		}
	END
	local name look
	for name; do
		look=no
		if [[ $name == none || ${sign[$name]} == *unreferenced* ]]; then
			look=yes
		fi
		echo "try $name $look ${arguments[$name]} /bin/${program[$name]}"
	done
	echo 'mark end'
}

# said NAME: of the console, what belongs to it.
said()
{
	sed -n "/LAB: mutant $1\r*\$/,/LAB: mutant /p" "$output/console.log"
}

boot()
{
	local name at files=()

	for name; do
		files+=("/mutants/$name.ko=$scratch/$name.ko")
	done
	for name in rounds revoke lifetime killed refusals faults fuzz; do
		at=$programs/$name
		if [[ ! -e $at ]]; then
			at=$programs/x86_64-debug/$name
		fi
		files+=("/bin/$name=$at")
	done
	"$root/lab/guest" x86_64 --kernel "$kernel" --name x86_64-mutants --limit $limit -- "$output" \
		"/tests/mutants=$scratch/mutants" "${files[@]}" >"$scratch/log" 2>&1
}

judge()
{
	local said

	said=$(said "$1")
	grep -aqE "${sign[$1]}" <<<"$said"
	verdict $? "${mistake[$1]}: ${program[$1]} or the kernel says so" "found no ${sign[$1]}" \
		"$(grep -aE '^not (ok|tried|unloaded|done)|^Bail|BUG:|mutant' <<<"$said")" "$(tail -n 5 "$scratch/log")"
}

kernel=$("$root/lab/debug-kernel")
case $? in
0) ;;
77) skip_all "the package archive lacks the kernel's source" ;;
*) bail_out "there is no debug kernel" ;;
esac
built=()
for name in none "${names[@]}"; do
	if ! why=$(build "$name"); then
		verdict 1 "${mistake[$name]-no mistake} is built" "$why"
	elif [[ $name != none ]]; then
		built+=("$name")
	fi
done
guest_script none "${built[@]}" >"$scratch/mutants"
chmod +x "$scratch/mutants"
boot none "${built[@]}"
# Without a mistake there is no sign of any.
well=$(said none)
grep -q '^ok .* rounds' <<<"$well" && ! grep -aqE '^not (ok|unloaded|done)|unreferenced object|BUG:|possible circular' <<<"$well"
verdict $? "without a mistake nothing is reported" "$well" "$(tail -n 5 "$scratch/log")"
for name in "${built[@]}"; do
	judge "$name"
done
finish
