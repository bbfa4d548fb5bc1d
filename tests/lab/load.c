// SPDX-License-Identifier: MIT
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define NUMBER	2   /* of the BAR */
#define WARM	3   /* attempts of each thread before the device goes */
#define AFTER	10  /* and afterwards */
#define PATIENCE_S 300
#define PAGES	32  /* of each thread's mapping; the first WC, the second half UC */

/* What came of an attempt. */
enum outcome { WORKED, REFUSED, WRONG, OUTCOMES };

struct load {
	const char *path;
	int fd;
	size_t page;
	volatile unsigned char *wc, *uc; /* of all threads */
	atomic_uint warm;
	atomic_bool gone;
};

struct worker {
	pthread_t thread;
	struct load *load;
	const struct role *role;
	uint64_t random;
	unsigned char *own; /* a mapping of this thread's, to be moved about */
	unsigned outcomes[OUTCOMES], late; /* late: worked when the device was gone */
	int last;			   /* what was wrong: errno, or the like */
};

struct role {
	const char *name;
	enum outcome (*attempt)(struct worker *w);
	unsigned threads;
};

static volatile unsigned char *somewhere(struct worker *w)
{
	volatile unsigned char *base = bar_random(&w->random) & 1 ? w->load->wc : w->load->uc;

	return base + bar_random(&w->random) % (PAGES * w->load->page / 8) * 8;
}

static enum outcome store(struct worker *w)
{
	return bar_store_faults(somewhere(w)) ? REFUSED : WORKED;
}

static enum outcome load(struct worker *w)
{
	return bar_load_faults(somewhere(w)) ? REFUSED : WORKED;
}

static enum outcome wrong(struct worker *w, int why)
{
	w->last = why;
	return WRONG;
}

/* 0, or ENODEV as a negative number, and nothing else. */
static enum outcome of_call(struct worker *w, int err)
{
	if (err && err != -ENODEV)
		return wrong(w, -err);
	return err ? REFUSED : WORKED;
}

static enum outcome run(struct worker *w)
{
	uint64_t times[8];
	uint32_t data[16];
	struct fencepost_run run = {
		.offset = 0, .places = 1, .bytes = sizeof(data), .access = FENCEPOST_MEMCPY_TOIO,
		.barrier = FENCEPOST_WMB, .section = FENCEPOST_RAW_SPIN_LOCK, .loops = 1,
		.samples = 8, .data = (uintptr_t)data, .times = (uintptr_t)times,
	};

	if (bar_random(&w->random) & 1)
		run.access = FENCEPOST_READL;
	return of_call(w, bar_run(w->load->fd, &run));
}

static enum outcome populate(struct worker *w)
{
	struct fencepost_mapping mapping;
	enum outcome outcome = of_call(w, bar_populate(w->load->fd, (void *)w->load->wc,
						       PAGES * w->load->page, &mapping));

	return outcome == WORKED && mapping.stage1 != bar_expected(FENCEPOST_WC) ?
		wrong(w, (int)mapping.stage1) : outcome;
}

/* What is mapped before the device goes may be touched after it: SIGBUS then. */
static enum outcome map(struct worker *w)
{
	unsigned char *p = bar_map(w->load->fd, 0, PAGES * w->load->page);

	if (!p)
		return of_call(w, -errno);
	bar_store_faults(p + bar_random(&w->random) % PAGES * w->load->page);
	munmap(p, PAGES * w->load->page);
	return WORKED;
}

/* A child stores into what it has from its parent, and says whether it could. */
static enum outcome have_child(struct worker *w)
{
	volatile unsigned char *at = somewhere(w);
	pid_t child = bar_fork();
	int status;

	if (!child)
		_exit(bar_store_faults(at));
	status = bar_wait(child);
	return status == 0 ? WORKED : status == 1 ? REFUSED : wrong(w, status);
}

/* A mapping on the move, whose pages are touched where it arrives. */
static enum outcome move(struct worker *w)
{
	size_t length = PAGES * w->load->page;
	unsigned char *to;
	unsigned tries = 0;

	do {
		to = mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (to != MAP_FAILED)
			to = mremap(w->own, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	} while (to == MAP_FAILED && bar_try_again(&tries, errno));
	if (to == MAP_FAILED)
		return wrong(w, errno);
	w->own = to;
	to += bar_random(&w->random) % PAGES * w->load->page;
	return bar_store_faults(to) ? REFUSED : WORKED;
}

static enum outcome protect(struct worker *w)
{
	size_t page = w->load->page;
	unsigned char *at = w->own + bar_random(&w->random) % PAGES * page;

	if (mprotect(at, page, PROT_READ) || mprotect(at, page, PROT_READ | PROT_WRITE))
		return wrong(w, errno);
	return bar_store_faults(at) ? REFUSED : WORKED;
}

static enum outcome reopen(struct worker *w)
{
	int fd = open(w->load->path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT || errno == ENODEV ? REFUSED : of_call(w, -errno);
	bar_reserve(fd, 0, w->load->page, FENCEPOST_WC);
	close(fd);
	return WORKED;
}

static const struct role roles[] = {
	{ "store", store, 8 },	    { "load", load, 2 },      { "FENCEPOST_RUN", run, 2 },
	{ "FENCEPOST_POPULATE", populate, 1 }, { "mmap", map, 1 }, { "fork", have_child, 1 },
	{ "mremap", move, 1 },	    { "mprotect", protect, 1 }, { "open", reopen, 1 },
};
#define ROLES	(sizeof(roles) / sizeof(roles[0]))
#define WORKERS 18

static struct worker workers[WORKERS];

/* gone is read before the attempt: what began earlier may work. */
static void *work(void *arg)
{
	struct worker *w = arg;
	unsigned n = 0, after = 0;

	/* Of this thread: they fill the CPUs, and what takes the device away must get on. */
	setpriority(PRIO_PROCESS, 0, 19);
	while (after < AFTER) {
		bool gone = atomic_load(&w->load->gone);
		enum outcome outcome = w->role->attempt(w);

		w->outcomes[outcome]++;
		w->late += gone && outcome == WORKED;
		after += gone;
		if (++n == WARM)
			atomic_fetch_add(&w->load->warm, 1);
	}
	return NULL;
}

static void begin(struct worker *w)
{
	unsigned tries = 0;

	do
		w->own = bar_map(w->load->fd, 0, PAGES * w->load->page);
	while (!w->own && bar_try_again(&tries, errno));
	if (!w->own) {
		printf("Bail out! can't map the BAR for a thread: %s\n", strerror(errno));
		exit(1);
	}
	bar_thread(&w->thread, work, w);
}

static void start(struct load *l, uint64_t *random)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ROLES; i++)
		for (unsigned j = 0; j < roles[i].threads; j++) {
			struct worker *w = &workers[n++];

			*w = (struct worker){ .load = l, .role = &roles[i],
				       .random = bar_random(random) };
			begin(w);
		}
	while (atomic_load(&l->warm) < WORKERS)
		usleep(1000);
}

/* What nobody comes back from is reported by a signal: with the threads as they stand. */
static void report_hang(int number)
{
	(void)number;
	printf("Bail out! after %d s not all threads have ended:", PATIENCE_S);
	for (unsigned i = 0; i < WORKERS; i++)
		printf(" %s %u+%u", workers[i].role->name, workers[i].outcomes[WORKED],
		       workers[i].outcomes[REFUSED]);
	printf("\n");
	fflush(stdout);
	_exit(1);
}

static void finish(struct load *l)
{
	for (unsigned i = 0; i < WORKERS; i++) {
		pthread_join(workers[i].thread, NULL);
		munmap(workers[i].own, PAGES * l->page);
	}
}

static char complaints[1024];

static void __attribute__((format(printf, 1, 2))) complain(const char *fmt, ...)
{
	size_t used = strlen(complaints);
	va_list args;

	va_start(args, fmt);
	vsnprintf(complaints + used, sizeof(complaints) - used, fmt, args);
	va_end(args);
}

/* A thread that never got through has shown nothing. */
static void judge(const struct worker *w)
{
	if (w->late || w->outcomes[WRONG] || !w->outcomes[WORKED] || w->outcomes[REFUSED] < AFTER)
		complain("%s: %u worked, %u of them when it was gone; %u refused; %u wrong (%d). ",
			 w->role->name, w->outcomes[WORKED], w->late, w->outcomes[REFUSED],
			 w->outcomes[WRONG], w->last);
}

static void expect(const char *what, int got, int want)
{
	if (got != want)
		complain("%s: got %d, want %d. ", what, got, want);
}

static void all_is_refused(const struct load *l)
{
	struct fencepost_info info;
	struct fencepost_mapping mapping;
	uint64_t time;
	struct fencepost_run run = { .places = 1, .loops = 1, .samples = 1,
				     .times = (uintptr_t)&time };

	expect("open", open(l->path, O_RDWR | O_CLOEXEC) < 0 ? errno : 0, ENOENT);
	expect("FENCEPOST_GET_INFO", bar_info(l->fd, &info), -ENODEV);
	expect("FENCEPOST_RESERVE", bar_reserve(l->fd, 0, l->page, FENCEPOST_WC), -ENODEV);
	expect("FENCEPOST_POPULATE", bar_populate(l->fd, (void *)l->wc, l->page, &mapping),
	       -ENODEV);
	expect("FENCEPOST_RUN", bar_run(l->fd, &run), -ENODEV);
	expect("mmap", bar_map(l->fd, 0, l->page) ? 0 : errno, ENODEV);
	for (size_t i = 0; i < PAGES; i++) {
		expect("SIGBUS for a store", bar_store_faults(l->wc + i * l->page), true);
		expect("SIGBUS for a load", bar_load_faults(l->uc + i * l->page), true);
	}
}

const char *load_round(const char *variable, load_take_away *take, uint64_t *random)
{
	static char path[128];
	struct load l = { .path = path, .page = bar_page() };
	size_t length = PAGES * l.page;

	complaints[0] = '\0';
	snprintf(path, sizeof(path), "%s", bar_path(variable, NUMBER));
	l.fd = bar_open(variable, NUMBER);
	l.wc = bar_take(l.fd, 0, length, FENCEPOST_WC);
	l.uc = bar_take(l.fd, length, length, FENCEPOST_UC);
	signal(SIGALRM, report_hang);
	alarm(PATIENCE_S);
	start(&l, random);
	usleep(bar_random(random) % 20000);
	expect("taking it away", take(variable), 0);
	atomic_store(&l.gone, true);
	finish(&l);
	alarm(0);
	for (unsigned i = 0; i < WORKERS; i++)
		judge(&workers[i]);
	all_is_refused(&l);
	munmap((void *)l.wc, length);
	munmap((void *)l.uc, length);
	close(l.fd);
	return complaints;
}
