# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154 # shared with those who source it
#
# bare.sh - a bare Debian to try the source tree in: git, a shell, root.
#
# The bare system is made once and kept in the cache; each test unpacks it anew.
# All mounts are in a namespace of their own: they end with it, whatever happens.
#
# Sourced, after setup/setup.sh, setup/supervise.sh and tests/tap.sh.  make_bare sets:
#   tree     the system; the copy of the source tree is its root/fencepost
#   scratch  a folder, for out and err of what was run inside

# shellcheck source=tests/setup/copy.sh
. "$root/tests/setup/copy.sh"

store=$(cache_folder)/chroot
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# Whether there are pseudo-terminals in it.
terminals=yes

# enclosed COMMAND...: all its processes and mounts end with it, and with us.
enclosed()
{
	unshare --mount --propagation private --pid --fork --kill-child "$@" </dev/null
}

# Makes the bare system, as an archive.
bare_system()
{
	local new uri include=git lock_fd suite=$1

	mkdir -p "$store" || return
	lock "$store/.$suite.lock"
	if [[ ! -e $archive ]]; then
		read -r uri _ < <(main_source) || return
		new=$(mktemp -d -p "$store" "$suite.new.XXXXXX") || return
		supervised_folder "$new"
		case $uri in
		https:*) include+=,ca-certificates ;;
		esac
		enclosed debootstrap --variant=minbase --include=$include "$suite" "$new" "$uri" \
			>"$store/$suite.log" 2>&1 &&
			rm -rf "$new"/var/cache/apt/archives/*.deb "$new"/var/lib/apt/lists/* &&
			tar -C "$new" -c . | gzip -1 >"$archive.new" &&
			mv "$archive.new" "$archive"
		rm -rf "$new"
	fi
	unlock
	[[ -e $archive ]]
}

unpack()
{
	# Whoever is not root has to get in, too.
	tar -C "$tree" -xpf "$1" && chmod 755 "$tree" || return
	# The host's ways to the network, which may have changed since.
	cp -L /etc/resolv.conf "$tree/etc/resolv.conf"
	host_acquire >"$tree/etc/apt/apt.conf.d/99host"
	# It is thrown away: nothing of it need survive a power cut, or be translated.
	echo force-unsafe-io >"$tree/etc/dpkg/dpkg.cfg.d/99thrown-away"
	echo 'Acquire::Languages "none";' >"$tree/etc/apt/apt.conf.d/99thrown-away"
	copy_tree "$tree/root/fencepost"
}

# inside COMMAND...: as root, with no terminal; stdout and stderr to files.  The tree is a mount
# of its own, as a container's is, without which there are no mounts in it.
inside()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	terminals=$terminals enclosed sh -c '
		tree=$1
		shift
		mount --bind "$tree" "$tree" &&
		mount -t proc proc "$tree/proc" &&
		mount -t sysfs -o ro sysfs "$tree/sys" &&
		mkdir -p "$tree/dev/shm" &&
		mount -t tmpfs tmpfs "$tree/dev/shm" &&
		if [ "$terminals" = yes ]; then
			mkdir -p "$tree/dev/pts" &&
			mount -t devpts -o newinstance,ptmxmode=0666 devpts "$tree/dev/pts"
		else
			rm -f "$tree/dev/ptmx"
		fi &&
		exec chroot "$tree" "$@"' sh "$tree" \
		env -i -C /root/fencepost PATH="$path" HOME=/root LANG=C.UTF-8 TERM=dumb \
		${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
		"$@" >"$scratch/out" 2>"$scratch/err"
}

# make_bare SUITE: or ends the test.
make_bare()
{
	local tool

	if ((EUID != 0)); then
		skip_all "a chroot needs root"
	fi
	for tool in debootstrap apt-config unshare; do
		have $tool || skip_all "$tool is missing"
	done
	unshare --mount --pid --fork true 2>/dev/null || skip_all "no mount namespaces here"
	archive=$store/$1.tar.gz
	bare_system "$1" || bail_out "no bare $1; see $store/$1.log"
	scratch=$(mktemp -d -p "$store" "$1.XXXXXX") || bail_out "can't write $store"
	supervised_folder "$scratch"
	tree=$scratch/tree
	trap 'rm -rf --one-file-system "$scratch"' EXIT
	if ! mkdir "$tree" || ! unpack "$archive"; then
		bail_out "can't unpack $archive"
	fi
}
