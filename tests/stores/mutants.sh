#!/bin/bash
# SPDX-License-Identifier: MIT
#
# mutants.sh ARCHITECTURE CC - check.sh finds the stores that a compiler has changed.
#
# CC compiles copies in plain C as it likes: for ARCHITECTURE.  It prints TAP.

set -u -o pipefail
export LC_ALL=C
here=$(readlink -f -- "${BASH_SOURCE[0]}")
# shellcheck source=tests/tap.sh
. "${here%/tests/*}/tests/tap.sh"
arch=${1:?usage: mutants.sh ARCHITECTURE CC} cc=${2:?}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# Of each architecture, the row whose only stores are of 8 bytes.
words8=$(grep -o -m 1 '^fp_copy_iowrite64_copy[_0-9]*' "${here%/*}/$arch.txt")

# As one would write them who trusts compilers; with MAYBE=volatile they can be trusted.
copies()
{
	cat <<-'END'
		#include <stddef.h>
		#include <stdint.h>
		#ifdef TWO_BYTES
		void fp_copy_bytes(MAYBE char *to)
		{
			to[0] = 1;
			to[1] = 2;
		}
		#else
		void fp_copy_bytes(MAYBE char *restrict to, const char *restrict from, size_t bytes)
		{
			for (size_t i = 0; i < bytes; i++)
				to[i] = from[i];
		}
		#endif
		void WORDS8(MAYBE uint64_t *restrict to, const uint64_t *restrict from)
		{
			to[0] = from[0];
			to[1] = from[1];
		}
	END
}

# compiled OPTION...: and what check.sh says of it.
compiled()
{
	# shellcheck disable=SC2086 # CC holds words
	$cc -O3 "$@" -DWORDS8="$words8" -c -o "$scratch/copies/own-copies.o" "$scratch/own-copies.c" ||
		bail_out "$cc compiles no copies"
	"${here%/*}/check.sh" "$arch" "$scratch" >"$scratch/out"
}

# says RESULT NAME WHAT
says()
{
	grep -q "^$1 [0-9]* - $2" "$scratch/out"
	verdict_log $? "$3" "$scratch/out"
}

mkdir -p "$scratch/copies" "$scratch/tests/proof"
copies >"$scratch/own-copies.c"
# shellcheck disable=SC2086 # CC holds words
$cc -c -x c -o "$scratch/copies/fencepost_copy.o" /dev/null
echo 'ok 1 - words8 writes each byte once, ascending: 826 cases, 1 stores' >"$scratch/tests/proof/step.log"

compiled -DMAYBE=volatile
says ok 'fp_copy_bytes: ' "a loop of bytes that stays one is right"
says ok "$words8: " "two words that stay two are right"
says 'not ok' 'every copy is' "a copy that is not there is found"
says 'not ok' 'words8: ' "stores too few are found"
compiled -DMAYBE=
says 'not ok' 'fp_copy_bytes: ' "a loop of bytes that became something else is found"
says 'not ok' "$words8: " "two words that became a vector or a pair are found"
compiled -DMAYBE= -DTWO_BYTES
says 'not ok' 'fp_copy_bytes: ' "two bytes that became one store are found"
finish
