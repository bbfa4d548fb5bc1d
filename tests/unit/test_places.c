// SPDX-License-Identifier: MIT
/*
 * The places of targets that no other file knows: the program's own table is
 * not linked here, so that whoever compared a name would find none.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "machine/machine.h"
#include "tap.h"
#include "targets/places.h"

#define LONG_NAME 1000

static char long_name[LONG_NAME + 1];
static size_t n_shelves;  /* that there are now */
static unsigned wished;	  /* of the place that is open */
static bool out_of_memory;

/* ---- a target with as many places as the test wants, on no device, and not RAM ---- */

static int parse_shelf(const char *text, char **name)
{
	const char *behind = fp_target_behind("shelf", text);

	if (!behind || !*behind)
		return -EINVAL;
	*name = strdup(behind);
	return *name ? 0 : -ENOMEM;
}

static int list_shelves(const struct fp_target *target, struct fp_place_list *places)
{
	for (size_t i = 0; i < n_shelves; i++) {
		struct fp_place *place;
		char name[24];

		snprintf(name, sizeof(name), "%zu", i);
		place = fp_places_add(places, target, i == 1 ? long_name : name);
		place->by_default = i != 2;
	}
	return out_of_memory ? -ENOMEM : n_shelves ? 0 : -ENOENT;
}

static int open_shelf(struct fp_place *place, struct fp_refusal *refusal)
{
	wished = place->wish.memory;
	if (strcmp(place->name, "gone"))
		return 0;
	return fp_refuse(refusal, -ENOENT, "%s is not there", place->name);
}

static int map_shelf(const struct fp_machine *machine, struct fp_mapping *m,
		     struct fp_refusal *refusal)
{
	(void)machine;
	m->bytes = m->place->wish.bytes;
	m->address = fp_reserve_address(m->bytes);
	return m->address ? 0 : fp_refuse(refusal, -ENOMEM, "no room");
}

static void unmap_shelf(struct fp_mapping *m)
{
	munmap(m->address, m->bytes);
}

static void close_shelf(struct fp_place *place)
{
	place->open = NULL;
}

static const struct fp_target shelf = {
	.name = "shelf", .summary = "what a test has put up", .example = "shelf:NAME",
	.missing = "there is no shelf", .how_to_get = "put one up",
	.memory = FP_WB | FP_UC, .by_default = true, .parse = parse_shelf, .list = list_shelves,
	.open = open_shelf, .map = map_shelf, .unmap = unmap_shelf, .close = close_shelf,
};

/* ---- one that has no names, and is used only by who asks for it ---- */

static int list_cellar(const struct fp_target *target, struct fp_place_list *places)
{
	return fp_places_add(places, target, target->name) ? 0 : -ENOMEM;
}

static const struct fp_target cellar = {
	.name = "cellar", .summary = "cool and dark", .memory = FP_DEV, .is_ram = true,
	.list = list_cellar, .open = open_shelf, .map = map_shelf, .unmap = unmap_shelf,
	.close = close_shelf,
};

const struct fp_target *const fp_targets[] = { &shelf, &cellar, NULL };

/* ---- tests ---- */

static void test_asked(void)
{
	static const char *const none[] = { "", "shelf:", "cellar:0", "ram", "module",
					    "0000:00:04.0-bar2" };
	char text[LONG_NAME + 16], *words = fp_targets_words();
	struct fp_place_list found;
	struct fp_asked asked;

	tap_ok(!fp_target_parse("cellar", &asked) && asked.target == &cellar && !asked.place,
	       "a target by its name");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		tap_is_int(fp_target_parse(none[i], &asked), -EINVAL, "\"%s\" is none", none[i]);
	snprintf(text, sizeof(text), "shelf:%s", long_name);
	tap_ok(!fp_target_parse(text, &asked) && asked.target == &shelf && asked.place == text,
	       "a place by a name of %d bytes", LONG_NAME);
	tap_ok(!fp_places_find(&found, &asked) && found.n == 1 &&
	       !strcmp(found.all[0].name, long_name), "it keeps all of its name");
	fp_places_free(&found);
	tap_is_str(words, "shelf, cellar, or shelf:NAME", "what can be asked for is what there is");
	free(words);
}

/* The names of what is found, or of all, joined. */
static void has(struct fp_place_list *list, int err, const char *names, const char *what)
{
	char got[256] = "";

	for (size_t i = 0; i < list->n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%.8s", i ? " " : "",
			 list->all[i].name);
	tap_is_int(err, 0, "%s: no error", what);
	tap_is_str(got, names, "%s", what);
	fp_places_free(list);
}

static void test_found(void)
{
	const struct fp_asked by_default = { 0 }, shelves = { &shelf, NULL },
			     third = { &shelf, "shelf:2" },
			      gone = { &shelf, "shelf:gone" };
	struct fp_place_list list;
	int err;

	n_shelves = 4;
	err = fp_places_all(&list);
	has(&list, err, "0 nnnnnnnn 2 3 cellar", "all that there is");
	err = fp_places_find(&list, &by_default);
	has(&list, err, "0 nnnnnnnn 3", "by default what is meant for it");
	err = fp_places_find(&list, &shelves);
	has(&list, err, "0 nnnnnnnn 2 3", "all of a target");
	err = fp_places_find(&list, &third);
	has(&list, err, "2", "one that is not used by default");
	err = fp_places_find(&list, &gone);
	has(&list, err, "gone", "one that is not there: opening it says so");
	n_shelves = 0;
	err = fp_places_find(&list, &shelves);
	has(&list, err, "", "a target that has none");
	err = fp_places_all(&list);
	has(&list, err, "cellar", "and what the others have");
	n_shelves = 100;
	tap_ok(!fp_places_all(&list) && list.n == 101 && !strcmp(list.all[99].name, "99"),
	       "as many as there are");
	fp_places_free(&list);
	out_of_memory = true;
	tap_is_int(fp_places_all(&list), -ENOMEM, "no memory is an error");
	fp_places_free(&list);
	out_of_memory = false;
}

static void says(size_t n, const struct fp_asked *asked, const char *wanted)
{
	struct fp_place_list found;
	char *why;

	n_shelves = n;
	fp_places_find(&found, asked);
	why = fp_places_why_none(&found, asked);
	tap_is_str(why, wanted, "%zu shelves: it says why there is nothing", n);
	free(why);
	fp_places_free(&found);
}

static void test_nothing(void)
{
	const struct fp_asked by_default = { 0 }, shelves = { &shelf, NULL },
			     one = { &shelf, "shelf:7" };

	says(0, &by_default, "nothing can run: there is no shelf (put one up)");
	says(1, &by_default, "nothing can run: 0 has none of the memory types asked for");
	says(0, &shelves, "target shelf: there is no shelf; get one with: put one up");
	says(2, &shelves,
	     "nothing can run: target shelf has none of the memory types asked for (it is what a "
	     "test has put up)");
	says(1, &one, "nothing can run: target 7 has none of the memory types asked for (it is "
		      "what a test has put up)");
}

static void test_map(void)
{
	const struct fp_machine machine = { 0 };
	struct fp_refusal refusal = { "" };
	struct fp_place_list list;
	struct fp_mapping m;

	n_shelves = 1;
	fp_places_all(&list);
	list.all[0].wish = fp_place_wish(&list.all[0], 0, 1 << 20, false);
	tap_is_int(list.all[0].wish.memory, FP_WB | FP_UC, "by default all types of the target");
	tap_is_int(fp_place_wish(&list.all[0], FP_UC | FP_WC, 1, false).memory, FP_UC,
		   "of those asked for what it has");
	tap_is_int(fp_place_wish(&list.all[1], FP_WB, 1, false).memory, 0, "perhaps none");
	tap_ok(!shelf.open(&list.all[0], &refusal) && wished == (FP_WB | FP_UC),
	       "it knows its wish");
	tap_ok(!fp_place_map(&machine, &list.all[0], FP_UC, &m, &refusal) && m.requested == FP_UC &&
	       m.place == &list.all[0] && m.bytes == 1 << 20 && m.numa_node == -1 && !*m.effective,
	       "a mapping is of its place and type");
	tap_ok(!m.is_ram && !m.is_bar, "it is what its target is: neither RAM nor a BAR");
	shelf.unmap(&m);
	list.all[1].wish = fp_place_wish(&list.all[1], 0, 1 << 20, false);
	tap_ok(!fp_place_map(&machine, &list.all[1], FP_DEV, &m, &refusal) && m.is_ram,
	       "or RAM, whatever its type");
	shelf.unmap(&m);
	tap_is_str(fp_target_profiled() ? "one" : NULL, NULL,
		   "there may be none to profile the CPU on");
	fp_places_free(&list);
}

int main(void)
{
	memset(long_name, 'n', LONG_NAME);
	test_asked();
	test_found();
	test_nothing();
	test_map();
	return tap_done();
}
