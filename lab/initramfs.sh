# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154 # of lab/guest, which sources it
#
# initramfs.sh - what is in a guest: programs with their libraries, modules, tests.
#
# Sourced by lab/guest, which sets arch, triplet, kernel, name, shell, load, files, guest, scratch.

# Where its libraries are; those of this machine for its own architecture.
library_path()
{
	if is_native "$arch"; then
		printf '%s\n' /usr/local/lib "/usr/lib/$triplet" /usr/lib /usr/lib64
	else
		cross_libraries "$arch"
	fi
}

# put FILE GUEST-PATH
put()
{
	{ mkdir -p "$guest${2%/*}" && cp -L "$1" "$guest$2"; } || refuse "can't put $1 into the guest"
}

put_library()
{
	local name=$1 folder

	if [[ -e $guest/usr/lib/$triplet/$name ]]; then
		return
	fi
	for folder in "${libraries[@]}"; do
		if [[ -e $folder/$name ]]; then
			put "$folder/$name" "/usr/lib/$triplet/$name"
			put_libraries "$folder/$name"
			return
		fi
	done
	refuse "found no $name for $arch in ${libraries[*]}"
}

# put_libraries PROGRAM: all that it asks for, and the loader where it looks for it.
put_libraries()
{
	local name loader

	for name in $(readelf -d "$1" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p'); do
		put_library "$name"
	done
	loader=$(readelf -l "$1" 2>/dev/null | sed -n 's/.*program interpreter: \(.*\)\]$/\1/p')
	if [[ $loader && ! -e $guest$loader ]]; then
		put_library "${loader##*/}"
		mkdir -p "$guest${loader%/*}"
		ln -sf "/usr/lib/$triplet/${loader##*/}" "$guest$loader"
	fi
}

# put_modules NAME...: with what they depend on, and the list that modprobe reads.
put_modules()
{
	local release modules name file

	release=$(<"$kernel/release")
	modules=lib/modules/$release
	for name; do
		for file in $(modprobe -d "$kernel" -S "$release" --show-depends "$name" | awk '$1 == "insmod" { print $2 }'); do
			put "$file" "/$modules/${file##*"/$release/"}"
		done
	done
	depmod -b "$guest" "$release" 2>/dev/null || refuse "can't list the modules in the guest"
}

environment()
{
	printf '%s\n' "LAB_ARCH=$arch" "LAB_GUEST=$name" "LAB_CMB=0000:00:04.0" "LAB_SHM=0000:00:05.0" \
		"LAB_EDU=0000:00:06.0" "LAB_MAIL=0000:00:10.0"
	if [[ $(fact "$arch" hotplug) == yes ]]; then
		echo "LAB_HOT=0000:01:00.0"
	fi
	if [[ $shell ]]; then
		echo "LAB_SHELL=yes"
	fi
}

make_initramfs()
{
	local busybox mailbox entry

	is_native "$arch" || "$root/lab/fetch" sysroot "$arch" >/dev/null || exit
	mapfile -t libraries < <(library_path)
	busybox=$("$root/lab/fetch" busybox "$arch") || exit
	mkdir -p "$guest"/{bin,dev,lab,tests,usr/lib} || refuse "can't write $guest"
	ln -s usr/lib "$guest/lib"
	ln -s bin "$guest/sbin"
	put "$busybox/busybox" /bin/busybox
	ln -s busybox "$guest/bin/sh"
	put "$root/lab/init" /init
	put "$root/lab/leaks" /bin/leaks
	mailbox=$(mailbox_program) || exit
	put "$mailbox" /bin/mailbox
	environment >"$guest/lab/environment"
	for entry in "${files[@]}"; do
		put "${entry#*=}" "${entry%%=*}"
		put_libraries "${entry#*=}"
	done
	if ((${#load[@]})); then
		put_modules "${load[@]}"
	fi
	(cd "$guest" && find . | cpio -o -H newc --quiet -R 0:0) >"$scratch/initramfs" ||
		refuse "can't pack the guest's files"
}

