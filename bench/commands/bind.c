// SPDX-License-Identifier: MIT
/* bind and unbind: who has a device; nothing is measured. */
#include "bind/bind.h"

#include "base/message.h"
#include "commands/command.h"

static int set_force(void *options, const char *text)
{
	struct fp_options *o = options;

	(void)text;
	o->force = true;
	return 0;
}

static const struct fp_option options_of_bind[] = {
	{ .name = "force", .help = "even if it is in use", .set = set_force },
	{ .name = NULL },
};

/* usage: what it takes. */
static int take(struct fp_options *o, int n, char **words, int most, const char *usage)
{
	const char *name = o->chosen->name;

	if (!n || n > most) {
		fp_error(n ? "%s takes %s; \"%s\" is too much" : "%s takes %s", name, usage,
			 n ? words[most] : "");
		return FP_EXIT_USAGE;
	}
	o->device = words[0];
	o->bar = n > 1 ? words[1] : NULL;
	return 0;
}

static int take_bind(struct fp_options *o, int n, char **words)
{
	return take(o, n, words, 2, "a PCI address and perhaps a BAR: bind 0000:03:00.0 2");
}

static int take_unbind(struct fp_options *o, int n, char **words)
{
	return take(o, n, words, 1, "a PCI address: unbind 0000:03:00.0");
}

static int run_bind(const struct fp_options *o)
{
	return fp_bind(&fp_binder_system, o->device, o->bar, o->force);
}

static int run_unbind(const struct fp_options *o)
{
	return fp_unbind(&fp_binder_system, o->device);
}

const struct fp_command fp_command_bind = {
	.name = "bind",
	.arguments = "BDF [BAR]",
	.summary = "attach a PCI device to the kernel module, and say who had it; refuse one that "
		   "is in use",
	.groups = (const struct fp_option_group[]){ { NULL, options_of_bind }, { NULL, NULL } },
	.take = take_bind,
	.run = run_bind,
};

const struct fp_command fp_command_unbind = {
	.name = "unbind",
	.arguments = "BDF",
	.summary = "give it back to whom it belonged",
	.take = take_unbind,
	.run = run_unbind,
};
