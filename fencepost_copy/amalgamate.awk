# SPDX-License-Identifier: MIT
#
# amalgamate.awk - puts the parts of fencepost_copy.c into one file, which others
# take: awk -f amalgamate.awk parts.c >fencepost_copy.c
#
# In place of each include of a part stands what lies beside parts.c by that
# name, without the line that names its licence: the first line of all does.

BEGIN {
	folder = ARGV[1]
	if (!sub(/[^\/]*$/, "", folder))
		folder = ""
}

/^#include "/ && $2 != "\"fencepost_copy.h\"" {
	insert(folder substr($2, 2, length($2) - 2))
	next
}

{ print }

function insert(part,	line, read) {
	print ""
	while ((read = (getline line <part)) > 0)
		if (line !~ /SPDX-License-Identifier/)
			print line
	if (read < 0) {
		print "amalgamate.awk: can't read " part >"/dev/stderr"
		exit 1
	}
	close(part)
	print ""
}
