#!/bin/sh
# SPDX-License-Identifier: MIT
#
# guest.sh - a guest of the lab is what lab/guest says it is.

# shellcheck source=tests/tap.sh
. /lib/tap.sh

# identity ADDRESS: vendor and device.
identity()
{
	echo "$(cat "/sys/bus/pci/devices/$1/vendor"):$(cat "/sys/bus/pci/devices/$1/device")"
}

# bar_size ADDRESS BAR
bar_size()
{
	stat -c %s "/sys/bus/pci/devices/$1/resource$2" 2>&1
}

# device NAME ADDRESS IDENTITY BAR SIZE
device()
{
	[ "$(identity "$2")" = "$3" ] && [ "$(bar_size "$2" "$4")" = "$5" ]
	verdict $? "$1 is there: $(identity "$2"), BAR $4 of $(bar_size "$2" "$4") bytes"
}

[ "$(grep -c '^processor' /proc/cpuinfo)" = 2 ]
verdict $? "two CPUs"
device LAB_CMB "$LAB_CMB" 0x1b36:0x0010 2 16777216
device LAB_SHM "$LAB_SHM" 0x1af4:0x1110 2 1048576
device LAB_EDU "$LAB_EDU" 0x1234:0x11e8 0 1048576
if [ "${LAB_HOT-}" ]; then
	device LAB_HOT "$LAB_HOT" 0x1b36:0x0010 2 16777216
fi
if [ -d /sys/module/fencepost ]; then
	for address in $LAB_CMB $LAB_SHM $LAB_EDU $LAB_HOT; do
		[ -e "/sys/bus/pci/drivers/fencepost/$address" ]
		verdict $? "$address is fencepost's"
	done
fi
mailbox ask trace on && mailbox ask trace off
verdict $? "the host does what it's asked for"
finish
