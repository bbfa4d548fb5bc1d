// SPDX-License-Identifier: MIT
#include "bar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *address_of(const char *variable)
{
	const char *address = getenv(variable);

	if (address && *address)
		return address;
	printf("Bail out! %s is not set: this test runs in a guest of the lab\n", variable);
	exit(1);
}

const char *bar_path(const char *variable, int number)
{
	static _Thread_local char path[128];

	snprintf(path, sizeof(path), "/dev/fencepost/%s-bar%d", address_of(variable), number);
	return path;
}

int bar_open(const char *variable, int number)
{
	int fd = open(bar_path(variable, number), O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int call(int fd, unsigned long command, void *argument)
{
	return ioctl(fd, command, argument) ? -errno : 0;
}

int bar_info(int fd, struct fencepost_info *info)
{
	return call(fd, FENCEPOST_GET_INFO, info);
}

int bar_reserve(int fd, uint64_t offset, uint64_t length, uint32_t memory)
{
	return call(fd, FENCEPOST_RESERVE,
		    &(struct fencepost_range){ .offset = offset, .length = length,
					       .memory = memory });
}

int bar_populate(int fd, const void *address, size_t length, struct fencepost_mapping *mapping)
{
	*mapping = (struct fencepost_mapping){ .address = (uintptr_t)address, .length = length };
	return call(fd, FENCEPOST_POPULATE, mapping);
}

int bar_run(int fd, const struct fencepost_run *run)
{
	return call(fd, FENCEPOST_RUN, (void *)run);
}

void *bar_map(int fd, uint64_t offset, size_t length)
{
	void *p = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);

	return p == MAP_FAILED ? NULL : p;
}

void *bar_take(int fd, uint64_t offset, size_t length, uint32_t memory)
{
	int err = bar_reserve(fd, offset, length, memory);
	void *p = err ? NULL : bar_map(fd, offset, length);

	if (p)
		return p;
	printf("Bail out! can't map %zu bytes at %llu as %s: %s\n", length,
	       (unsigned long long)offset, bar_memory_name(memory), strerror(err ? -err : errno));
	exit(1);
}

size_t bar_page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

const char *bar_memory_name(uint32_t memory)
{
	static const char *const names[] = { "none", "wc", "uc", "device" };

	return memory < 4 ? names[memory] : "unknown";
}

uint32_t bar_expected(uint32_t memory)
{
	static const enum fp_memory types[] = {
		[FENCEPOST_WC] = FP_WC, [FENCEPOST_UC] = FP_UC, [FENCEPOST_DEVICE] = FP_DEV,
	};

	return fp_attribute_of(types[memory]);
}

static _Thread_local sigjmp_buf recovery;

static void recover(int number)
{
	siglongjmp(recovery, number);
}

/* Once: threads may do this at the same time, and children have it from their parents. */
static void catch_sigbus(void)
{
	static atomic_bool caught;
	struct sigaction action = { .sa_handler = recover, .sa_flags = SA_NODEFER };

	if (atomic_load(&caught))
		return;
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, NULL);
	atomic_store(&caught, true);
}

bool bar_load_faults(const volatile void *address)
{
	catch_sigbus();
	if (sigsetjmp(recovery, 0))
		return true;
	(void)*(const volatile uint32_t *)address;
	return false;
}

bool bar_store_faults(volatile void *address)
{
	catch_sigbus();
	if (sigsetjmp(recovery, 0))
		return true;
	*(volatile uint32_t *)address = 0x5a5a5a5a;
	return false;
}

const char *bar_sysfs(const char *variable)
{
	static _Thread_local char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", address_of(variable));
	return path;
}

/* The driver that has it, which is not always the one that it is meant for. */
static void take_from_driver(const char *variable)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/driver/unbind", bar_sysfs(variable));
	if (!access(path, F_OK))
		fp_file_put(path, address_of(variable));
}

bool bar_is_bound(const char *variable)
{
	char path[192];

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/fencepost/%s", address_of(variable));
	return !access(path, F_OK);
}

int bar_bind(const char *variable)
{
	char path[192];
	int err;

	snprintf(path, sizeof(path), "%s/driver_override", bar_sysfs(variable));
	err = fp_file_put(path, "fencepost");
	if (err)
		return err;
	take_from_driver(variable);
	err = fp_file_put("/sys/bus/pci/drivers_probe", address_of(variable));
	return err ? err : bar_is_bound(variable) ? 0 : -ENODEV;
}

int bar_unbind(const char *variable)
{
	return fp_file_put("/sys/bus/pci/drivers/fencepost/unbind", address_of(variable));
}

int bar_remove(const char *variable)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/remove", bar_sysfs(variable));
	return fp_file_put(path, "1");
}

/* Without probing, lest another driver is faster. */
int bar_rescan(const char *variable)
{
	static const char probing[] = "/sys/bus/pci/drivers_autoprobe";
	int err = fp_file_put(probing, "0");

	if (!err)
		err = fp_file_put("/sys/bus/pci/rescan", "1");
	fp_file_put(probing, "1");
	return err ? err : access(bar_sysfs(variable), F_OK) ? -errno : 0;
}

bool bar_is_debug(void)
{
	return !access("/sys/kernel/debug/kmemleak", F_OK);
}

uint64_t bar_number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

uint64_t bar_seed(void)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) < 0)
		seed = (uint64_t)time(NULL) * 1000 + (uint64_t)getpid();
	seed = bar_number("SEED", seed);
	printf("# SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

/* Sebastiano Vigna, SplitMix64: any seed does. */
uint64_t bar_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

#define TRIES 1000 /* of 10 ms */

bool bar_try_again(unsigned *tries, int err)
{
	if ((err != EAGAIN && err != ENOMEM) || ++*tries >= TRIES)
		return false;
	usleep(10000);
	return true;
}

static void __attribute__((noreturn)) give_up(const char *what, int err)
{
	printf("Bail out! can't start a %s: %s\n", what, strerror(err));
	exit(1);
}

pid_t bar_fork(void)
{
	unsigned tries = 0;
	pid_t child;

	do
		child = fork();
	while (child < 0 && bar_try_again(&tries, errno));
	if (child < 0)
		give_up("process", errno);
	return child;
}

void bar_thread(pthread_t *thread, void *(*run)(void *arg), void *arg)
{
	unsigned tries = 0;
	int err;

	do
		err = pthread_create(thread, NULL, run, arg);
	while (bar_try_again(&tries, err));
	if (err)
		give_up("thread", err);
}

int bar_wait(pid_t child)
{
	int status;

	/* Of waitpid(), -1 is any child. */
	if (child < 0)
		return -ECHILD;
	if (waitpid(child, &status, 0) != child)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int count_once(const char *path, const char *word)
{
	FILE *f = fopen(path, "r");
	char line[512];
	int n = 0;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		n += strstr(line, word) != NULL;
	fclose(f);
	return n;
}

int bar_count_lines(const char *path, const char *word)
{
	int n = count_once(path, word), before;

	do {
		before = n;
		n = count_once(path, word);
	} while (n != before);
	return n;
}
