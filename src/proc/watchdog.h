/* The parent's side of a role: reading what it sends with a deadline, so that a role that hangs or dies is always
 * noticed and never mistaken for one that came to its end. */
#ifndef CD_PROC_WATCHDOG_H
#define CD_PROC_WATCHDOG_H

#include "proc/child.h"

/* Reads up to `size` bytes from fd, waiting at most deadline_ms (negative: for ever). *ret_len is 0 where the child
 * closed its end and exited with success. Fails where it ended otherwise (code and text as cd_child_wait), or was
 * silent for too long: then it is killed, and the code is CD_ERROR_SYSTEM. */
int cd_watchdog_read(struct cd_child *child, int fd, void *buffer, size_t size, int deadline_ms, size_t *ret_len,
                     struct cd_error *e);

#endif
