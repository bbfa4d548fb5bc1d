// SPDX-License-Identifier: MIT
#include "views/views.h"

#include <errno.h>
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
	snprintf(path, size, "%s/%s", data_folder(), name);
	if (!access(path, R_OK))
		return 0;
	snprintf(why, n, "%.300s can't be read (%s): install fencepost, or set FENCEPOST_DATADIR",
		 path, strerror(errno));
	return -ENOPKG;
}

/* The report is worth having without pictures; the first error is what the caller hears of. */
int fp_views_write(const json_t *root, const char *dir, struct fp_views_result *result)
{
	char plots[4096], report_why[sizeof(result->why)] = "";
	struct doc doc;
	struct album album = {&doc, plots, 0, result->why, sizeof(result->why)};
	int ret, report;

	memset(result, 0, sizeof(*result));
	ret = doc_open(&doc, root);
	if (ret)
		return ret;
	snprintf(plots, sizeof(plots), "%s/plots", dir);
	if (mkdir(plots, 0777) && errno != EEXIST) {
		/* -ENOENT is kept for gnuplot. */
		ret = errno == ENOENT ? -ENOTDIR : -errno;
		snprintf(result->why, sizeof(result->why), "%.400s can't be made: %s", plots,
			 strerror(errno));
		goto out;
	}
	ret = view_pictures_write(&album);
	result->pictures = album.made;
	report = view_page_write(&doc, dir, report_why, sizeof(report_why));
	if (report && (!ret || ret == -ENOENT)) {
		ret = report;
		memcpy(result->why, report_why, sizeof(result->why));
	}
out:
	doc_close(&doc);
	return ret;
}
