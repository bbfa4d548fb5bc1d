/* SPDX-License-Identifier: MIT */
/*
 * bar.h - what the tests of the kernel module share.  They run in a guest, where
 * lab/init has bound the devices that the variables LAB_... name.
 */
#ifndef BAR_H
#define BAR_H

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/fencepost.h>

#include "base/file.h"
#include "memory/attribute.h"

#define BAR_MIB (1u << 20)

/* The BAR that most tests use: the NVMe controller's memory buffer, 16 MiB. */
#define BAR_CMB "LAB_CMB", 2

/* RAM behind ivshmem, 1 MiB: no access is trapped. */
#define BAR_SHM "LAB_SHM", 2

/* /dev/fencepost/<address>-bar<N>; variable names a LAB_... of the environment. */
const char *bar_path(const char *variable, int number);

/* Opened for reading and writing; -errno. */
int bar_open(const char *variable, int number);

/* 0 or -errno, each. */
int bar_info(int fd, struct fencepost_info *info);
int bar_reserve(int fd, uint64_t offset, uint64_t length, uint32_t memory);
int bar_populate(int fd, const void *address, size_t length, struct fencepost_mapping *mapping);
int bar_run(int fd, const struct fencepost_run *run);

/* Shared, for reading and writing; NULL with errno. */
void *bar_map(int fd, uint64_t offset, size_t length);

/* Reserves and maps; the test ends where that fails. */
void *bar_take(int fd, uint64_t offset, size_t length, uint32_t memory);

size_t bar_page(void);

/* The name of a memory type, as the interface has it. */
const char *bar_memory_name(uint32_t memory);

/* What a type's page-table entries must say on this machine. */
uint32_t bar_expected(uint32_t memory);

/* Whether a load, or a store, of 4 bytes gets SIGBUS. Any other signal ends the test. */
bool bar_load_faults(const volatile void *address);
bool bar_store_faults(volatile void *address);

/* The device's folder in sysfs, from a LAB_... variable. */
const char *bar_sysfs(const char *variable);

/* driver_override and a bind, as run-bench bind does; 0 or -errno. */
int bar_bind(const char *variable);
int bar_unbind(const char *variable);
bool bar_is_bound(const char *variable);

/* Gone for others to find: sysfs remove; and what finds the device again, unbound. */
int bar_remove(const char *variable);
int bar_rescan(const char *variable);

/* Whether the kernel is one that finds mistakes: it is slow. */
bool bar_is_debug(void);

/* A number from the environment, or the one given. */
uint64_t bar_number(const char *name, uint64_t otherwise);

/* The number SEED, or a new one; says which. bar_random() goes on from there. */
uint64_t bar_seed(void);
uint64_t bar_random(uint64_t *state);

/*
 * Whether to do once more what failed with an errno: a busy system is short of memory or
 * threads for a moment, and that is not what is tested.  *tries begins at 0, and it waits.
 */
bool bar_try_again(unsigned *tries, int err);

/* fork(), and a thread, with that patience; the test ends where there is none. */
pid_t bar_fork(void);
void bar_thread(pthread_t *thread, void *(*run)(void *arg), void *arg);

/* Of a child: the exit status, or 128 and the signal; -ECHILD for none. */
int bar_wait(pid_t child);

/*
 * Lines of a file that hold a word; -1 if it can't be read.  What the kernel lists piece by
 * piece may skip a line while another goes: it counts until it gets the same number twice.
 */
int bar_count_lines(const char *path, const char *word);

#endif
