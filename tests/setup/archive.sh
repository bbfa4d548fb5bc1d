#!/bin/bash
# SPDX-License-Identifier: MIT
#
# archive.sh - lab/fetch and lab/run with an archive that is not whole: its index names what
# is not there.
#
# The archive is a folder that apt takes for the host's only source.

set -u -o pipefail
me=archive.sh
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/tests/setup/*}
# shellcheck source=setup/setup.sh
. "$root/setup/setup.sh"
# shellcheck source=tests/tap.sh
. "$root/tests/tap.sh"

is_debian || skip_all "$no_debian"
for tool in apt-config dpkg-deb depmod; do
	have $tool || skip_all "$tool is missing"
done
arch=$(this_architecture)
is_architecture "$arch" || skip_all "$arch is none of the lab's"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP
archive=$scratch/archive
libraries=$(sed -n "s/^libraries='\(.*\)'/\1/p" "$root/lab/fetch")
debian=$(fact "$arch" debian) flavour=$(fact "$arch" kernel)
export FENCEPOST_CACHE=$scratch/cache APT_CONFIG=$scratch/apt.conf
cat >"$APT_CONFIG" <<-END2
	Dir::Etc::sourcelist "$scratch/sources.list";
	Dir::Etc::sourceparts "/dev/null";
END2
echo "deb [trusted=yes] file:$archive $(host_suite) main" >"$scratch/sources.list"

# package SUITE NAME VERSION DEPENDS FILE...: empty files, where they are not in $scratch/files.
package()
{
	local suite=$1 name=$2 version=$3 depends=$4 folder=$scratch/deb file deb

	shift 4
	deb=pool/${name}_${version}_$debian.deb
	rm -rf "$folder"
	mkdir -p "$folder/DEBIAN" "$archive/pool" "$archive/dists/$suite/main/binary-$debian"
	printf '%s\n' "Package: $name" "Version: $version" "Architecture: $debian" "Maintainer: none" \
		"Description: played" ${depends:+"Depends: $depends"} >"$folder/DEBIAN/control"
	for file; do
		mkdir -p "$folder/${file%/*}"
		if [[ -L $scratch/files/$file || -e $scratch/files/$file ]]; then
			cp -a "$scratch/files/$file" "$folder/$file"
		else
			: >"$folder/$file"
		fi
	done
	dpkg-deb --build "$folder" "$archive/$deb" >/dev/null || exit 1
	{
		cat "$folder/DEBIAN/control"
		printf '%s\n' "Filename: $deb" "Size: $(stat -c %s "$archive/$deb")" \
			"SHA256: $(sha256sum "$archive/$deb" | cut -d ' ' -f 1)" ''
	} >>"$archive/dists/$suite/main/binary-$debian/Packages"
}

# kernel SUITE RELEASE KBUILD
kernel()
{
	local suite=$1 release=$2-$flavour headers=usr/src/linux-headers-$2

	mkdir -p "$scratch/files/$headers-common"
	ln -sfn "../../lib/$3/scripts" "$scratch/files/$headers-common/scripts"
	package "$suite" "linux-image-$release" 1 '' "boot/config-$release" "boot/vmlinuz-$release" \
		"boot/System.map-$release" "lib/modules/$release/modules."{order,builtin}
	package "$suite" "linux-headers-$release" 1 "linux-headers-$2-common" "usr/src/linux-headers-$release/Makefile"
	package "$suite" "linux-headers-$2-common" 1 "$3" "$headers-common/scripts"
}

# lack NAME_VERSION...: the index names them still.
lack()
{
	local name

	for name; do
		mv -t "$scratch" "$archive/pool/${name}_$debian.deb" || exit 1
	done
}

release_files()
{
	local suite

	for suite in "$archive"/dists/*; do
		(cd "$suite" && printf '%s\n' "Suite: ${suite##*/}" "Codename: ${suite##*/}" "Components: main" \
			"Architectures: $debian" SHA256: >Release &&
			printf ' %s %s %s\n' "$(sha256sum main/*/Packages | cut -d ' ' -f 1)" \
				"$(stat -c %s main/*/Packages)" "$(echo main/*/Packages)" >>Release)
	done
}

make_archive()
{
	local version library suite

	for version in 1 2; do
		package bookworm busybox-static $version '' bin/busybox "usr/version-$version"
	done
	kernel bullseye 5.10.0-1 linux-kbuild-5.10
	kernel bookworm 6.1.0-2 linux-kbuild-6.1
	kernel bookworm 6.1.0-10 linux-kbuild-6.1
	package bookworm linux-kbuild-6.1 1 '' usr/lib/linux-kbuild-6.1/scripts/none
	for suite in bullseye bookworm; do
		version=$([[ $suite == bookworm ]] && echo 2 || echo 1)
		for library in $libraries; do
			package $suite $library "$version" '' "usr/include/$library-$suite"
		done
		package $suite "linux-source-$version" 1 '' "usr/src/linux-source-$version.tar.xz"
	done
	lack busybox-static_2 "linux-image-6.1.0-10-${flavour}_1" libgsl-dev_2 linux-source-{1,2}_1
	release_files
}

# fetches NAME STATUS PATTERN WORD...: lab/fetch ends so, and says so; its folder in $made.
fetches()
{
	local name=$1 wanted=$2 pattern=$3 status=0

	shift 3
	made=$("$root/lab/fetch" "$@" 2>"$scratch/err") || status=$?
	[[ $status == "$wanted" ]] && grep -qE -- "$pattern" "$scratch/err"
	verdict_log $? "$name" "$scratch/err"
}

# is_made NAME FILE
is_made()
{
	[[ $made && -e $made/$2 ]]
	verdict $? "$1" "$(find "$made" 2>/dev/null)"
}

test_older()
{
	fetches "a version that is not there: said" 0 'lacks busybox-static 2, which its index names' busybox "$arch"
	is_made "and the one before is taken" usr/version-1
	fetches "a kernel that is not there: said" 0 "lacks linux-image-6.1.0-10-$flavour" kernel "$arch"
	[[ $made && $(<"$made/release") == "6.1.0-2-$flavour" ]]
	verdict $? "and the one before is taken, with its headers" "$(cat "$made/release")"
	fetches "a release without a library: 77, as an older C library is none to link with" 77 \
		'lacks libgsl-dev 2, which its index names' sysroot "$arch"
	fetches "a suite that is not there: said" 0 'of bookworm-backports: trying that of bookworm' kernel "$arch" backports
	fetches "what no release has: 77, and one line at the end" 77 'has no older one$' source
}

# What is older is kept for a day.
test_again()
{
	mv -t "$archive/pool" "$scratch/busybox-static_2_$debian.deb"
	made=$("$root/lab/fetch" busybox "$arch" 2>"$scratch/err")
	[[ ! -s $scratch/err ]]
	verdict_log $? "a newer one is not sought each time" "$scratch/err"
	is_made "the older one stays" usr/version-1
	touch -d '2 days ago' "$made/.older"
	made=$("$root/lab/fetch" busybox "$arch" 2>"$scratch/err")
	verdict_log $? "but a day later" "$scratch/err"
	is_made "and then the newest is taken" usr/version-2
}

test_skips()
{
	local status=0

	rm -f "$archive"/pool/linux-image-*
	rm -rf "$FENCEPOST_CACHE/kernel"
	"$root/lab/run" --no-install --output "$scratch/out" "$arch" >"$scratch/err" 2>&1 </dev/null || status=$?
	[[ $status == 77 && $(<"$scratch/out/$arch/outcome") == 'the package archive lacks a part of it' ]]
	verdict_log $? "a guest whose kernel no release has is skipped, with that reason" "$scratch/err"
	echo "deb [trusted=yes] http://127.0.0.1:9 $(host_suite) main" >"$scratch/sources.list"
	fetches "a source that can't be reached at all is no reason to skip" 4 'apt' kernel "$arch"
}

make_archive
test_older
test_again
test_skips
finish
