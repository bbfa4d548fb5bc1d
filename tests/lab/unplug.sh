#!/bin/sh
# SPDX-License-Identifier: MIT
#
# unplug.sh - the host pulls a device, and the guest lets it go.

if [ ! "${LAB_HOT-}" ]; then
	echo "1..0 # SKIP no device can be pulled from this emulated machine"
	exit
fi
echo 1..1
mailbox ask unplug hot
# A slot's button gives 5 seconds to think again.
for tenth in $(seq 150); do
	[ -e "/sys/bus/pci/devices/$LAB_HOT" ] || break
	sleep 0.1
done
if [ -e "/sys/bus/pci/devices/$LAB_HOT" ]; then
	echo "not ok 1 - $LAB_HOT is still there after $tenth tenths of a second"
else
	echo "ok 1 - $LAB_HOT is gone"
fi
