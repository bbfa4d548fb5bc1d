// SPDX-License-Identifier: MIT
/*
 * step [ARCHITECTURE SUBJECT] - does each copy write each byte once, in
 * ascending order, and none outside?
 *
 * It runs the subject instruction by instruction.  Before each, it lays bytes
 * that the copy would not write over destination and margins, other ones each
 * time; after it, the bytes that differ are those that the instruction wrote:
 * also a byte written a second time, or read earlier and written back.  What
 * one instruction writes counts as one store, ascending in itself.  Not seen:
 * an instruction that reads a byte and writes the same one back; loads.
 *
 * A row that claims device_safe has to be so in every case; one that does not,
 * has to fail in at least one: the column is true in both directions.  Excepted
 * are rows with stores wider than a general register, which may claim less:
 * the order inside of one is not promised everywhere.
 *
 * Without arguments: this architecture's subject, from the folder of this
 * program.  With FENCEPOST_RUNNER (the words that start a program under
 * qemu-user) by the emulator's debug stub, otherwise by ptrace.
 */
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch.h"
#include "proof.h"
#include "tap.h"
#include "tracer.h"

#define MAX_STEPS (1 << 20)
#define MAX_ROWS  256

struct common;

struct proof {
	struct tracer tracer;
	char *command[32];
	const struct fp_arch_tables *own;
	uint64_t address; /* of the subject's struct proof_case */
	bool runs;
	char lacks[MAX_ROWS][128]; /* "" if nothing */
	uint64_t function[MAX_ROWS];
	struct common *common;
};

/* One row, or mutant, on its way through the cases. */
struct trial {
	struct proof *proof;
	bool wanted, ended;
	size_t row;
	unsigned unit, align;
	bool set;
	/* the case */
	struct proof_case laid, seen;
	long next; /* byte that is to be written next */
	unsigned step;
	enum proof_fault fault;
	char why[192];
	/* all cases */
	unsigned long cases, steps, stores;
	long widest; /* bytes written by one instruction */
	int err;
};

/* What the workers share: each takes the next row. */
struct common {
	atomic_size_t next;
	struct trial trials[MAX_ROWS];
};

struct mutant {
	const char *name;
	enum proof_fault fault;
	const char *does;
};
static const struct mutant mutants[] = {
#define MUTANT(NAME, FAULT, DOES) { #NAME, FAULT, DOES },
	PROOF_MUTANTS(MUTANT)
#undef MUTANT
};
#define N_MUTANTS (sizeof(mutants) / sizeof(mutants[0]))

/*
 * The subject
 */

static void read_line(int file, char *line, size_t size)
{
	size_t length = 0;
	char c;

	while (read(file, &c, 1) == 1 && c != '\n')
		if (length + 1 < size)
			line[length++] = c;
	line[length] = '\0';
}

static void read_row(struct proof *p, size_t row)
{
	char line[160], *lacks;

	read_line(p->tracer.output, line, sizeof(line));
	p->function[row] = strtoull(line, &lacks, 16);
	snprintf(p->lacks[row], sizeof(p->lacks[row]), "%s", *lacks ? lacks + 1 : "");
}

static int get_ready(struct proof *p)
{
	int signal = p->tracer.ops->run(&p->tracer, false);

	return signal == PROOF_READY ? 0 : signal < 0 ? signal : -EPROTO;
}

/* Starts the subject and brings it to where it waits for its first case. */
static int start(struct proof *p)
{
	struct tracer *t = &p->tracer;
	struct proof_case seen;
	char line[64];
	int err = t->ops->start(t, p->command);

	if (!err)
		err = get_ready(p);
	if (err)
		return err;
	read_line(t->output, line, sizeof(line));
	p->address = strtoull(line, NULL, 16);
	err = tracer_read(t, p->address, &seen, sizeof(seen));
	if (err || seen.magic != PROOF_MAGIC)
		return err ? err : -EFAULT;
	for (size_t i = 0; i < p->own->n_copies; i++)
		read_row(p, i);
	p->runs = true;
	return 0;
}

static void end(struct proof *p)
{
	p->tracer.ops->end(&p->tracer);
	p->runs = false;
}

/*
 * One case
 */

static __attribute__((format(printf, 3, 4))) bool blame(struct trial *t, enum proof_fault fault,
							 const char *fmt, ...)
{
	const struct proof_case *c = &t->laid;
	va_list args;
	int n;

	n = snprintf(t->why, sizeof(t->why), "%llu bytes at offset %llu, step %u: ",
		     (unsigned long long)c->bytes, (unsigned long long)c->offset, t->step);
	va_start(args, fmt);
	vsnprintf(t->why + n, sizeof(t->why) - (size_t)n, fmt, args);
	va_end(args);
	t->fault = fault;
	return false;
}

/* What the copy writes to byte i of the destination, or would if it went on. */
static unsigned char wanted(const struct trial *t, long i)
{
	return proof_pattern((long)t->laid.from + (t->set ? 0 : i));
}

/* Bytes of the area that are watched in this case. */
static size_t watched(const struct proof_case *c)
{
	return 2 * PROOF_MARGIN + c->offset + c->bytes;
}

/* Never what is wanted, and for 255 steps never the same. */
static void lay(struct trial *t)
{
	unsigned char differs = (unsigned char)(1 + t->step % 255);
	struct proof_case *c = &t->laid;
	long start = PROOF_MARGIN + (long)c->offset;

	for (size_t i = 0; i < watched(c); i++)
		c->area[i] = wanted(t, (long)i - start) ^ differs;
}

/* The first and last byte that the step wrote, relative to the destination. */
static bool find_written(const struct trial *t, long *first, long *last)
{
	const unsigned char *laid = t->laid.area, *seen = t->seen.area;
	long n = (long)watched(&t->laid), start = PROOF_MARGIN + (long)t->laid.offset;
	long i = 0;

	if (!memcmp(laid, seen, (size_t)n))
		return false;
	while (laid[i] == seen[i])
		i++;
	*first = i - start;
	for (i = n - 1; laid[i] == seen[i]; i--)
		;
	*last = i - start;
	return true;
}

static bool is_unwritten(const struct trial *t, long i)
{
	size_t at = (size_t)(PROOF_MARGIN + (long)t->laid.offset + i);

	return t->laid.area[at] == t->seen.area[at];
}

static bool is_wrong(const struct trial *t, long i)
{
	return t->seen.area[PROOF_MARGIN + (long)t->laid.offset + i] != wanted(t, i);
}

/* Is what one step has written, bytes first to last, what had to come? */
static bool judge_store(struct trial *t, long first, long last)
{
	if (first < 0 || last >= (long)t->laid.bytes)
		return blame(t, PROOF_OUTSIDE, "wrote bytes %ld to %ld: outside", first, last);
	for (long i = first; i <= last; i++) {
		if (is_unwritten(t, i))
			return blame(t, PROOF_GAP, "wrote bytes %ld to %ld without byte %ld",
				     first, last, i);
		if (is_wrong(t, i))
			return blame(t, PROOF_WRONG, "wrote byte %ld with a wrong value", i);
	}
	if (first != t->next)
		return blame(t, first < t->next ? PROOF_AGAIN : PROOF_ORDER,
			     "wrote bytes %ld to %ld, %s", first, last,
			     first < t->next ? "of which some had been written" :
					       "before those in front of them");
	t->next = last + 1;
	t->stores++;
	if (t->widest < last + 1 - first)
		t->widest = last + 1 - first;
	return true;
}

/* One instruction; whether to go on.  *err is for what is not the copy's fault. */
static bool step_once(struct trial *t, int *err)
{
	struct tracer *tracer = &t->proof->tracer;
	uint64_t area = t->proof->address + offsetof(struct proof_case, area);
	uint64_t done = t->proof->address + offsetof(struct proof_case, done);
	size_t n = watched(&t->laid);
	long first, last;
	int signal;

	lay(t);
	*err = tracer_write(tracer, area, t->laid.area, n);
	signal = *err ? *err : tracer->ops->run(tracer, true);
	if (signal > 0 && signal != SIGTRAP)
		return blame(t, PROOF_DIED, "died of SIG%s", sigabbrev_np(signal));
	*err = signal < 0 ? signal :
			    tracer_read(tracer, done, &t->seen.done, sizeof(t->seen.done) + n);
	if (*err)
		return false;
	t->step++;
	t->steps++;
	if (find_written(t, &first, &last) && !judge_store(t, first, last))
		return false;
	if (t->step == MAX_STEPS)
		return blame(t, PROOF_ENDLESS, "did not end");
	return !t->seen.done;
}

/* Steps through one case.  A copy that went wrong costs the subject. */
static int try_case(struct trial *t)
{
	struct proof *p = t->proof;
	int err = p->runs ? 0 : start(p);

	if (err)
		return err;
	t->laid.done = 0;
	t->laid.magic = PROOF_MAGIC;
	t->next = t->step = 0;
	t->fault = PROOF_NONE;
	err = tracer_write(&p->tracer, p->address, &t->laid,
				   offsetof(struct proof_case, area));
	if (!err)
		err = get_ready(p);
	while (!err && step_once(t, &err))
		;
	if (!err && !t->fault && t->next != (long)t->laid.bytes)
		blame(t, PROOF_MISSING, "ended before byte %ld was written", t->next);
	t->cases++;
	if (err || t->fault) {
		end(p);
		return err;
	}
	return get_ready(p);
}

/*
 * All cases of a row
 */

static int try_size(struct trial *t, size_t bytes)
{
	static const unsigned char offsets[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 63 };
	int err = 0;

	for (size_t i = 0; i < sizeof(offsets) && !err && !t->fault; i++) {
		if (offsets[i] % t->align || bytes % t->unit)
			continue;
		t->laid.bytes = bytes;
		t->laid.offset = offsets[i];
		/* Aligned to each other, as copies like it, or any other way. */
		t->laid.from = (offsets[i] + (bytes % 4 ? 0 : bytes / 4 * 5)) % PROOF_FROM;
		err = try_case(t);
	}
	return err;
}

/* Ends with the first case that fails. */
static int try_all(struct trial *t)
{
	int err = 0;

	t->laid.row = t->row;
	for (size_t bytes = 1; bytes <= 80 && !err && !t->fault; bytes++)
		err = try_size(t, bytes);
	if (!err && !t->fault)
		err = try_size(t, 128);
	if (!err && !t->fault)
		err = try_size(t, 256);
	return err;
}

/*
 * What one instruction writes has no order that could be seen here.  A row of
 * wide stores may rightly claim less than what was seen.
 */
static void report_unclaimed(const struct fp_copy *copy, const struct trial *t)
{
	if (t->widest > (long)sizeof(uint64_t))
		tap_ok(true, "%s does not claim to be device-safe, for its stores of %ld bytes: "
		       "%lu cases", copy->id, t->widest, t->cases);
	else
		tap_ok(false, "%s does not claim to be device-safe, and was in %lu cases",
		       copy->id, t->cases);
}

static void report(const struct fp_copy *copy, const struct trial *t)
{
	if (!t->ended || t->err)
		tap_ok(false, "%s could not be stepped: %s", copy->id, strerror(-t->err));
	else if (t->fault)
		tap_ok(!copy->device_safe && t->fault <= PROOF_GAP, "%s %s: %s", copy->id,
		       copy->device_safe ? "claims to be device-safe" : "is not device-safe",
		       t->why);
	else if (!t->cases)
		tap_ok(false, "%s has no case that fits its unit and alignment", copy->id);
	else if (!copy->device_safe)
		report_unclaimed(copy, t);
	else
		tap_ok(true, "%s writes each byte once, ascending: %lu cases, %lu stores", copy->id,
		       t->cases, t->stores);
}

/* Rows may share a function: the first of them is stepped for all. */
static size_t find_first(const struct proof *p, size_t row)
{
	const struct fp_copy *copies = p->own->copies, *c = &copies[row];

	for (size_t i = 0; i < row; i++)
		if (p->function[i] == p->function[row] && copies[i].unit == c->unit &&
		    copies[i].align == c->align && copies[i].direction == c->direction)
			return i;
	return row;
}

static bool is_steppable(const struct proof *p, size_t row)
{
	return !p->lacks[row][0] && p->own->copies[row].direction != FP_COPY_FROM;
}

static void test_row(const struct proof *p, size_t row)
{
	const struct fp_copy *copy = &p->own->copies[row];
	const struct trial *t = &p->common->trials[find_first(p, row)];

	if (p->lacks[row][0])
		printf("# not stepped: %s: %s\n", copy->id, p->lacks[row]);
	if (!is_steppable(p, row))
		return;
	report(copy, t);
	if (getenv("FENCEPOST_PROOF_STEPS"))
		printf("# %lu steps\n", t->steps);
}

static void test_mutant(const struct proof *p, size_t i)
{
	const struct mutant *m = &mutants[i];
	const struct trial *t = &p->common->trials[p->own->n_copies + i];

	tap_ok(t->ended && !t->err && t->fault == m->fault, "a copy that %s is %s%s%s", m->does,
	       m->fault ? "caught" : "found right", *t->why ? ": " : "",
	       t->err ? strerror(-t->err) : t->why);
}

static bool is_id(const struct fp_copy *copy, const char *id)
{
	return !strcmp(copy->id, id);
}

/* The yardstick is a copy that is known to be unsafe: it has to be among those stepped. */
static void test_yardstick(const struct proof *p)
{
	bool found = false;

	for (size_t i = 0; i < p->own->n_copies; i++)
		found |= is_id(&p->own->copies[i], "glibc_memcpy") && !p->lacks[i][0];
	tap_ok(found, "glibc_memcpy is among them");
}

/*
 * Setting up
 */

static const struct fp_arch_tables *find_tables(const char *name)
{
	for (size_t i = 0; i < FP_ARCHES; i++)
		if (!strcmp(fp_arch_tables[i].name, name))
			return &fp_arch_tables[i];
	return NULL;
}

static const char *beside_me(const char *name)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 64);
	char *slash;

	path[n < 0 ? 0 : n] = '\0';
	slash = strrchr(path, '/');
	strcpy(slash ? slash + 1 : path, name);
	return path;
}

static void set_command(struct proof *p, char *runner, const char *subject)
{
	size_t n = 0;

	for (char *word = strtok(runner, " "); word && n < 30; word = strtok(NULL, " "))
		p->command[n++] = word;
	p->command[n] = (char *)(uintptr_t)subject;
}

static int set_up(struct proof *p, int argc, char **argv)
{
	char *runner = strdup(getenv("FENCEPOST_RUNNER") ?: "");

	if (!runner)
		return -ENOMEM;
	p->own = argc == 3 ? find_tables(argv[1]) : &fp_arch_tables[fp_native.id];
	if (!p->own || p->own->n_copies + N_MUTANTS > MAX_ROWS)
		return -EINVAL;
	p->common = mmap(NULL, sizeof(*p->common), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p->common == MAP_FAILED)
		return -errno;
	p->tracer.ops = *runner ? &tracer_remote : &tracer_ptrace;
	set_command(p, runner, argc == 3 ? argv[2] : beside_me("subject"));
	return start(p);
}

/*
 * The workers: one a CPU, up to a few
 */

static void plan(struct proof *p)
{
	for (size_t i = 0; i < p->own->n_copies + N_MUTANTS; i++) {
		bool row = i < p->own->n_copies;
		const struct fp_copy *copy = &p->own->copies[row ? i : 0];
		struct trial *t = &p->common->trials[i];

		t->proof = p;
		t->row = i;
		t->wanted = !row || (is_steppable(p, i) && find_first(p, i) == i);
		t->unit = row ? copy->unit : 1;
		t->align = row ? copy->align : 1;
		t->set = row && copy->direction == FP_COPY_SET;
	}
}

/*
 * Both take turns, thousands of times a second: on one CPU that costs a
 * fraction of what it costs to wake another.
 */
static void stay_on(size_t nth)
{
	cpu_set_t allowed, one;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	CPU_ZERO(&one);
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && nth-- == 0)
			CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

static _Noreturn void work(struct proof *p, size_t worker)
{
	size_t n = p->own->n_copies + N_MUTANTS, i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stay_on(worker);
	while ((i = atomic_fetch_add(&p->common->next, 1)) < n) {
		struct trial *t = &p->common->trials[i];

		if (!t->wanted)
			continue;
		t->err = try_all(t);
		t->ended = true;
	}
	end(p);
	_exit(0);
}

static void run_workers(struct proof *p)
{
	cpu_set_t allowed;
	size_t n;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	n = (size_t)CPU_COUNT(&allowed);
	for (size_t i = 0; i < (n < 8 ? n : 8); i++)
		if (fork() == 0)
			work(p, i);
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	static struct proof p;
	int err;

	if (getenv("FENCEPOST_EMULATED") && !getenv("FENCEPOST_RUNNER")) {
		tap_skip("qemu-user has no ptrace, and FENCEPOST_RUNNER does not say how to start it");
		return tap_done();
	}
#ifdef __SANITIZE_ADDRESS__
	tap_skip("a sanitizer writes beside what the copies write");
	return tap_done();
#endif
	err = set_up(&p, argc, argv);
	if (err) {
		tap_ok(false, "the subject starts, to be stepped: %s", strerror(-err));
		return tap_done();
	}
	end(&p);
	plan(&p);
	run_workers(&p);
	for (size_t i = 0; i < N_MUTANTS; i++)
		test_mutant(&p, i);
	for (size_t i = 0; i < p.own->n_copies; i++)
		test_row(&p, i);
	test_yardstick(&p);
	return tap_done();
}
