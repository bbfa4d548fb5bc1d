// SPDX-License-Identifier: GPL-2.0-only
/* From 5.13. */
#include <linux/io.h>

void __iomem *probe(void);
void __iomem *probe(void)
{
	return ioremap_np(0, 4096);
}
