// SPDX-License-Identifier: GPL-2.0-only
/* arm64 on 5.10 has none in its headers. */
#include <linux/mm.h>

pgprot_t probe(pte_t entry);
pgprot_t probe(pte_t entry)
{
	return pte_pgprot(entry);
}
