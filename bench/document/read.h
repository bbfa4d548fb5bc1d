/* SPDX-License-Identifier: MIT */
/*
 * model.h - results.json as the views need it: flat rows, families barrier and
 * copy as matrices, family combine in a few figures.  All strings belong to
 * the JSON tree.
 */
#ifndef FENCEPOST_VIEWS_MODEL_H
#define FENCEPOST_VIEWS_MODEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum view_next { VIEW_NOTHING, VIEW_LOAD, VIEW_STORE };

/* Absent strings are "", absent figures NAN. */
struct view_row {
	const json_t *run, *own; /* benchmarks[i] and its fencepost object */
	const char *name, *family, *kernel, *barrier, *target, *memory, *stores, *status, *reason;
	double ns_min, ns_p50, ns_p99, ns_block_min, cycles_min;
	bool ran;
	bool device_safe;
	/* The axes, from the name; 0 or "" if it has none of that key. */
	long behind;		   /* stores before the barrier */
	enum view_next next;	   /* what is timed after it */
	long bytes, lines, offset; /* of a copy, or of what is combined */
	long every;		   /* lines from barrier to barrier inside a copy */
	const char *between; /* what is done in the middle of a line; ends at a '/' or the end */
	bool locked; /* the kernel held a lock around it */
};

struct view {
	const json_t *context, *own; /* context and context.fencepost; may be NULL */
	struct view_row *rows;
	size_t n;
	bool emulated, partial;
};

/* -EINVAL: not a results.json. */
int view_open(struct view *view, const json_t *root);
void view_close(struct view *view);

/* The first row of the i-th pair of target and memory type; NULL after the last. */
const struct view_row *view_place(const struct view *view, size_t i);

/* What is before and after the barrier: a column of the matrix. */
struct view_condition {
	const char *kernel, *stores;
	long behind;
	enum view_next next;
	bool ran; /* at least one barrier did here */
};

/* Family barrier on one memory type of one target. */
struct view_matrix {
	const char *target, *memory;
	const struct view_row *sample; /* any row of it, for the memory attribute */
	const char **barriers;	       /* "none" first, then by idle cost, those that did not run last */
	size_t n_barriers;
	struct view_condition *conditions; /* idle first, then plain, nontemporal, direct stores */
	size_t n_conditions;
	const struct view_row **cells; /* [barrier * n_conditions + condition]; NULL: not in the plan */
};

/* The i-th; -ENOENT after the last. To be freed with view_matrix_close(). */
int view_matrix_open(struct view_matrix *m, const struct view *view, size_t i);
void view_matrix_close(struct view_matrix *m);
const struct view_row *view_cell(const struct view_matrix *m, size_t barrier, size_t condition);

/* What may be held against what. */
enum view_class {
	VIEW_RANKED,	/* device-safe; on cached memory by non-temporal or direct stores only */
	VIEW_YARDSTICK, /* plain stores to cached memory end in a cache; or fills, copies nothing */
	VIEW_UNSAFE,	/* stores a byte twice, or not upwards */
	VIEW_KERNEL,	/* the kernel runs it, with interrupts off; nobody has proven its stores */
	VIEW_READS,
	VIEW_CLASSES
};

struct view_shape {
	long bytes, lines, offset, every;
};

enum view_class view_class_of(const struct view_row *row);

struct view_kernel {
	const char *id;
	enum view_class class; /* the first in the list that a row of it is of */
	double score;	       /* mean logarithm of its figures; INFINITY if it did not run */
};

/* Family copy on one memory type of one target. */
struct view_copies {
	const char *target, *memory;
	const struct view_row *sample;
	const char *barrier;	     /* behind the copies; "" if there is none */
	struct view_kernel *kernels; /* by class; the ranked ones: ours, then the quickest first */
	size_t n_kernels;
	struct view_shape *shapes; /* by size */
	size_t n_shapes;
	const struct view_row **cells; /* [(kernel * n_shapes + shape) * 2 + fenced] */
};

/* As view_matrix_open(). */
int view_copies_open(struct view_copies *c, const struct view *view, size_t i);
void view_copies_close(struct view_copies *c);
/* Of repetitions the median; NULL: not in the plan. */
const struct view_row *view_copy(const struct view_copies *c, size_t kernel, size_t shape,
				 bool fenced);
/* What a plot against size shows: aligned, to as many lines as there are. */
bool view_is_plain_shape(const struct view_copies *c, size_t shape);

/* Our copy beside the best one that may be ranked with it. */
struct view_duel {
	const struct view_row *ours, *best; /* both ran */
	const char *verdict;		    /* "ahead", "tied", "behind" */
};
/* False where ours or every rival is missing. */
bool view_duel(const struct view_copies *c, size_t shape, bool fenced, struct view_duel *duel);
/* "ahead", "tied" or "behind": within 0.2 ns or 2 % of the best is a tie. */
const char *view_verdict(double ours, double best);
/* How often each; false if there is no duel at all. */
bool view_duels(const struct view_copies *c, unsigned *ahead, unsigned *tied, unsigned *behind);

/* Family combine for one kind of store on one memory type of one target. */
struct view_combine {
	const struct view *view;
	const struct view_row *sample;
	long most_lines, fits,
		beyond; /* lines in turn: measured; that combine; the first that don't, or 0 */
	double ns_fits, ns_beyond;
	long line_bytes;
	double whole, partial; /* pushed out by the barrier pushed_by */
	const char *pushed_by;
	double nothing;
};

int view_combine_open(struct view_combine *c, const struct view *view, size_t i);
/* Of this kind of store? */
bool view_combines(const struct view_combine *c, const struct view_row *row);
/* Whether what is between the halves pushed the first one out. */
bool view_drained(const struct view_combine *c, const struct view_row *row);
/* "sfence", "plain store", "time": what is between the halves. */
const char *view_between_text(const struct view_row *row);
/* One sentence; "" if nothing can be said. Returns buf. */
const char *view_combine_sentence(const struct view *view, char *buf, size_t n);
/* Whether the conclusion speaks of that already: of barriers and copies it speaks first. */
bool view_concludes_combine(const struct view *view);
bool view_has_barriers(const struct view *view);

/* In one group: the same stores, followed by the same thing. */
bool view_same_group(const struct view_condition *a, const struct view_condition *b);
/* "plain cached stores", "non-temporal stores", ...: of that kind, to that memory type. */
const char *view_stores_text(const char *stores, const char *memory);
/* "0000:00:04.0-bar2 as wc: "; "" for RAM. Returns buf. */
const char *view_place_text(const struct view_row *row, char *buf, size_t n);

/*
 * Rows that did not run, put together by status and reason.  The first of each
 * group is that for which this returns the number of rows; 0 for all others.
 * what: the id that they have in common, else "".
 */
size_t view_reason_group(const struct view *view, size_t i, const char **what);

const char *view_text(const json_t *object, const char *key);
double view_number(const json_t *object, const char *key);

/* "AMD EPYC (Zen 5)"; returns buf. */
const char *view_cpu(const struct view *view, char *buf, size_t n);
/* "WB, verified (how)" as far as known; returns buf. */
const char *view_attribute(const struct view_row *row, char *buf, size_t n);
/* "" if there is none. */
const char *view_seed(const struct view *view, char *buf, size_t n);

/* What the timed loop adds to an operation; "" if it was not measured. Returns buf. */
const char *view_harness(const struct view *view, char *buf, size_t n);
/* Our idle barriers beside published figures; "" if there are none. Returns buf. */
const char *view_published(const struct view *view, char *buf, size_t n);

/* At most 4 characters before or 3 significant digits: "0.31", "27.4", "1912". "" for NAN. */
const char *view_short(double value, char *buf, size_t n);
/* The fewest digits that read back as the same number. */
const char *view_exact(double value, char *buf, size_t n);

/* What table, picture and page say alike. */
extern const char view_emulated_notice[];

#endif
