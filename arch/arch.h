/* SPDX-License-Identifier: MIT */
/*
 * arch.h - what every architecture supplies, under the same names.
 *
 * An architecture is a line of architectures.def and its folder:
 *
 *   barriers.def  BARRIER(id, text, feature, columns...)
 *   accesses.def  ACCESS(id, text, feature, columns...)
 *   locks.def     LOCK(id, lock text, unlock text, feature, columns...)
 *   copies.def    COPY(id, function, feature, columns...), with the functions in
 *                 copies*.c: one file an ISA level, with that level's flags
 *   parts.def     PART(id, text): the sequencer's own pieces, below
 *   facts.def     ATTRIBUTE(number, memory types, name), MEMORY(type, number),
 *                 FACT(name, text): every other fact that can be told in words
 *   words.def     what a disassembler calls things, for the tests
 *   assembler.h   how the texts are to be assembled and disassembled
 *   native.c      clock, features, identity, chains, patching
 *
 * The text column is what is shown and what is assembled: there is no second
 * copy of an instruction that could disagree.  The .def files of all
 * architectures are read for their descriptive columns by arch/tables.c, so
 * that every binary can look up every row; those of the own architecture are
 * read once more by arch/fragments.c, which turns the text into machine code.
 */
#ifndef FENCEPOST_ARCH_H
#define FENCEPOST_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fp_arch_id {
#define ARCHITECTURE(ID, NAME, FOLDER) FP_##ID,
#include "architectures.def"
#undef ARCHITECTURE
	FP_ARCHES
};

/*
 * What a barrier does.  Three words that are not to be mixed:
 *   ordered    A is seen before B
 *   pushed out A leaves this CPU's buffers soon, rather than some time
 *   completed  A has arrived; the CPU knows before it goes on
 */
enum fp_does { FP_NOTHING = 0, FP_ORDERED = 1, FP_PUSHED_OUT = 2, FP_COMPLETED = 4 };

/* Who sees the order that a barrier makes. */
enum fp_seen_by { FP_NOBODY = 0, FP_THIS_CPU = 1, FP_OTHER_CPUS = 2, FP_DEVICE = 4 };

/*
 * Memory types as a user asks for them.  Which attribute each has, in the
 * architecture's own words, is among its facts.
 */
enum fp_memory { FP_WB = 1, FP_WC = 2, FP_UC = 4, FP_DEV = 8 };
#define FP_ALL_MEMORY (FP_WB | FP_WC | FP_UC | FP_DEV)

enum fp_kind { FP_FENCE, FP_RELEASE_STORE, FP_ACQUIRE_LOAD, FP_RMW, FP_LINE_FLUSH, FP_KINDS };

/*
 * One barrier.  Every string is in English and none may be empty: a row
 * without a source does not build (tests/unit/test_tables.c).
 */
struct fp_barrier {
	const char *id;		 /* [a-z0-9_]+, fixed: filters and history use it */
	const char *text;	 /* assembler text; statements are separated by ';' */
	const char *feature;	 /* what the CPU needs, for fp_arch_lacks(); "base" for none */
	enum fp_kind kind;
	unsigned does;		 /* enum fp_does */
	unsigned seen_by;	 /* enum fp_seen_by */
	unsigned memory;	 /* enum fp_memory: types for which .does holds */
	const char *orders;	 /* which accesses before which */
	const char *does_not;	 /* what it is often taken for and is not */
	const char *source;	 /* manual, revision and section; or kernel file and version */
	const char *const *names; /* "peer:name" or "peer:name note", NULL at the end */
};
#define FP_NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

enum fp_access_kind { FP_LOAD, FP_STORE };
enum fp_flavour { FP_PLAIN, FP_NONTEMPORAL, FP_DIRECT, FP_EXCLUSIVE };

/* One load or store of one width and flavour. */
struct fp_access {
	const char *id;
	const char *text;
	const char *feature;
	enum fp_access_kind kind;
	enum fp_flavour flavour;
	unsigned width;	   /* bytes that the row accesses in all: 1 to 64 */
	unsigned memory;   /* types on which it is architecturally allowed */
	const char *note;  /* what a reader must know before trusting a figure */
	const char *source;
};

/* One lock: the sequences of an uncontended lock and unlock. */
struct fp_lock {
	const char *id;
	const char *text;	 /* lock */
	const char *unlock_text;
	const char *feature;
	const char *contains;	 /* which memory types' accesses stay inside, and for whom */
	const char *does_not;
	const char *source;
	const char *const *names;
};

enum fp_direction { FP_COPY_TO, FP_COPY_FROM, FP_COPY_SET };

/*
 * One way to copy bytes to a device (or from it, or to set them): a function
 * that takes destination, source and bytes.  FP_COPY_SET takes the byte to set
 * from *from.
 */
struct fp_copy {
	const char *id;		  /* [a-z0-9_]+(@version)?: the version it was so in */
	const char *feature;
	enum fp_direction direction;
	enum fp_flavour stores;	  /* FP_PLAIN, FP_NONTEMPORAL or FP_DIRECT */
	/*
	 * Each byte is written once, in ascending order, and none outside of the
	 * destination: what a device's registers and FIFOs ask for, and what the
	 * tests prove for each row that claims it.
	 */
	bool device_safe;
	bool in_kernel;		  /* only general registers: no kernel_fpu_begin() or its like */
	unsigned unit;		  /* bytes: the count must be a multiple; 1, 4, 8 or 64 */
	unsigned whole;		  /* bytes: of no multiple the ends are plain stores; 0: 1 */
	unsigned align;		  /* bytes: the destination's alignment that it needs */
	unsigned memory;	  /* enum fp_memory: types on which it is allowed; 0: all */
	bool common;		  /* among the few that --quick times */
	const char *note;	  /* the stores that it makes, and what a reader must know */
	const char *source;
	const char *const *names; /* "kernel:memcpy_toio", ... */
};
typedef void fp_copy_function(void *to, const void *from, size_t bytes);

/* What a page-table entry says, as the module tells it (linux/fencepost.h). */
struct fp_attribute {
	unsigned number;    /* FENCEPOST_ATTR_* */
	unsigned memory;    /* enum fp_memory: what it serves as; 0: nothing that is asked for */
	const char *name;   /* in the words of the architecture's manual */
};

/* The attribute that Linux gives a mapping of this type. */
struct fp_mapped_as {
	enum fp_memory memory;
	unsigned number;    /* FENCEPOST_ATTR_* */
};

/* The descriptive rows of one architecture; in every binary. */
struct fp_arch_tables {
	const char *name;   /* "x86_64", "arm64", "ppc64le" */
	const struct fp_barrier *barriers;
	size_t n_barriers;
	const struct fp_access *accesses;
	size_t n_accesses;
	const struct fp_lock *locks;
	size_t n_locks;
	const struct fp_copy *copies;
	size_t n_copies;
	const struct fp_attribute *attributes; /* name == NULL at the end */
	const struct fp_mapped_as *mapped_as;  /* memory == 0 at the end */
	const char *objdump_options;	/* what objdump calls it: for -m and -M */
	/* Ids of barriers. */
	const char *flush;		/* what drivers put behind a copy to WC */
	const char *before_doorbell;	/* what a driver needs between payload and doorbell */
	const char *full;		/* the full one that is often taken instead */
};
extern const struct fp_arch_tables fp_arch_tables[FP_ARCHES];

/* Machine code to be copied; position independent, no relocations. */
struct fp_fragment {
	const void *code;
	size_t bytes;
};

/*
 * The sequencer's registers.  A fragment finds these and leaves them as they
 * were, except as its own row says.
 *
 *             x86-64  arm64  ppc64le
 *   line      rdi     x0     r3     address of the next access
 *   hot       rsi     x1     r4     a line in L1 that holds its own address
 *   value     rax     x2     r5     what is stored; a lock may change it
 *   result    rdx     x3     r6     what is loaded; a fragment may change it
 *   count     rcx     x4     ctr    loops left; fragments keep off
 *   offset    r8      x5     r7     of line in its region
 *   stride    r9      x6     r8     from one line to the next, modulo the region
 *   mask      r10     x7     r9     size of the region, less one line
 *   base      r11     x8     r10    start of the region
 *   side      r13     x9     r11    a second line in L1, for stores and locks
 *   zero      r15     x10    r12    0
 *   one       r14     x11    r0     1
 *   batch     rbp     x16    r31    struct fp_batch
 *   log       r12     x15    r29    the log's next place, from log_begin to log_end
 *   scratch   rbx     x12 x13 r30
 *
 * A row uses no other general register, so that log lives in any program.
 */
enum fp_part {
	FP_PART_entry,	     /* called with struct fp_batch *; loads the registers */
	FP_PART_loop_end,    /* counts down, branches to the head (fp_arch_close_loop) */
	FP_PART_leave,	     /* stores the offset back into the batch, returns */
	FP_PART_nop,
	FP_PART_return,	     /* ends a function of one fragment (fp_sequence_function) */
	FP_PART_next_line,   /* line = base + (offset = (offset + stride) & mask) */
	FP_PART_step,	     /* line = line + one line */
	FP_PART_rewind,	     /* line = base + offset */
	FP_PART_line_up,     /* line = line + 8 */
	FP_PART_line_down,   /* line = line - 8 */
	FP_PART_line_tie,    /* makes line wait for the value of hot */
	FP_PART_offset_up,   /* offset = offset + 8 */
	FP_PART_tie,	     /* makes the next offset wait for the value of hot */
	FP_PART_chain,	     /* hot = hot + zero: the calibration chain, register-register */
	FP_PART_cross_chain, /* hot = hot * one: its cross-check, and a slow link */
	FP_PART_load_next,   /* hot = *hot: the next load */
	FP_PART_store_next,  /* *side = value: the next store */
	FP_PART_store_line,  /* *line = value, 8 bytes */
	/*
	 * Writes line's cache line back and invalidates it.  The one part that an
	 * architecture may lack: no program may do so on each.
	 */
	FP_PART_flush_line,
	FP_PART_drain,	     /* waits until every earlier store has been performed */
	FP_PART_at_doorbell, /* line = batch->at[0] */
	FP_PART_at_flag,     /* line = batch->at[1] */
	FP_PART_at_reply,    /* line = batch->at[2] */
	FP_PART_log_begin,   /* log = batch->log: once, before the loop's head */
	FP_PART_record,	     /* *log = result, log = log + 8 */
	FP_PART_log_end,     /* batch->log = log: once, behind the loop */
	/*
	 * value = value + one.  Copies of value that entry made for stores wider
	 * than a register (parts.def) keep the old one.
	 */
	FP_PART_value_up,
	/*
	 * result = *line, 8 bytes, until it equals value or batch->stop is not 0.
	 * Orders nothing: a barrier behind it is the program's affair.
	 */
	FP_PART_await,
	FP_PART_line_tie_result, /* makes line wait for the value of result */
	/*
	 * The call of one struct fp_call (fp_arch_set_call says which), to a
	 * place counted from line or from there.  All but result and scratch is
	 * kept; wide copies of value hold value again.
	 */
	FP_PART_call,
	FP_PART_call_from,
	FP_PARTS
};

/* Where a step of a program works. */
enum fp_location {
	FP_AT_PAYLOAD,	/* base + offset: FP_PART_rewind */
	FP_AT_DOORBELL, /* at[0] of the batch, and so on */
	FP_AT_FLAG,
	FP_AT_REPLY,
	FP_AT_LOCK,	/* side */
	FP_AT_LOG,
	FP_LOCATIONS
};

/* One call of a copy: function(line + displacement, fixed, bytes), or the reverse. */
struct fp_call {
	fp_copy_function *function; /*  0 */
	uint64_t displacement;	    /*  8: bytes, from line to the side that moves */
	void *fixed;		    /* 16: the other side */
	uint64_t bytes;		    /* 24 */
};

/*
 * What a sequence works on; loaded by FP_PART_entry, which fixes the layout.
 * offset is written back, so that the next batch goes on with fresh lines; so
 * is log, by FP_PART_log_end.
 */
struct fp_batch {
	void *base;	 /*  0: region, aligned to its size */
	uint64_t offset; /*  8: bytes, below mask + 1 */
	uint64_t stride; /* 16: bytes, an odd number of lines: visits each line once */
	uint64_t mask;	 /* 24: bytes: (size - 1) & ~(line - 1) */
	void *hot;	 /* 32 */
	void *side;	 /* 40 */
	uint64_t loops;	 /* 48: at least 1 */
	uint64_t value;	 /* 56 */
	void *at[3];	 /* 64: enum fp_location, FP_AT_DOORBELL first */
	uint64_t *log;	 /* 88: where the next result is recorded */
	uint64_t stop;	 /* 96: any other than 0 releases await, at any time */
};

/* Machine code of the own architecture, by the index of the rows above. */
struct fp_native {
	enum fp_arch_id id;
	const struct fp_fragment *barriers;
	const struct fp_fragment *accesses;
	const struct fp_fragment *locks;
	const struct fp_fragment *unlocks;
	const struct fp_fragment *parts; /* by enum fp_part */
	fp_copy_function *const *copies;
};
extern const struct fp_native fp_native;

/* A dependent chain of one instruction, to measure core cycles without a PMU. */
struct fp_chain {
	enum fp_part part;
	double latency;	    /* core cycles a link; 0: not known for this CPU */
	const char *source; /* where the latency is published */
};

/* A figure published for this microarchitecture, to hold ours against. */
struct fp_published {
	const char *row;    /* barrier or access id, idle */
	double cycles;	    /* core cycles an instruction, reciprocal throughput */
	const char *source;
};

struct fp_cpu {
	char model[96];		  /* as the vendor writes it */
	char microarchitecture[48]; /* "Zen 5", "Neoverse N1", "POWER9"; "unknown" */
	char key[64];		  /* numbers that identify it: "AuthenticAMD-26-2-1" */
	char microcode[32];	  /* "unknown" where it can't be read */
	char hypervisor[32];	  /* "none", "KVM", "QEMU TCG", ... */
	bool emulated;		  /* known to be emulated: timings mean nothing */
};

/* The rest of an architecture: native.c. */

/* NULL if the CPU and OS have it; else why not, in one line, static storage. */
const char *fp_arch_lacks(const char *feature);

/* Bytes of a cache line for the flush instruction; a power of two. */
size_t fp_arch_line_bytes(void);

/*
 * The clock, in ticks; constant rate, readable at user level.  Earlier
 * instructions have executed when it is read; earlier stores may still be on
 * their way.
 */
uint64_t fp_arch_clock(void);

/* Ticks a second as the architecture states it; 0: must be measured. */
double fp_arch_clock_hz(void);

/* Points the branch that ends at code + end to code + head. 0 or -ERANGE. */
int fp_arch_close_loop(void *code, size_t end, size_t head);

/*
 * Makes the FP_PART_call or FP_PART_call_from that lies at code one of *call, which
 * has to stay where it is as long as the code is run.  0; -ERANGE for a displacement
 * of 2 GiB and more, or where there is not so much code.
 */
int fp_arch_set_call(void *code, size_t bytes, const struct fp_call *call);

void fp_arch_identify(struct fp_cpu *cpu);

/* The chain [0] and its cross-check [1]. */
void fp_arch_chains(struct fp_chain chains[2]);

/* Published figures for this CPU, row == NULL at the end; never NULL. */
const struct fp_published *fp_arch_published(void);

#endif
