/* Landlock by its system calls, in the one way we use it: everything is handled and no rule permits anything. */
#ifndef CD_PROC_LANDLOCK_H
#define CD_PROC_LANDLOCK_H

/* Denies this process every path, TCP bind and connect, abstract Unix sockets and signals to others, as far as the
 * kernel knows them. no_new_privs must be set. Returns the kernel's Landlock version, 0 where there is none, -1 with
 * errno on failure. */
int cd_landlock_deny_all(void);

#endif
