/* SPDX-License-Identifier: MIT */
/* trust.h - what a reader must know of rows to trust their figures. */
#ifndef FENCEPOST_TRUST_H
#define FENCEPOST_TRUST_H

#include "document/read.h"

/* What the timed loop adds to an operation; "" if it was not measured. Returns buf. */
const char *finding_harness(const struct doc *doc, char *buf, size_t n);
/* Our idle barriers beside published figures; "" if there are none. Returns buf. */
const char *finding_published(const struct doc *doc, char *buf, size_t n);

/* Where a flavour of stores stands among the others: no stores first, unknown ones last. */
int finding_flavour_rank(const char *stores);
/* "plain cached stores", "non-temporal stores", ...: of this flavour, to RAM or not. */
const char *finding_stores_text(const char *stores, bool is_ram);
/* "0000:00:04.0-bar2 as wc: "; "" for RAM. Returns buf. */
const char *finding_mapping_text(const struct doc_row *row, char *buf, size_t n);

/*
 * Rows that did not run, put together by status and reason.  The first of each
 * group is that for which this returns the number of rows; 0 for all others.
 * what: the id that they have in common, else "".
 */
size_t finding_reason_group(const struct doc *doc, size_t i, const char **what);

#endif
