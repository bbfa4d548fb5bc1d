// SPDX-License-Identifier: MIT
#include "memory/attribute.h"

#include <linux/fencepost.h>
#include <stddef.h>

static const struct {
	unsigned bit;
	const char *name;
} distortions[] = {
	{ FENCEPOST_DISTORTS_KASAN, "KASAN" },
	{ FENCEPOST_DISTORTS_KCSAN, "KCSAN" },
	{ FENCEPOST_DISTORTS_MMIO_TRACE, "tracing of MMIO accesses" },
	{ FENCEPOST_DISTORTS_PREEMPT_RT, "PREEMPT_RT" },
	{ FENCEPOST_DISTORTS_PV_LOCKS, "paravirtual locks" },
	{ FENCEPOST_DISTORTS_LOCK_DEBUG, "lock debugging" },
	{ FENCEPOST_DISTORTS_KMSAN, "KMSAN" },
};

const char *fp_distortion_name(unsigned bit)
{
	for (size_t i = 0; i < sizeof(distortions) / sizeof(distortions[0]); i++)
		if (distortions[i].bit == bit)
			return distortions[i].name;
	return NULL;
}

/* Numbers are told apart whatever the architecture: each binary reads every document. */
static const struct fp_attribute *find_attribute(unsigned number)
{
	for (int arch = 0; arch < FP_ARCHES; arch++)
		for (const struct fp_attribute *a = fp_arch_tables[arch].attributes; a->name; a++)
			if (a->number == number)
				return a;
	return NULL;
}

unsigned fp_attribute_of(enum fp_memory memory)
{
	const struct fp_mapped_as *m = fp_arch_tables[fp_native.id].mapped_as;

	while (m->memory && m->memory != memory)
		m++;
	return m->memory ? m->number : FENCEPOST_ATTR_UNKNOWN;
}

const char *fp_attribute_name(unsigned attribute)
{
	const struct fp_attribute *a = find_attribute(attribute);

	if (attribute == FENCEPOST_ATTR_STAGE2)
		return "unknown: stage 2";
	return a ? a->name : "unknown";
}

bool fp_attribute_is(unsigned attribute, enum fp_memory memory)
{
	const struct fp_attribute *a = find_attribute(attribute);

	return a && a->memory & memory;
}

bool fp_attribute_known(unsigned attribute)
{
	return find_attribute(attribute);
}
