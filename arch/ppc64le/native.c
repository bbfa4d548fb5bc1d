// SPDX-License-Identifier: MIT
/* ppc64le: features, clock, identity, chains. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "arch.h"
#include "emulator.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Linux 6.1 arch/powerpc/include/uapi/asm/cputable.h: PPC_FEATURE*. */
static const struct feature {
	const char *name;
	unsigned long vector, bit;
	const char *lacks;
} features[] = {
	{ "base", 0, 0, NULL },
	{ "vsx", AT_HWCAP, 0x80, "this CPU or operating system lacks VSX (AT_HWCAP 0x80)" },
	{ "isa31", AT_HWCAP2, 0x40000,
	  "this CPU lacks Power ISA 3.1 (AT_HWCAP2 0x40000): it takes this form for plain sync or "
	  "lwsync" },
};

const char *fp_arch_lacks(const char *feature)
{
	for (size_t i = 0; i < COUNT(features); i++) {
		const struct feature *f = &features[i];

		if (strcmp(f->name, feature))
			continue;
		return !f->bit || getauxval(f->vector) & f->bit ? NULL : f->lacks;
	}
	return "this build has no probe for the feature that the row asks for";
}

size_t fp_arch_line_bytes(void)
{
	unsigned long bytes = getauxval(AT_DCACHEBSIZE);

	return bytes ? bytes : 128;
}

/*
 * mftb is an ordinary instruction that may run ahead of its neighbours.  isync
 * completes only when every earlier instruction has completed, and only then
 * starts a later one (Power ISA 3.1 Book II 4.6.1), but it does not wait for
 * stores to be performed: a batch that wants that ends in a drain.
 */
uint64_t fp_arch_clock(void)
{
	uint64_t ticks;

	__asm__ volatile("isync; mftb %0" : "=r"(ticks) : : "memory");
	return ticks;
}

/* The value of the first line "key : value" in /proc/cpuinfo; "" if none. */
static void read_cpuinfo(const char *key, char *to, size_t size)
{
	size_t length = strlen(key);
	char line[256];
	FILE *f = fopen("/proc/cpuinfo", "r");

	*to = '\0';
	while (f && !*to && fgets(line, sizeof(line), f)) {
		const char *value = line + length;

		if (strncmp(line, key, length))
			continue;
		value += strspn(value, " \t");
		if (*value++ != ':')
			continue;
		value += strspn(value, " \t");
		snprintf(to, size, "%.*s", (int)strcspn(value, "\n"), value);
	}
	if (f)
		fclose(f);
}

double fp_arch_clock_hz(void)
{
	char hz[32];

	read_cpuinfo("timebase", hz, sizeof(hz));
	return strtod(hz, NULL);
}

/* I-form: opcode 18, then a word displacement of 24 bits (Book I 2.4). */
int fp_arch_close_loop(void *code, size_t end, size_t head)
{
	size_t at = end - sizeof(uint32_t);
	int64_t distance = (int64_t)head - (int64_t)at;
	uint32_t branch = UINT32_C(18) << 26 | ((uint32_t)distance & 0x03fffffc);

	if (distance < -0x2000000 || distance > 0x1fffffc)
		return -ERANGE;
	memcpy((char *)code + at, &branch, sizeof(branch));
	return 0;
}

/* FP_PART_call: lis, ori, a shift, oris, ori; 16 bits of the record's address in each of four. */
int fp_arch_set_call(void *code, size_t bytes, const struct fp_call *call)
{
	static const size_t insns[] = { 4, 3, 1, 0 }; /* from the lowest bits */
	uint64_t address = (uintptr_t)call;

	if (bytes < 5 * sizeof(uint32_t) || call->displacement > INT32_MAX)
		return -ERANGE;
	for (int i = 0; i < 4; i++) {
		uint16_t part = (uint16_t)(address >> 16 * i);

		memcpy((char *)code + insns[i] * sizeof(uint32_t), &part, sizeof(part));
	}
	return 0;
}

/*
 * A GCC scheduling model is what IBM publishes per instruction in a form that
 * can be cited.  It is a model: the cross-check decides whether it is used.
 * Latencies are from a result to the next instruction of the same kind.
 */
static const struct core {
	unsigned version; /* PVR, upper half: Linux 6.12 arch/powerpc/include/asm/reg.h */
	const char *name;
	double add, mulld;
	const char *source;
} cores[] = {
	{ 0x4b, "POWER8E", 1, 4, "GCC 12 gcc/config/rs6000/power8.md: power8-1cyc, power8-mul" },
	{ 0x4c, "POWER8NVL", 1, 4, "GCC 12 gcc/config/rs6000/power8.md: power8-1cyc, power8-mul" },
	{ 0x4d, "POWER8", 1, 4, "GCC 12 gcc/config/rs6000/power8.md: power8-1cyc, power8-mul" },
	{ 0x4e, "POWER9", 2, 5, "GCC 12 gcc/config/rs6000/power9.md: power9-alu, power9-mul" },
	{ 0x80, "POWER10", 2, 4,
	  "GCC 12 gcc/config/rs6000/power10.md: power10-alu, power10-mul with its bypass to "
	  "itself" },
	{ 0x82, "POWER11", 2, 4,
	  "GCC 15 gcc/config/rs6000/power10.md: power10-alu, power10-mul with its bypass to "
	  "itself" },
};

static const struct core unknown_core = { 0, "unknown", 0, 0,
	"no published latency is known for this processor version" };

/*
 * Privileged, but Linux answers a user's mfspr with the value of this CPU
 * (arch/powerpc/kernel/traps.c: emulate_instruction).
 */
static uint32_t read_pvr(void)
{
	uint64_t pvr;

	__asm__("mfspr %0,287" : "=r"(pvr));
	return (uint32_t)pvr;
}

static const struct core *own_core(void)
{
	uint32_t pvr = read_pvr();

	for (size_t i = 0; i < COUNT(cores); i++)
		if (cores[i].version == pvr >> 16)
			return &cores[i];
	return &unknown_core;
}

void fp_arch_chains(struct fp_chain chains[2])
{
	const struct core *core = own_core();

	chains[0] = (struct fp_chain){ FP_PART_chain, core->add, core->source };
	chains[1] = (struct fp_chain){ FP_PART_cross_chain, core->mulld, core->source };
}

/* No table of reciprocal throughputs of the barriers is published. */
const struct fp_published *fp_arch_published(void)
{
	static const struct fp_published none[] = { { NULL, 0, NULL } };

	return none;
}

/* Device tree properties are lists of strings, each with its NUL. */
static bool file_holds(const char *path, const char *text)
{
	char content[256] = "";
	size_t bytes = 0;
	bool found = false;
	FILE *f = fopen(path, "r");

	if (f) {
		bytes = fread(content, 1, sizeof(content) - 1, f);
		fclose(f);
	}
	for (size_t at = 0; at < bytes && !found; at += strlen(content + at) + 1)
		found = strstr(content + at, text);
	return found;
}

/* qemu-user shows the /proc/cpuinfo of its host; only Linux on POWER has a line "cpu" there. */
static bool user_emulation(void)
{
	char processor[64], cpu[64];

	if (is_named_as_emulator())
		return true;
	read_cpuinfo("processor", processor, sizeof(processor));
	read_cpuinfo("cpu", cpu, sizeof(cpu));
	return *processor && !*cpu;
}

/*
 * QEMU writes its name into the machine's model with and without KVM; only
 * with KVM does it add the hypervisor node.  PowerVM has lparcfg, which KVM
 * guests have too.
 */
static const char *find_hypervisor(bool *emulated)
{
	char machine[128];

	read_cpuinfo("machine", machine, sizeof(machine));
	*emulated = user_emulation();
	if (*emulated)
		return "qemu-user";
	if (file_holds("/proc/device-tree/hypervisor/compatible", "linux,kvm"))
		return "KVM";
	*emulated = strstr(machine, "emulated by qemu");
	if (*emulated)
		return "QEMU TCG";
	if (!access("/proc/ppc64/lparcfg", F_OK))
		return "PowerVM";
	if (file_holds("/proc/device-tree/compatible", "ibm,powernv"))
		return "none";
	return "unknown";
}

void fp_arch_identify(struct fp_cpu *cpu)
{
	const struct core *core = own_core();
	uint32_t pvr = read_pvr();
	char name[64];

	memset(cpu, 0, sizeof(*cpu));
	snprintf(cpu->hypervisor, sizeof(cpu->hypervisor), "%s", find_hypervisor(&cpu->emulated));
	read_cpuinfo("cpu", name, sizeof(name));
	snprintf(cpu->model, sizeof(cpu->model), "%s", *name ? name : core->name);
	snprintf(cpu->microarchitecture, sizeof(cpu->microarchitecture), "%s", core->name);
	snprintf(cpu->key, sizeof(cpu->key), "POWER-%04x-%04x", pvr >> 16, pvr & 0xffff);
	snprintf(cpu->microcode, sizeof(cpu->microcode), "unknown");
}

/* Linux 6.1 arch/powerpc/include/asm/book3s/64/pgtable.h: pgprot_noncached and its like. */
