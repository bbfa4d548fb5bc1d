// SPDX-License-Identifier: MIT
/* x86-64: features, clock, identity, chains. */
#include <cpuid.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <x86intrin.h>

#include "arch.h"
#include "emulator.h"
#include "published.h"

enum { EAX, EBX, ECX, EDX };

struct feature {
	const char *name;
	unsigned leaf, reg, bit;
	unsigned state; /* XCR0 bits that the operating system must have enabled */
	const char *lacks;
};

/* Intel SDM vol. 2A, CPUID; vol. 1, section 13.3 for the XCR0 bits of AVX and AVX-512. */
static const struct feature features[] = {
	{ "base", 0, 0, 0, 0, NULL },
	{ "sse4_1", 1, ECX, 19, 0, "this CPU lacks SSE4.1 (CPUID.1:ECX[19])" },
	{ "avx", 1, ECX, 28, 0x06,
	  "this CPU or operating system lacks AVX (CPUID.1:ECX[28], XCR0[2:1])" },
	{ "clflushopt", 7, EBX, 23, 0, "this CPU lacks CLFLUSHOPT (CPUID.7:EBX[23])" },
	{ "clwb", 7, EBX, 24, 0, "this CPU lacks CLWB (CPUID.7:EBX[24])" },
	{ "avx512f", 7, EBX, 16, 0xe6,
	  "this CPU or operating system lacks AVX-512F (CPUID.7:EBX[16], XCR0[7:5])" },
	{ "serialize", 7, EDX, 14, 0, "this CPU lacks SERIALIZE (CPUID.7:EDX[14])" },
	{ "movdiri", 7, ECX, 27, 0, "this CPU lacks MOVDIRI (CPUID.7:ECX[27])" },
	{ "movdir64b", 7, ECX, 28, 0, "this CPU lacks MOVDIR64B (CPUID.7:ECX[28])" },
};

static bool os_enabled(unsigned state)
{
	unsigned r[4], low, high;

	if (!state)
		return true;
	__cpuid(1, r[EAX], r[EBX], r[ECX], r[EDX]);
	if (!(r[ECX] & bit_OSXSAVE))
		return false;
	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (low & state) == state;
}

static bool has(const struct feature *f)
{
	unsigned r[4];

	if (!f->lacks)
		return true;
	if (!__get_cpuid_count(f->leaf, 0, &r[EAX], &r[EBX], &r[ECX], &r[EDX]))
		return false;
	return (r[f->reg] >> f->bit & 1) && os_enabled(f->state);
}

#define N_FEATURES (sizeof(features) / sizeof(features[0]))

/*
 * In a guest CPUID is the hypervisor's to answer, some 20 us a time, and every row asks:
 * what it says is asked for once, before there is a second thread.
 */
static bool had[N_FEATURES];
static size_t line_bytes;

__attribute__((constructor)) static void probe(void)
{
	unsigned eax, ebx, ecx, edx;

	for (size_t i = 0; i < N_FEATURES; i++)
		had[i] = has(&features[i]);
	/* Intel SDM vol. 2A, CPUID.1:EBX[15:8]: CLFLUSH line size in 8 bytes. */
	__cpuid(1, eax, ebx, ecx, edx);
	line_bytes = (ebx >> 8 & 0xff) * 8;
}

const char *fp_arch_lacks(const char *feature)
{
	for (size_t i = 0; i < N_FEATURES; i++)
		if (!strcmp(features[i].name, feature))
			return had[i] ? NULL : features[i].lacks;
	return "this build has no probe for the feature that the row asks for";
}

size_t fp_arch_line_bytes(void)
{
	return line_bytes;
}

/*
 * LFENCE waits until every earlier instruction has executed, so that RDTSC
 * does not read the time before the batch has run.  It does not wait for
 * stores to leave the store buffer: a batch that wants that ends in a drain.
 */
uint64_t fp_arch_clock(void)
{
	_mm_lfence();
	return __rdtsc();
}

double fp_arch_clock_hz(void)
{
	/* CPUID.15H is absent or scaled on many machines and in most guests. */
	return 0;
}

int fp_arch_close_loop(void *code, size_t end, size_t head)
{
	int64_t distance = (int64_t)head - (int64_t)end;
	int32_t rel32 = (int32_t)distance;

	if (rel32 != distance)
		return -ERANGE;
	memcpy((char *)code + end - sizeof(rel32), &rel32, sizeof(rel32));
	return 0;
}

/* FP_PART_call: 16 bytes, leaq of 32 bits, movabsq, movl, movabsq: each ends in its number. */
int fp_arch_set_call(void *code, size_t bytes, const struct fp_call *call)
{
	enum { DISPLACEMENT = 16 + 3, FIXED = DISPLACEMENT + 4 + 2, BYTES = FIXED + 8 + 1,
	       FUNCTION = BYTES + 4 + 2 };
	unsigned char *at = code;
	uint32_t disp32 = (uint32_t)call->displacement, imm32 = (uint32_t)call->bytes;

	if (call->displacement > INT32_MAX || call->bytes > UINT32_MAX ||
	    bytes < FUNCTION + sizeof(call->function))
		return -ERANGE;
	memcpy(at + DISPLACEMENT, &disp32, sizeof(disp32));
	memcpy(at + FIXED, &call->fixed, sizeof(call->fixed));
	memcpy(at + BYTES, &imm32, sizeof(imm32));
	memcpy(at + FUNCTION, &call->function, sizeof(call->function));
	return 0;
}

struct core {
	char vendor[13];
	unsigned family, model, stepping;
};

static void read_core(struct core *core)
{
	unsigned r[4];

	__cpuid(0, r[EAX], r[EBX], r[ECX], r[EDX]);
	memcpy(core->vendor, &r[EBX], 4);
	memcpy(core->vendor + 4, &r[EDX], 4);
	memcpy(core->vendor + 8, &r[ECX], 4);
	core->vendor[12] = '\0';

	/* Intel SDM vol. 2A and AMD64 APM vol. 3, CPUID.1:EAX. */
	__cpuid(1, r[EAX], r[EBX], r[ECX], r[EDX]);
	core->family = r[EAX] >> 8 & 0xf;
	core->model = r[EAX] >> 4 & 0xf;
	core->stepping = r[EAX] & 0xf;
	if (core->family == 6 || core->family == 15)
		core->model |= r[EAX] >> 12 & 0xf0;
	if (core->family == 15)
		core->family += r[EAX] >> 20 & 0xff;
}

struct microarchitecture {
	const char *vendor;
	unsigned family, first_model, last_model;
	const char *name;
};

/*
 * Linux arch/x86/include/asm/intel-family.h (6.12) for Intel; for AMD the
 * model ranges in arch/x86/kernel/cpu/amd.c (6.12).
 */
static const struct microarchitecture microarchitectures[] = {
	{ "AuthenticAMD", 0x1a, 0x00, 0x2f, "Zen 5" },
	{ "AuthenticAMD", 0x1a, 0x40, 0x4f, "Zen 5" },
	{ "AuthenticAMD", 0x1a, 0x60, 0x7f, "Zen 5" },
	{ "AuthenticAMD", 0x19, 0x10, 0x1f, "Zen 4" },
	{ "AuthenticAMD", 0x19, 0x60, 0xaf, "Zen 4" },
	{ "AuthenticAMD", 0x19, 0x00, 0x0f, "Zen 3" },
	{ "AuthenticAMD", 0x19, 0x20, 0x5f, "Zen 3" },
	{ "AuthenticAMD", 0x17, 0x30, 0xaf, "Zen 2" },
	{ "AuthenticAMD", 0x17, 0x00, 0x2f, "Zen" },
	{ "GenuineIntel", 6, 0xad, 0xae, "Redwood Cove (Granite Rapids)" },
	{ "GenuineIntel", 6, 0xcf, 0xcf, "Raptor Cove (Emerald Rapids)" },
	{ "GenuineIntel", 6, 0x8f, 0x8f, "Golden Cove (Sapphire Rapids)" },
	{ "GenuineIntel", 6, 0x97, 0x97, "Alder Lake" },
	{ "GenuineIntel", 6, 0x9a, 0x9a, "Alder Lake" },
	{ "GenuineIntel", 6, 0xb7, 0xb7, "Raptor Lake" },
	{ "GenuineIntel", 6, 0x6a, 0x6c, "Sunny Cove (Ice Lake server)" },
	{ "GenuineIntel", 6, 0x7d, 0x7e, "Sunny Cove (Ice Lake)" },
	{ "GenuineIntel", 6, 0x55, 0x55, "Skylake server" },
	{ "GenuineIntel", 6, 0x4e, 0x4e, "Skylake" },
	{ "GenuineIntel", 6, 0x5e, 0x5e, "Skylake" },
};

static const char *microarchitecture(const struct core *core)
{
	const struct microarchitecture *m = microarchitectures;

	for (size_t n = sizeof(microarchitectures) / sizeof(*m); n--; m++)
		if (!strcmp(m->vendor, core->vendor) && m->family == core->family &&
		    m->first_model <= core->model && core->model <= m->last_model)
			return m->name;
	return "unknown";
}

static void read_brand(char *to, size_t size)
{
	unsigned brand[13] = { 0 }, max;
	char *text = (char *)brand;

	max = __get_cpuid_max(0x80000000, NULL);
	for (unsigned i = 0; i < 3 && max >= 0x80000004; i++)
		__cpuid(0x80000002 + i, brand[4 * i], brand[4 * i + 1], brand[4 * i + 2],
			brand[4 * i + 3]);
	while (*text == ' ')
		text++;
	snprintf(to, size, "%s", *text ? text : "unknown");
}

static void read_microcode(char *to, size_t size)
{
	char line[256];
	FILE *f = fopen("/proc/cpuinfo", "r");

	snprintf(to, size, "unknown");
	while (f && fgets(line, sizeof(line), f)) {
		char value[32];

		if (sscanf(line, "microcode : %31s", value) == 1) {
			snprintf(to, size, "%s", value);
			break;
		}
	}
	if (f)
		fclose(f);
}

static const struct {
	const char *signature, *name;
	bool emulated;
} hypervisors[] = {
	{ "KVMKVMKVM", "KVM", false },
	{ "TCGTCGTCGTCG", "QEMU TCG", true },
	{ "VMwareVMware", "VMware", false },
	{ "Microsoft Hv", "Hyper-V", false },
	{ "XenVMMXenVMM", "Xen", false },
	{ "bhyve bhyve ", "bhyve", false },
};

static void read_hypervisor(struct fp_cpu *cpu)
{
	unsigned r[4];
	char signature[13];

	snprintf(cpu->hypervisor, sizeof(cpu->hypervisor), "none");
	__cpuid(1, r[EAX], r[EBX], r[ECX], r[EDX]);
	if (!(r[ECX] >> 31 & 1))
		return;
	__cpuid(0x40000000, r[EAX], r[EBX], r[ECX], r[EDX]);
	memcpy(signature, &r[EBX], 12);
	signature[12] = '\0';
	snprintf(cpu->hypervisor, sizeof(cpu->hypervisor), "unknown (%s)", signature);
	for (size_t i = 0; i < sizeof(hypervisors) / sizeof(hypervisors[0]); i++)
		if (!strncmp(signature, hypervisors[i].signature,
			     strlen(hypervisors[i].signature))) {
			snprintf(cpu->hypervisor, sizeof(cpu->hypervisor), "%s",
				 hypervisors[i].name);
			cpu->emulated = hypervisors[i].emulated;
		}
}

static void read_user_emulation(struct fp_cpu *cpu)
{
	if (!is_named_as_emulator())
		return;
	snprintf(cpu->hypervisor, sizeof(cpu->hypervisor), "qemu-user");
	cpu->emulated = true;
}

void fp_arch_identify(struct fp_cpu *cpu)
{
	struct core core;

	memset(cpu, 0, sizeof(*cpu));
	read_core(&core);
	read_brand(cpu->model, sizeof(cpu->model));
	snprintf(cpu->microarchitecture, sizeof(cpu->microarchitecture), "%s",
		 microarchitecture(&core));
	snprintf(cpu->key, sizeof(cpu->key), "%s-%u-%u-%u", core.vendor, core.family, core.model,
		 core.stepping);
	read_microcode(cpu->microcode, sizeof(cpu->microcode));
	read_hypervisor(cpu);
	read_user_emulation(cpu);
}

/*
 * add r64,r64 has had a latency of 1 and imul r64,r64 of 3 on every Intel
 * core since Nehalem and every AMD core since Zen; where they were not, the two
 * would disagree and no cycles be reported.
 */
void fp_arch_chains(struct fp_chain chains[2])
{
	chains[0] = (struct fp_chain){ FP_PART_chain, 1,
		"InstLatx64 (commit 087af2c7d72c): ADD r64,r64 latency 1 on every core here" };
	chains[1] = (struct fp_chain){ FP_PART_cross_chain, 3,
		"InstLatx64 (commit 087af2c7d72c): IMUL r64,r64 latency 3 on every core here" };
}

static void add_published(struct fp_published **next, const char *row, double cycles,
			  const char *source)
{
	if (cycles > 0)
		*(*next)++ = (struct fp_published){ row, cycles, source };
}

const struct fp_published *fp_arch_published(void)
{
	static struct fp_published rows[8];
	struct fp_published *next = rows;
	struct core core;

	read_core(&core);
	for (size_t i = 0; i < sizeof(published_cores) / sizeof(published_cores[0]); i++) {
		const struct published_core *p = &published_cores[i];

		if (strcmp(p->microarchitecture, microarchitecture(&core)))
			continue;
		add_published(&next, "nop", p->nop, p->source);
		add_published(&next, "sfence", p->sfence, p->source);
		add_published(&next, "lfence", p->lfence, p->source);
		add_published(&next, "mfence", p->mfence, p->source);
		add_published(&next, "lock_add", p->lock_add, p->source);
		add_published(&next, "xchg", p->xchg, p->source);
		add_published(&next, "serialize", p->serialize, p->source);
	}
	*next = (struct fp_published){ NULL, 0, NULL };
	return rows;
}
