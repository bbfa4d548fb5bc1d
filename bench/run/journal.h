/* SPDX-License-Identifier: MIT */
/*
 * journal.h - the blocks of a run, written as they come.
 *
 * A file of lines, each a JSON object: the first holds the document as it is before
 * anything is measured, each further one a block of one row, or what a row has come
 * to.  A process that is killed loses the block that it is at; any process can add
 * lines, since each is one write at the end of the file.
 *
 *   {"journal": 1, "document": {...}, "turns": 714}
 *   {"row": 3, "measured": [...], "base": [...], "dropped": 0,
 *    "cycles_per_ns": 3.69, "counts": [...]}
 *   {"row": 4, "status": "failed", "reason": "..."}
 *
 * row is the place in the document's benchmarks; measured and base are ns an
 * operation; dropped is of all blocks so far; counts has null for what can't be had.
 */
#ifndef FENCEPOST_RUN_JOURNAL_H
#define FENCEPOST_RUN_JOURNAL_H

#include <jansson.h>

#include "plan/row.h"

#define FP_JOURNAL "journal"

struct fp_journal {
	int folder; /* that it is in */
	int fd;	    /* -1: none, or given up */
};

/* A new one in an open folder, of so many turns.  0 or -errno. */
int fp_journal_begin(struct fp_journal *journal, int folder, const json_t *document, size_t turns);

/*
 * What a row has come to in the block that began with samples.all[first]; its cycles
 * only where they are a figure.  -errno once, when it can't be written: the journal is
 * removed then, since the results will need the room, and nothing more is added.
 */
int fp_journal_block(struct fp_journal *journal, size_t number, const struct fp_row *row,
		     size_t first, bool cycles);
int fp_journal_status(struct fp_journal *journal, size_t number, const struct fp_row *row);

void fp_journal_close(struct fp_journal *journal);

/* ---- reading ---- */

struct fp_recorded {
	bool has_status; /* for a row that did not run well */
	enum fp_status status;
	char reason[192];
	struct fp_outcome outcome;
};

struct fp_record {
	json_t *document;
	struct fp_recorded *rows; /* as many as the document's benchmarks */
	size_t n, turns, blocks;  /* turns that were meant, blocks that were taken */
};

/*
 * Reads the journal of an open folder, up to its end or to a line that was not written
 * to its end.  -ENOENT without one, -EPROTO for one of another version, -EBADMSG for
 * what is none, -ENOMEM.
 */
int fp_journal_read(int folder, struct fp_record *record);
void fp_record_free(struct fp_record *record);

#endif
