// SPDX-License-Identifier: MIT
#include "memory/attribute.h"

#include <linux/fencepost.h>
#include <stddef.h>

/*
 * The names are those of the manuals: Intel SDM vol. 3A, table "Memory Types
 * That Can Be Encoded With PAT"; Arm ARM DDI 0487, MAIR_EL1; Power ISA 3.1
 * Book III, Radix Tree Page Table Entry, ATT, in the words of its WIMG bits.
 *
 * UC- is UC unless an MTRR says WC, which the effective attribute tells.
 */
static const struct {
	unsigned attribute;
	unsigned memory; /* enum fp_memory: what it serves as */
	const char *name;
} attributes[] = {
	{ FENCEPOST_ATTR_STAGE2, 0, "unknown: stage 2" },

	{ FENCEPOST_ATTR_X86_UC, FP_UC | FP_DEV, "UC" },
	{ FENCEPOST_ATTR_X86_WC, FP_WC, "WC" },
	{ FENCEPOST_ATTR_X86_WT, 0, "WT" },
	{ FENCEPOST_ATTR_X86_WP, 0, "WP" },
	{ FENCEPOST_ATTR_X86_WB, FP_WB, "WB" },
	{ FENCEPOST_ATTR_X86_UC_MINUS, FP_UC | FP_DEV, "UC-" },

	{ FENCEPOST_ATTR_ARM64_DEVICE_NGNRNE, FP_UC, "Device-nGnRnE" },
	{ FENCEPOST_ATTR_ARM64_DEVICE_NGNRE, FP_DEV, "Device-nGnRE" },
	{ FENCEPOST_ATTR_ARM64_DEVICE_NGRE, 0, "Device-nGRE" },
	{ FENCEPOST_ATTR_ARM64_DEVICE_GRE, 0, "Device-GRE" },
	{ FENCEPOST_ATTR_ARM64_NORMAL_NC, FP_WC, "Normal-NC" },
	{ FENCEPOST_ATTR_ARM64_NORMAL_WT, 0, "Normal-WT" },
	{ FENCEPOST_ATTR_ARM64_NORMAL_WB, FP_WB, "Normal-WB" },

	{ FENCEPOST_ATTR_PPC_CACHEABLE, FP_WB, "cacheable" },
	{ FENCEPOST_ATTR_PPC_SAO, 0, "strong access order" },
	{ FENCEPOST_ATTR_PPC_NON_IDEMPOTENT, FP_UC | FP_DEV, "non-idempotent (I=1 G=1)" },
	{ FENCEPOST_ATTR_PPC_TOLERANT, FP_WC, "tolerant (I=1 G=0)" },
};

#define N_ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

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

const char *fp_attribute_name(unsigned attribute)
{
	for (size_t i = 0; i < N_ATTRIBUTES; i++)
		if (attributes[i].attribute == attribute)
			return attributes[i].name;
	return "unknown";
}

bool fp_attribute_is(unsigned attribute, enum fp_memory memory)
{
	for (size_t i = 0; i < N_ATTRIBUTES; i++)
		if (attributes[i].attribute == attribute)
			return attributes[i].memory & memory;
	return false;
}

bool fp_attribute_known(unsigned attribute)
{
	for (size_t i = 0; i < N_ATTRIBUTES; i++)
		if (attributes[i].attribute == attribute)
			return attribute != FENCEPOST_ATTR_STAGE2;
	return false;
}
