// SPDX-License-Identifier: MIT
/* arm64: features, clock, identity, chains. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "arch.h"
#include "base/file.h"
#include "emulator.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Linux arch/arm64/include/uapi/asm/hwcap.h: the bits are as in 6.12, and
 * HWCAP3_LS64 as in 7.0.  They are given here because a libc may be older
 * than the kernel that it runs on.
 */
enum { HWCAP = 16, HWCAP2 = 26, HWCAP3 = 29 };
enum {
	HWCAP_BIT_ASIMD = 1,
	HWCAP_BIT_ATOMICS = 8,
	HWCAP_BIT_CPUID = 11,
	HWCAP_BIT_LRCPC = 15,
	HWCAP2_BIT_DGH = 15,
	HWCAP3_BIT_LS64 = 3,
};

struct feature {
	const char *name;
	unsigned vector, bit;
	const char *lacks;
};

static const struct feature features[] = {
	{ "base", 0, 0, NULL },
	{ "neon", HWCAP, HWCAP_BIT_ASIMD, "this CPU lacks Advanced SIMD (HWCAP_ASIMD)" },
	{ "atomics", HWCAP, HWCAP_BIT_ATOMICS,
	  "this CPU lacks the LSE atomics of Armv8.1 (HWCAP_ATOMICS)" },
	{ "lrcpc", HWCAP, HWCAP_BIT_LRCPC, "this CPU lacks LDAPR (HWCAP_LRCPC)" },
	{ "dgh", HWCAP2, HWCAP2_BIT_DGH, "this CPU treats DGH as a NOP (no HWCAP2_DGH)" },
	{ "ls64", HWCAP3, HWCAP3_BIT_LS64,
	  "this CPU lacks ST64B, or its kernel does not let programs use it (HWCAP3_LS64, Linux "
	  "7.0)" },
};

static bool has(const struct feature *f)
{
	return !f->lacks || (getauxval(f->vector) >> f->bit & 1);
}

const char *fp_arch_lacks(const char *feature)
{
	for (size_t i = 0; i < COUNT(features); i++)
		if (!strcmp(features[i].name, feature))
			return has(&features[i]) ? NULL : features[i].lacks;
	return "this build has no probe for the feature that the row asks for";
}

/*
 * Arm ARM DDI 0487 G.b D13.2, CTR_EL0.DminLine: log2 of 4-byte words.  Only
 * emulators claim lines of 32 bytes; rows of 64 bytes have to fit into one.
 */
size_t fp_arch_line_bytes(void)
{
	uint64_t ctr;
	size_t line;

	__asm__("mrs %0, ctr_el0" : "=r"(ctr));
	line = (size_t)4 << (ctr >> 16 & 0xf);
	return line < 64 ? 64 : line;
}

/*
 * The counter may be read ahead of earlier instructions; ISB ends that: it
 * refetches what follows, once everything before it is no longer speculative
 * (Arm ARM DDI 0487 G.b D11.2, and Linux 6.12 __arch_get_hw_counter).  It
 * does not wait for stores to leave the store buffer: a batch that wants that
 * ends in a drain.  Nor need the data of the last loads be there, which is at
 * most one load's time in a whole batch.
 */
uint64_t fp_arch_clock(void)
{
	uint64_t ticks;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
	return ticks;
}

double fp_arch_clock_hz(void)
{
	uint64_t hz;

	/* Set by firmware; only its low 32 bits are defined before Armv8.6. */
	__asm__("mrs %0, cntfrq_el0" : "=r"(hz));
	return (double)(hz & 0xffffffff);
}

/* B.cond keeps its displacement in bits 23:5, in instructions of 4 bytes. */
int fp_arch_close_loop(void *code, size_t end, size_t head)
{
	const uint32_t field = 0x7ffffu << 5;
	int64_t branch = (int64_t)end - 4, distance = (int64_t)head - branch;
	uint32_t insn;

	if (distance < -(1 << 20) || distance > (1 << 20) - 4)
		return -ERANGE;
	memcpy(&insn, (char *)code + branch, sizeof(insn));
	insn = (insn & ~field) | ((uint32_t)(distance / 4) << 5 & field);
	memcpy((char *)code + branch, &insn, sizeof(insn));
	return 0;
}

/* FP_PART_call: MOVZ and three MOVK, each with 16 bits of the record's address in 20:5. */
int fp_arch_set_call(void *code, size_t bytes, const struct fp_call *call)
{
	uint64_t address = (uintptr_t)call;
	uint32_t insn[4];

	if (bytes < sizeof(insn) || call->displacement > INT32_MAX)
		return -ERANGE;
	memcpy(insn, code, sizeof(insn));
	for (int i = 0; i < 4; i++)
		insn[i] = (insn[i] & ~(0xffffu << 5)) | (uint32_t)(address >> 16 * i & 0xffff) << 5;
	memcpy(code, insn, sizeof(insn));
	return 0;
}

struct core {
	unsigned implementer, part;
	const char *name;
	double multiply;    /* cycles of mul x,x,x; 0: not known */
	const char *source; /* of that */
};

/* Where the latencies of add, which is 1 on all of these, and mul are stated. */
#define LLVM(FILE) "LLVM 19 llvm/lib/Target/AArch64/AArch64Sched" FILE ".td, ADD and MUL"
#define GUIDE(FILE, CORE) LLVM(FILE) ", after Arm's " CORE " Software Optimization Guide"
#define APPLE "Dougall Johnson, Apple Microarchitecture Research, M1: ADD and MADD, 64-bit"

/*
 * Numbers: Linux 6.12 arch/arm64/include/asm/cputype.h; those not in there:
 * lscpu of util-linux 2.40, sys-utils/lscpu-arm.c.
 */
static const struct core cores[] = {
	{ 0x41, 0xd03, "Cortex-A53", 0, NULL },
	{ 0x41, 0xd04, "Cortex-A35", 0, NULL },
	{ 0x41, 0xd05, "Cortex-A55", 0, NULL },
	{ 0x41, 0xd07, "Cortex-A57", 5, GUIDE("A57", "Cortex-A57") },
	{ 0x41, 0xd08, "Cortex-A72", 5, LLVM("A57") ", its model of Cortex-A72 too" },
	{ 0x41, 0xd09, "Cortex-A73", 0, NULL },
	{ 0x41, 0xd0a, "Cortex-A75", 0, NULL },
	{ 0x41, 0xd0b, "Cortex-A76", 0, NULL },
	{ 0x41, 0xd0c, "Neoverse N1", 4, GUIDE("NeoverseN1", "Neoverse N1") },
	{ 0x41, 0xd0d, "Cortex-A77", 0, NULL },
	{ 0x41, 0xd0e, "Cortex-A76AE", 0, NULL },
	{ 0x41, 0xd40, "Neoverse V1", 2, GUIDE("NeoverseV1", "Neoverse V1") },
	{ 0x41, 0xd41, "Cortex-A78", 0, NULL },
	{ 0x41, 0xd42, "Cortex-A78AE", 0, NULL },
	{ 0x41, 0xd44, "Cortex-X1", 0, NULL },
	{ 0x41, 0xd46, "Cortex-A510", 0, NULL },
	{ 0x41, 0xd47, "Cortex-A710", 0, NULL },
	{ 0x41, 0xd48, "Cortex-X2", 0, NULL },
	{ 0x41, 0xd49, "Neoverse N2", 2, GUIDE("NeoverseN2", "Neoverse N2") },
	{ 0x41, 0xd4a, "Neoverse E1", 0, NULL },
	{ 0x41, 0xd4b, "Cortex-A78C", 0, NULL },
	{ 0x41, 0xd4c, "Cortex-X1C", 0, NULL },
	{ 0x41, 0xd4d, "Cortex-A715", 0, NULL },
	{ 0x41, 0xd4e, "Cortex-X3", 0, NULL },
	{ 0x41, 0xd4f, "Neoverse V2", 2, GUIDE("NeoverseV2", "Neoverse V2") },
	{ 0x41, 0xd80, "Cortex-A520", 0, NULL },
	{ 0x41, 0xd81, "Cortex-A720", 0, NULL },
	{ 0x41, 0xd82, "Cortex-X4", 0, NULL },
	{ 0x41, 0xd83, "Neoverse V3AE", 0, NULL },
	{ 0x41, 0xd84, "Neoverse V3", 2,
	  "LLVM main llvm/lib/Target/AArch64/AArch64SchedNeoverseV3.td, ADD and MUL" },
	{ 0x41, 0xd85, "Cortex-X925", 0, NULL },
	{ 0x41, 0xd87, "Cortex-A725", 0, NULL },
	{ 0x41, 0xd8c, "C1-Ultra", 0, NULL },
	{ 0x41, 0xd8e, "Neoverse N3", 2, GUIDE("NeoverseN3", "Neoverse N3") },
	{ 0x41, 0xd90, "C1-Premium", 0, NULL },
	{ 0x42, 0x516, "Vulcan", 0, NULL },
	{ 0x43, 0x0a1, "ThunderX", 0, NULL },
	{ 0x43, 0x0af, "ThunderX2", 5, LLVM("ThunderX2T99") },
	{ 0x43, 0x0b1, "OCTEON TX2", 0, NULL },
	{ 0x46, 0x001, "A64FX", 5, LLVM("A64FX") },
	{ 0x46, 0x003, "MONAKA", 0, NULL },
	{ 0x48, 0xd01, "TaiShan v110 (Kunpeng 920)", 4, LLVM("TSV110") },
	{ 0x48, 0xd02, "HIP09 (Kunpeng)", 0, NULL },
	{ 0x4e, 0x003, "Denver", 0, NULL },
	{ 0x4e, 0x004, "Carmel", 0, NULL },
	{ 0x4e, 0x010, "Olympus", 0, NULL },
	{ 0x50, 0x000, "X-Gene", 0, NULL },
	{ 0x51, 0x001, "Oryon", 0, NULL },
	{ 0x51, 0xc00, "Falkor", 0, NULL },
	{ 0x61, 0x022, "Icestorm (M1)", 3, APPLE },
	{ 0x61, 0x023, "Firestorm (M1)", 3, APPLE },
	{ 0x61, 0x024, "Icestorm (M1 Pro)", 3, APPLE },
	{ 0x61, 0x025, "Firestorm (M1 Pro)", 3, APPLE },
	{ 0x61, 0x028, "Icestorm (M1 Max)", 3, APPLE },
	{ 0x61, 0x029, "Firestorm (M1 Max)", 3, APPLE },
	{ 0x61, 0x032, "Blizzard (M2)", 0, NULL },
	{ 0x61, 0x033, "Avalanche (M2)", 0, NULL },
	{ 0x61, 0x034, "Blizzard (M2 Pro)", 0, NULL },
	{ 0x61, 0x035, "Avalanche (M2 Pro)", 0, NULL },
	{ 0x61, 0x038, "Blizzard (M2 Max)", 0, NULL },
	{ 0x61, 0x039, "Avalanche (M2 Max)", 0, NULL },
	{ 0x6d, 0xd49, "Neoverse N2 (Cobalt 100)", 2, GUIDE("NeoverseN2", "Neoverse N2") },
	{ 0xc0, 0xac3, "Ampere-1", 3, LLVM("Ampere1") },
	{ 0xc0, 0xac4, "Ampere-1A", 3, LLVM("Ampere1") },
};

static const struct {
	unsigned implementer;
	const char *name;
} vendors[] = {
	{ 0x41, "Arm" }, { 0x42, "Broadcom" }, { 0x43, "Cavium" }, { 0x46, "Fujitsu" },
	{ 0x48, "HiSilicon" }, { 0x4e, "NVIDIA" }, { 0x50, "APM" }, { 0x51, "Qualcomm" },
	{ 0x61, "Apple" }, { 0x6d, "Microsoft" }, { 0xc0, "Ampere" }, { 0x00, "QEMU" },
};

/* Whether the file has a first line; a device tree's is a C string. */
static bool read_line(const char *path, char *to, size_t size)
{
	return !fp_file_line(path, to, size) && *to;
}

/*
 * MIDR_EL1 of the CPU that this runs on: cores differ within one machine.
 * The kernel emulates the read where it says so, and else has it in sysfs
 * (Linux 6.12 Documentation/arch/arm64/cpu-feature-registers.rst).
 */
static uint64_t read_midr(void)
{
	char path[96], line[32];
	uint64_t midr;
	int cpu = sched_getcpu();

	if (getauxval(HWCAP) >> HWCAP_BIT_CPUID & 1) {
		__asm__("mrs %0, midr_el1" : "=r"(midr));
		return midr;
	}
	snprintf(path, sizeof(path),
		 "/sys/devices/system/cpu/cpu%d/regs/identification/midr_el1", cpu < 0 ? 0 : cpu);
	return read_line(path, line, sizeof(line)) ? strtoull(line, NULL, 16) : 0;
}

/* Arm ARM DDI 0487 G.b D13.2, MIDR_EL1. */
static unsigned implementer(uint64_t midr)
{
	return midr >> 24 & 0xff;
}

static unsigned variant(uint64_t midr)
{
	return midr >> 20 & 0xf;
}

static unsigned part(uint64_t midr)
{
	return midr >> 4 & 0xfff;
}

static unsigned revision(uint64_t midr)
{
	return midr & 0xf;
}

static const struct core *find_core(uint64_t midr)
{
	for (size_t i = 0; midr && i < COUNT(cores); i++)
		if (cores[i].implementer == implementer(midr) && cores[i].part == part(midr))
			return &cores[i];
	return NULL;
}

static const char *vendor(uint64_t midr)
{
	for (size_t i = 0; midr && i < COUNT(vendors); i++)
		if (vendors[i].implementer == implementer(midr))
			return vendors[i].name;
	return "unknown vendor";
}

static void name_core(struct fp_cpu *cpu, uint64_t midr)
{
	const struct core *core = find_core(midr);
	char name[48];

	snprintf(name, sizeof(name), "part 0x%03x", part(midr));
	snprintf(cpu->model, sizeof(cpu->model), "%s %s r%up%u", vendor(midr),
		 core ? core->name : name, variant(midr), revision(midr));
	snprintf(cpu->microarchitecture, sizeof(cpu->microarchitecture), "%s",
		 core ? core->name : "unknown");
	snprintf(cpu->key, sizeof(cpu->key), "%02x-%03x-%u-%u", implementer(midr), part(midr),
		 variant(midr), revision(midr));
	/* No register or file says which firmware patches a core has taken. */
	snprintf(cpu->microcode, sizeof(cpu->microcode), "unknown");
}

static void set_hypervisor(struct fp_cpu *cpu, const char *name, bool emulated)
{
	snprintf(cpu->hypervisor, sizeof(cpu->hypervisor), "%.31s", name);
	cpu->emulated = emulated;
}

/* Where qemu-user passes the host's /proc/cpuinfo through, no arm64 CPU is in there. */
static bool is_user_emulation(void)
{
	char line[256];
	bool known = false, arm = false;
	FILE *f;

	if (is_named_as_emulator())
		return true;
	f = fopen("/proc/cpuinfo", "r");
	while (f && fgets(line, sizeof(line), f)) {
		known = true;
		arm |= !strncmp(line, "CPU implementer", 15);
	}
	if (f)
		fclose(f);
	return known && !arm;
}

/* What firmware tells of the machine; the first row whose texts fit. */
static const struct {
	const char *vendor, *product; /* how they begin */
	const char *name;
	bool emulated;
} machines[] = {
	/* QEMU hw/arm/virt.c, virt_build_smbios(): the product names the accelerator. */
	{ "QEMU", "KVM Virtual Machine", "KVM", false },
	{ "QEMU", "", "QEMU TCG", true },
	{ "Google", "Google Compute Engine", "KVM", false },
	{ "Microsoft Corporation", "Virtual Machine", "Hyper-V", false },
	{ "VMware, Inc.", "", "VMware", false },
	{ "Apple Inc.", "Apple Virtualization", "Apple Virtualization", false },
	{ "Alibaba Cloud", "Alibaba Cloud ECS", "KVM", false },
	{ "Xen", "", "Xen", false },
};

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static bool identify_by_dmi(struct fp_cpu *cpu)
{
	char sys_vendor[64], product[64];

	if (!read_line("/sys/class/dmi/id/sys_vendor", sys_vendor, sizeof(sys_vendor)))
		return false;
	read_line("/sys/class/dmi/id/product_name", product, sizeof(product));
	for (size_t i = 0; i < COUNT(machines); i++)
		if (begins(sys_vendor, machines[i].vendor) &&
		    begins(product, machines[i].product)) {
			set_hypervisor(cpu, machines[i].name, machines[i].emulated);
			return true;
		}
	/* EC2 names the instance: c7g.large, and c7g.metal without a hypervisor. */
	if (begins(sys_vendor, "Amazon EC2"))
		set_hypervisor(cpu, strstr(product, ".metal") ? "none" : "KVM (Nitro)", false);
	return begins(sys_vendor, "Amazon EC2");
}

/*
 * QEMU, kvmtool, crosvm and Firecracker share one machine name.  A CPU node
 * without a core's name is what hardware acceleration gives (QEMU
 * target/arm/kvm.c, hvf.c); TCG gives the name of the core that it plays.
 */
static bool identify_by_device_tree(struct fp_cpu *cpu)
{
	char text[64];

	if (read_line("/proc/device-tree/hypervisor/compatible", text, sizeof(text))) {
		set_hypervisor(cpu, begins(text, "linux,kvm") ? "KVM" :
				    begins(text, "xen,") ? "Xen" : text, false);
		return true;
	}
	if (!read_line("/proc/device-tree/compatible", text, sizeof(text)) ||
	    !begins(text, "linux,dummy-virt"))
		return false;
	read_line("/proc/device-tree/cpus/cpu@0/compatible", text, sizeof(text));
	if (begins(text, "arm,arm-v8") || begins(text, "arm,armv8"))
		set_hypervisor(cpu, "KVM or HVF", false);
	else
		set_hypervisor(cpu, "QEMU TCG", true);
	return true;
}

static void identify_hypervisor(struct fp_cpu *cpu, uint64_t midr)
{
	char type[32];

	set_hypervisor(cpu, "none", false);
	if (is_user_emulation())
		set_hypervisor(cpu, "qemu-user", true);
	else if (midr && implementer(midr) == 0)
		set_hypervisor(cpu, "QEMU TCG", true); /* -cpu max: reserved for software */
	else if (read_line("/sys/hypervisor/type", type, sizeof(type)))
		set_hypervisor(cpu, !strcmp(type, "xen") ? "Xen" : type, false);
	else if (!identify_by_dmi(cpu))
		identify_by_device_tree(cpu);
}

void fp_arch_identify(struct fp_cpu *cpu)
{
	uint64_t midr = read_midr();

	memset(cpu, 0, sizeof(*cpu));
	name_core(cpu, midr);
	identify_hypervisor(cpu, midr);
}

/*
 * A register-register add takes one cycle on every core of the table whose
 * multiply is known; on the others nothing is claimed.
 */
void fp_arch_chains(struct fp_chain chains[2])
{
	const struct core *core = find_core(read_midr());
	const bool known = core && core->multiply > 0;
	const char *source = known ? core->source : "not known for this core";

	chains[0] = (struct fp_chain){ FP_PART_chain, known ? 1 : 0, source };
	chains[1] = (struct fp_chain){ FP_PART_cross_chain, known ? core->multiply : 0, source };
}

const struct fp_published *fp_arch_published(void)
{
	static const struct fp_published none[] = { { NULL, 0, NULL } };

	return none;
}

/*
 * Linux 6.12 arch/arm64/include/asm/pgtable.h: pgprot_writecombine,
 * pgprot_noncached and pgprot_device.
 */
