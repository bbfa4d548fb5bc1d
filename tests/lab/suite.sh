#!/bin/sh
# SPDX-License-Identifier: MIT
#
# suite.sh - the program's own short run, in a guest of the lab: on RAM and on the
# one BAR that is attached as a user attaches it.

# shellcheck source=tests/tap.sh
. /lib/tap.sh

export FENCEPOST_DATADIR=/plots
for address in $LAB_CMB $LAB_SHM $LAB_EDU $LAB_HOT; do
	[ -e "/sys/bus/pci/drivers/fencepost/$address" ] || continue
	echo "$address" >/sys/bus/pci/drivers/fencepost/unbind
	echo >"/sys/bus/pci/devices/$address/driver_override"
done
if [ -d /sys/module/fencepost ]; then
	fencepost bind "$LAB_CMB" 2 >/out/bind.log 2>&1
	verdict_log $? "run-bench bind" /out/bind.log
fi
fencepost --quick --evidence emulated --output /tmp/run --json /out/results.json >/out/table.txt 2>/out/suite.log
verdict_log $? "run-bench --quick" /out/suite.log
grep -q '"target": "ram"' /out/results.json
verdict_log $? "there are rows on RAM" /out/suite.log
if [ -d /sys/module/fencepost ]; then
	for memory in wc uc device; do
		grep -q "\"name\": \"copy/kernel_memcpy_toio/none/$memory/" /out/results.json
		verdict_log $? "there are the kernel's copies on a BAR as $memory" /out/suite.log
	done
	fencepost unbind "$LAB_CMB" >/out/bind.log 2>&1
	verdict_log $? "run-bench unbind" /out/bind.log
fi
for address in $LAB_CMB $LAB_SHM $LAB_EDU $LAB_HOT; do
	if [ ! -d /sys/bus/pci/drivers/fencepost ] || [ ! -e "/sys/bus/pci/devices/$address" ]; then
		continue
	fi
	echo fencepost >"/sys/bus/pci/devices/$address/driver_override"
	if [ -e "/sys/bus/pci/devices/$address/driver" ]; then
		echo "$address" >"/sys/bus/pci/devices/$address/driver/unbind"
	fi
	echo "$address" >/sys/bus/pci/drivers_probe
done
finish
