// SPDX-License-Identifier: MIT
#include "views/views.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "views/family.h"

const char view_emulated_notice[] = "EMULATED: these times are not results";

/*
 * The folder of heatmap.gp, curves.gp and report.html.in: the source tree's plots/
 * while the program is not installed, else where they were installed.
 */
static const char *data_folder(void)
{
	const char *dir = getenv("FENCEPOST_DATADIR");

	return dir && *dir ? dir : PKGDATADIR;
}

int view_data_file(const char *name, char *path, size_t size, char *why, size_t n)
{
	char named[PATH_MAX];

	snprintf(named, sizeof(named), "%s/%s", data_folder(), name);
	if (size >= PATH_MAX && realpath(named, path) && !access(path, R_OK))
		return 0;
	snprintf(why, n, "%.300s can't be read (%s): install fencepost, or set FENCEPOST_DATADIR",
		 named, strerror(errno));
	return -ENOPKG;
}

static char *read_all(FILE *from)
{
	struct stat st;
	char *text = fstat(fileno(from), &st) ? NULL : malloc((size_t)st.st_size + 1);

	if (text)
		text[fread(text, 1, (size_t)st.st_size, from)] = '\0';
	return text;
}

char *view_read(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	FILE *from = fd < 0 ? NULL : fdopen(fd, "r");
	char *text = from ? read_all(from) : NULL;

	if (from)
		fclose(from);
	else if (fd >= 0)
		close(fd);
	return text;
}

/* No link, which would lead us elsewhere. */
static int open_plots(int folder, const char *name, char *why, size_t n)
{
	int plots = -1;

	if (!mkdirat(folder, "plots", 0777) || errno == EEXIST)
		plots = openat(folder, "plots", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (plots >= 0)
		return plots;
	snprintf(why, n, "%.400s/plots can't be made: %s", name, strerror(errno));
	/* -ENOENT is kept for gnuplot. */
	return errno == ENOENT ? -ENOTDIR : -errno;
}

/* The report is worth having without pictures; the first error is what the caller hears of. */
static int write_both(struct album *album, int folder, const char *name)
{
	char report_why[512] = "";
	int ret = view_pictures_write(album), report;

	report = view_page_write(album->doc, folder, album->folder, name, report_why,
				 sizeof(report_why));
	if (report && (!ret || ret == -ENOENT)) {
		ret = report;
		snprintf(album->why, album->n, "%s", report_why);
	}
	return ret;
}

int fp_views_write(const json_t *root, int folder, const char *name,
		   struct fp_views_result *result)
{
	char plots[400];
	struct doc doc;
	struct album album = {&doc, -1, plots, 0, result->why, sizeof(result->why)};
	int ret;

	memset(result, 0, sizeof(*result));
	snprintf(plots, sizeof(plots), "%.380s/plots", name);
	ret = doc_open(&doc, root);
	if (ret)
		return ret;
	album.folder = ret = open_plots(folder, name, result->why, sizeof(result->why));
	if (ret >= 0) {
		ret = write_both(&album, folder, name);
		result->pictures = album.made;
		close(album.folder);
	}
	doc_close(&doc);
	return ret;
}
