# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # shared with those who source it
#
# architectures.sh - what a shell must know of an architecture: one entry each.
#
#   folder    below arch/
#   machine   what uname -m says
#   triplet   GNU's name, of compilers and folders
#   debian    Debian's name
#   kernel    Debian's kernel package, linux-image-...
#   user      the emulator of a program, qemu-...-static
#   system    the emulator of a machine, qemu-system-...
#   emulator  the package that it is in
#   board     its options: a machine that the lab's devices fit into
#   console   the kernel's, there
#   hotplug   yes where a device can be pulled there
#   objdump   options that disassemble what says nothing of itself

architectures=()
declare -A facts=()

# architecture NAME FACT=VALUE...
architecture()
{
	local name=$1 pair

	shift
	architectures+=("$name")
	for pair; do
		facts[$name ${pair%%=*}]=${pair#*=}
	done
}

architecture x86_64 folder=x86 machine=x86_64 triplet=x86_64-linux-gnu debian=amd64 kernel=amd64 \
	user=x86_64 system=x86_64 emulator=qemu-system-x86 \
	board='-machine q35 -cpu max' console='ttyS0 no_timer_check' hotplug=yes \
	objdump='-m i386:x86-64'

architecture arm64 folder=arm64 machine=aarch64 triplet=aarch64-linux-gnu debian=arm64 kernel=arm64 \
	user=aarch64 system=aarch64 emulator=qemu-system-arm \
	board='-machine virt,gic-version=3 -cpu neoverse-n1' console=ttyAMA0 hotplug=yes \
	objdump='-m aarch64'

# The board lacks what the emulator can't do, and the kernel would ask for.
architecture ppc64le folder=ppc64le machine=ppc64le triplet=powerpc64le-linux-gnu debian=ppc64el kernel=powerpc64le \
	user=ppc64le system=ppc64 emulator=qemu-system-ppc \
	board='-cpu power9 -machine pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off' \
	console=hvc0 hotplug=no \
	objdump='-m powerpc:common64 -EL -M power9'

# fact ARCHITECTURE FACT
fact()
{
	printf '%s\n' "${facts[$1 $2]-}"
}

is_architecture()
{
	[[ ${facts[$1 triplet]+set} ]]
}

# This machine's, or what uname says where it is none of ours.
this_architecture()
{
	local name machine

	machine=$(uname -m)
	for name in "${architectures[@]}"; do
		if [[ ${facts[$name machine]} == "$machine" ]]; then
			machine=$name
			break
		fi
	done
	printf '%s\n' "$machine"
}

# is_version VERSION EMULATOR: that or newer; one that says none is.
is_version()
{
	local version

	version=$("$2" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p')
	[[ ! $version || $(printf '%s\n' "$1" "$version" | sort -V | head -n 1) == "$1" ]]
}

is_native()
{
	[[ $1 == "$(this_architecture)" ]]
}
