/* SPDX-License-Identifier: MIT */
/*
 * json.h - whether a JSON document is whole.
 *
 * What jansson has no memory for is NULL, and to set NULL leaves a member out without
 * a word.  Who makes a document looks at the count of refusals before and after.
 */
#ifndef FENCEPOST_JSON_H
#define FENCEPOST_JSON_H

/* Before the first document is made. */
void fp_json_count_refusals(void);

/* How often jansson was refused memory since then. */
unsigned long fp_json_refusals(void);

#endif
