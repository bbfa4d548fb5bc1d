// SPDX-License-Identifier: MIT
/*
 * Copies from RAM to a device's memory; fencepost_copy.h says what is promised.
 *
 * Every store is in assembler: a compiler may merge, split, repeat and reorder
 * its own.  A move is one load and one store of the same width.  The widths of a
 * copy ascend until the destination is aligned and descend at its end, so that
 * each store is aligned to its width.
 *
 * fencepost_copy.c is parts.c with the files that it includes, by amalgamate.awk.
 */
#include "fencepost_copy.h"

#ifdef __KERNEL__
#undef FENCEPOST_COPY_KERNEL
#define FENCEPOST_COPY_KERNEL
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stdint.h>
#endif

#include "moves.h"
#if defined(__x86_64__)
#include "x86.h"
#elif defined(__aarch64__)
#include "arm64.h"
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#include "ppc64le.h"
#else
#error "fencepost_copy.c knows x86-64, arm64 and little-endian ppc64"
#endif

#include "general.h"
#if defined(__x86_64__) && !defined(FENCEPOST_COPY_KERNEL)
#include "x86_vectors.h"
#else

void fencepost_copy_toio(volatile void *to, const void *from, size_t bytes, unsigned flags)
{
	fencepost_copy_toio_kernel(to, from, bytes, flags);
}

const char *fencepost_copy_way(void)
{
	return kernel_way(0) == words ? "stores of 8 bytes, eight a line"
				      : "single stores of 64 bytes";
}

#endif
