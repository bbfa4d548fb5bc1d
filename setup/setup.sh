# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154 # root is set by those who source it
#
# setup.sh - what run-bench, run-tests and lab/ share: words, packages, builds.
#
# Sourced, by bash, with two variables set:
#   root  the source tree
#   me    the command's name, for messages

# shellcheck source=setup/words.sh
. "$root/setup/words.sh"
# Without it every look for something would say that it is missing.
[[ -c /dev/null ]] || refuse "/dev/null is not there: mount /dev (mount -t devtmpfs none /dev)"
# shellcheck source=setup/architectures.sh
. "$root/setup/architectures.sh"
# shellcheck source=setup/packages.sh
. "$root/setup/packages.sh"
# shellcheck source=setup/debian.sh
. "$root/setup/debian.sh"
# shellcheck source=setup/build.sh
. "$root/setup/build.sh"
