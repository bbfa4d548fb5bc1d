// SPDX-License-Identifier: MIT
#include "targets/places.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int make_room(struct fp_place_list *list)
{
	size_t room = list->room ? 2 * list->room : 8;
	struct fp_place *all;

	if (list->n < list->room)
		return 0;
	all = reallocarray(list->all, room, sizeof(*all));
	if (!all)
		return -ENOMEM;
	list->all = all;
	list->room = room;
	return 0;
}

struct fp_place *fp_places_add(struct fp_place_list *list, const struct fp_target *target,
			       const char *name)
{
	struct fp_place place = { .target = target, .by_default = target->by_default };

	if (make_room(list))
		return NULL;
	place.name = strdup(name);
	if (!place.name)
		return NULL;
	list->all[list->n] = place;
	return &list->all[list->n++];
}

void fp_places_free(struct fp_place_list *list)
{
	while (list->n)
		free(list->all[--list->n].name);
	free(list->all);
	*list = (struct fp_place_list){ 0 };
}

/* ---- what is asked for ---- */

static const struct fp_target *find_target(const char *name)
{
	size_t i = 0;

	while (fp_targets[i] && strcmp(fp_targets[i]->name, name))
		i++;
	return fp_targets[i];
}

int fp_target_parse(const char *text, struct fp_asked *asked)
{
	int err = -EINVAL;

	*asked = (struct fp_asked){ .target = find_target(text) };
	if (asked->target)
		return 0;
	for (size_t i = 0; err == -EINVAL && fp_targets[i]; i++) {
		char *name;

		if (fp_targets[i]->parse)
			err = fp_targets[i]->parse(text, &name);
		if (err)
			continue;
		free(name);
		*asked = (struct fp_asked){ fp_targets[i], text };
	}
	return err;
}

struct words {
	FILE *to;
	size_t n, of;
};

static void put_word(struct words *words, const char *word)
{
	if (words->n)
		fputs(words->n + 1 == words->of ? ", or " : ", ", words->to);
	fputs(word, words->to);
	words->n++;
}

char *fp_targets_words(void)
{
	char *text = NULL;
	size_t bytes;
	struct words words = { .to = open_memstream(&text, &bytes) };

	if (!words.to)
		return NULL;
	for (size_t i = 0; fp_targets[i]; i++)
		words.of += fp_targets[i]->example ? 2 : 1;
	for (size_t i = 0; fp_targets[i]; i++)
		put_word(&words, fp_targets[i]->name);
	for (size_t i = 0; fp_targets[i]; i++)
		if (fp_targets[i]->example)
			put_word(&words, fp_targets[i]->example);
	fclose(words.to);
	return text;
}

/* ---- what there is of it ---- */

/* A target that can't be looked at has nothing; who asks for it learns why when it is opened. */
static int list_target(struct fp_place_list *list, const struct fp_target *target)
{
	return target->list(target, list) == -ENOMEM ? -ENOMEM : 0;
}

int fp_places_all(struct fp_place_list *list)
{
	int err = 0;

	*list = (struct fp_place_list){ 0 };
	for (size_t i = 0; !err && fp_targets[i]; i++)
		err = list_target(list, fp_targets[i]);
	return err;
}

static int find_named(struct fp_place_list *found, const struct fp_asked *asked)
{
	char *name;
	int err = asked->target->parse(asked->place, &name);

	if (err)
		return err;
	if (!fp_places_add(found, asked->target, name))
		err = -ENOMEM;
	free(name);
	return err;
}

static void keep_defaults(struct fp_place_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		if (list->all[i].by_default)
			list->all[n++] = list->all[i];
		else
			free(list->all[i].name);
	list->n = n;
}

int fp_places_find(struct fp_place_list *found, const struct fp_asked *asked)
{
	int err;

	*found = (struct fp_place_list){ 0 };
	if (asked->place)
		return find_named(found, asked);
	if (asked->target)
		return list_target(found, asked->target);
	err = fp_places_all(found);
	keep_defaults(found);
	return err;
}

struct fp_wish fp_place_wish(const struct fp_place *place, unsigned memory, size_t bytes,
			     bool allow_registers)
{
	unsigned has = place->target->memory;

	return (struct fp_wish){ memory ? memory & has : has, bytes, allow_registers };
}

/* ---- why there is nothing ---- */

static void put_asked(FILE *to, const struct fp_place_list *found, const struct fp_asked *asked)
{
	const struct fp_target *target = asked->target;

	if (found->n)
		fprintf(to,
			"nothing can run: target %s has none of the memory types asked for "
			"(it is %s)", asked->place ? found->all[0].name : target->name,
			target->summary);
	else
		fprintf(to, "target %s: %s; get one with: %s", target->name, target->missing,
			target->how_to_get);
}

static bool has_place(const struct fp_place_list *list, const struct fp_target *target)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->all[i].target == target)
			return true;
	return false;
}

static void put_default(FILE *to, const struct fp_place_list *found)
{
	const char *separator = "nothing can run: ";

	for (size_t i = 0; i < found->n; i++) {
		fprintf(to, "%s%s", separator, found->all[i].name);
		separator = ", ";
	}
	if (found->n) {
		fprintf(to, " %s none of the memory types asked for",
			found->n > 1 ? "have" : "has");
		separator = ", and ";
	}
	for (size_t i = 0; fp_targets[i]; i++) {
		const struct fp_target *target = fp_targets[i];

		if (!target->by_default || !target->missing || has_place(found, target))
			continue;
		fprintf(to, "%s%s (%s)", separator, target->missing, target->how_to_get);
		separator = ", and ";
	}
}

char *fp_places_why_none(const struct fp_place_list *found, const struct fp_asked *asked)
{
	char *text = NULL;
	size_t bytes;
	FILE *to = open_memstream(&text, &bytes);

	if (!to)
		return NULL;
	if (asked->target)
		put_asked(to, found, asked);
	else
		put_default(to, found);
	fclose(to);
	return text;
}
