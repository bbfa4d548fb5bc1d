// SPDX-License-Identifier: MIT
/* What stands around a picture, and which pictures there are. */
#include "views/picture.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "views/family.h"

const char *picture_name(const char *what, const struct doc_row *mapping, char *buf, size_t n)
{
	snprintf(buf, n, "%s-%s-%s", what, mapping->target, mapping->memory);
	for (char *c = buf; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
			*c = '_';
	return buf;
}

void picture_say(struct picture *p, const struct album *album, const struct doc_row *sample,
		 const char *what)
{
	const struct doc *doc = album->doc;
	const char *hypervisor = doc_text(doc->own, "hypervisor");
	char cpu[160], attribute[320];

	snprintf(p->title, sizeof(p->title), "%s: %s", what, doc_cpu(doc, cpu, sizeof(cpu)));
	snprintf(p->subtitle, sizeof(p->subtitle),
		 "target %s, memory type %s = %s; evidence: %s%s%s", sample->target, sample->memory,
		 doc_attribute(sample, attribute, sizeof(attribute)),
		 doc_text(doc->own, "evidence"), strcmp(hypervisor, "none") ? ", guest of " : "",
		 strcmp(hypervisor, "none") ? hypervisor : "");
	snprintf(p->notice, sizeof(p->notice), "%s",
		 doc->emulated ? "emulated: not a timing result" : "");
}

int picture_no_file(const struct album *album, int err, const char *file)
{
	snprintf(album->why, album->n, "%.300s/%s can't be written: %s", album->name, file,
		 strerror(-err));
	/* -ENOENT is kept for gnuplot. */
	return err == -ENOENT ? -ENOTDIR : err;
}

int view_pictures_write(struct album *album)
{
	int ret = 0;

	for (const struct view_family *const *f = view_families; !ret && *f; f++)
		ret = (*f)->draw ? (*f)->draw(album) : 0;
	return ret;
}
