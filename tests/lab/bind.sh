#!/bin/sh
# SPDX-License-Identifier: MIT
#
# bind.sh - run-bench bind and unbind, on a device that has a driver.

# shellcheck source=tests/tap.sh
. /lib/tap.sh

device=/sys/bus/pci/devices/$LAB_CMB
node=/dev/fencepost/$LAB_CMB-bar2

# expect STATUS COMMAND...: what it says goes to the file "said".
expect()
{
	want=$1
	shift
	"$@" >said 2>&1
	got=$?
	[ "$got" = "$want" ]
	verdict_log $? "$* gives $got" said
}

# says WORDS
says()
{
	grep -q -e "$1" said
	verdict_log $? "and says: $1" said
}

driver_is()
{
	[ "$(basename "$(readlink "$device/driver")")" = "$1" ]
	verdict_log $? "$LAB_CMB is ${1:-nobody}'s" said
}

# What follows is for a controller that has started: one that has not is a failure.
wait_for()
{
	for tenth in $(seq 600); do
		[ -e "$1" ] && return
		sleep 0.1
	done
	dmesg | tail -n 5 >said
	verdict_log 1 "$1 comes within $((tenth / 10)) seconds" said
}

# As init left it.  A controller that is taken away while it starts is released once
# more by its driver, from whoever has it then: nobody has it until the driver is gone.
leave()
{
	wait_for /dev/nvme0n1
	echo fencepost >"$device/driver_override"
	if [ -e "$device/driver" ]; then
		echo "$LAB_CMB" >"$device/driver/unbind"
	fi
	rmmod nvme 2>said
	verdict_log $? "the NVMe driver goes" said
	echo "$LAB_CMB" >/sys/bus/pci/drivers_probe
}

if ! modprobe nvme 2>said; then
	skip_all "this guest's kernel has no NVMe driver"
fi
echo "$LAB_CMB" >/sys/bus/pci/drivers/fencepost/unbind
echo >"$device/driver_override"
echo "$LAB_CMB" >/sys/bus/pci/drivers_probe
wait_for /dev/nvme0n1
driver_is nvme

expect 0 fencepost bind "$LAB_CMB" 2
says nvme
driver_is fencepost
[ -c "$node" ]
verdict_log $? "its BAR has a device node" said
expect 0 fencepost --list targets
says "$LAB_CMB-bar2"
expect 0 fencepost unbind "$LAB_CMB"
says nvme
driver_is nvme
[ ! -e "$node" ]
verdict_log $? "its device node is gone" said
[ "$(cat "$device/driver_override")" = "(null)" ]
verdict_log $? "its driver_override is as it was" said

wait_for /dev/nvme0n1
mkswap /dev/nvme0n1 >/dev/null && swapon /dev/nvme0n1
verdict_log $? "its disk is used for swap" said
expect 4 fencepost bind "$LAB_CMB" 2
says swap
driver_is nvme
swapoff /dev/nvme0n1
expect 0 fencepost bind "$LAB_CMB"
expect 0 fencepost unbind "$LAB_CMB"
driver_is nvme

expect 2 fencepost bind "$LAB_CMB" 6
expect 2 fencepost bind nonsense
expect 2 fencepost unbind "$LAB_SHM" extra
leave
finish
