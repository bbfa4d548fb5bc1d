/* SPDX-License-Identifier: MIT */
/*
 * folder.h - folders that are open, and a stage inside one of them.
 *
 * A stage is a folder of one's own, ".fencepost-run.LETTERS", locked (flock) while
 * its process lives: what is made there is whole before it is moved to its place,
 * and what a process that was killed has left can be found and told from what
 * others are at work on.
 *
 * Every function returns 0 or -errno unless it says otherwise.
 */
#ifndef FENCEPOST_FOLDER_H
#define FENCEPOST_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* mkdir -p; an empty path is -ENOENT. */
int fp_folder_make(const char *path);

/* An open folder, or -errno; -ELOOP or -ENOTDIR for a link, which is not followed. */
int fp_folder_open_at(int folder, const char *name);

/* The same for a path whose links are followed. */
int fp_folder_open(const char *path);

/*
 * Calls each(folder, name, argument) for every entry, until one of them does not
 * return 0; what it returned.  Entries that it removes are no trouble.
 */
int fp_folder_each(int folder, int (*each)(int folder, const char *name, void *argument),
		   void *argument);

/* The folder of that name with all that is in it; links are removed, not followed. */
int fp_folder_remove(int folder, const char *name);

#define FP_STAGE_NAME 32u

struct fp_stage {
	int folder;		    /* that it is in; not its own */
	int fd;			    /* the stage; -1: none */
	char name[FP_STAGE_NAME];
};

/* A new one, readable by its owner alone. */
int fp_stage_make(struct fp_stage *stage, int folder);

/*
 * Takes over one that a process of the same user has left.  -ENOENT where the name is no
 * stage's or others may write to it, -EAGAIN where somebody is at work on it.
 */
int fp_stage_take(struct fp_stage *stage, int folder, const char *name);

/* Leaves it as it is, for a later start. */
void fp_stage_leave(struct fp_stage *stage);

/* Removes it with all that is in it; harmless where there is none. */
void fp_stage_remove(struct fp_stage *stage);

#endif
