/* SPDX-License-Identifier: MIT */
/*
 * mailbox.h - what is where in the mailbox: a file of the host's, and in the guest BAR 2
 * of an ivshmem-plain device.
 *
 *   0                     the length of what the guest has put, as text that ends a line
 *   MAILBOX_PAGE          the data
 *   size - MAILBOX_PAGE   how many questions the host has answered, in 8 digits
 *
 * The length is stored last: a host that finds one finds the data, too.  Consoles lose
 * lines now and then: a question has the number that the count becomes by it, and is
 * asked again.
 */
#ifndef LAB_MAILBOX_H
#define LAB_MAILBOX_H

#define MAILBOX_PAGE 4096
#define MAILBOX_ASKS "LAB: ask "

#endif
