/* SPDX-License-Identifier: MIT */
/*
 * picture.h - what every picture has.
 *
 * What is drawn is first written to a CSV file, which stays beside the picture:
 * gnuplot gets no other figure.  Functions return 0 or -errno.
 */
#ifndef FENCEPOST_PICTURE_H
#define FENCEPOST_PICTURE_H

#include <stdio.h>

#include "document/read.h"

/* Where a document's pictures go, and what became of them. */
struct album {
	const struct doc *doc;
	int folder;	  /* open */
	const char *name; /* of the folder, in messages only */
	unsigned made;	  /* those that have all of NAME.csv, .svg and .png */
	char *why;     /* what went wrong, in one line of n bytes */
	size_t n;
};

struct picture {
	char title[256], subtitle[640], notice[128], foot[320], detail[64], name[128];
	const char *script; /* of ours */
	const char *mode;   /* and detail: see curves.gp */
};

/*
 * "barrier-ram-wb": what and where, as it names the files of one picture, in letters that
 * no language takes for anything else; returns buf.
 */
const char *picture_name(const char *what, const struct doc_row *mapping, char *buf, size_t n);

#define PICTURE_FILE 140
/* "NAME.END", in the album's folder; returns buf, of PICTURE_FILE bytes. */
const char *picture_file(const struct picture *p, const char *end, char *buf);

/* Quoted as gnuplot reads it. */
void picture_put(FILE *to, const char *text);

/* Title, subtitle and notice: what is shown, on which CPU and memory. */
void picture_say(struct picture *p, const struct album *album, const struct doc_row *sample,
		 const char *what);

/* Its file could not be written, as err says: what that is for the album. */
int picture_no_file(const struct album *album, int err, const char *file);

/* SVG and PNG from the data file, which is there; counted in the album. */
int picture_draw(struct picture *p, struct album *album);

/* NAME.csv, .svg and .png of every picture. */
int view_pictures_write(struct album *album);

#endif
