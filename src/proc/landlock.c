#include "proc/landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The system's header may be older than its kernel, so the numbers of linux/landlock.h are written here. */
#define SYSCALL_CREATE_RULESET 444
#define SYSCALL_RESTRICT_SELF 446
#define CREATE_RULESET_VERSION 1u

struct ruleset_attributes {
    uint64_t handled_fs;  /* version 1 */
    uint64_t handled_net; /* version 4 */
    uint64_t scoped;      /* version 6 */
};

/* Which rights a version knows, as the lowest n bits. */
static uint64_t lowest_bits(unsigned n)
{
    return (UINT64_C(1) << n) - 1;
}

static unsigned fs_rights(int version)
{
    if (version >= 5)
        return 16; /* and ioctl on devices */
    if (version >= 3)
        return 15;                 /* and truncate */
    return version == 2 ? 14 : 13; /* 2: and linking between folders */
}

int cd_landlock_deny_all(void)
{
    long version = syscall(SYSCALL_CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
    if (version < 0) /* not built in (ENOSYS), or switched off at boot (EOPNOTSUPP) */
        return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -1;
    struct ruleset_attributes attributes = {.handled_fs = lowest_bits(fs_rights((int)version))};
    size_t size = sizeof attributes.handled_fs;
    if (version >= 4) {
        attributes.handled_net = lowest_bits(2); /* TCP bind, connect */
        size += sizeof attributes.handled_net;
    }
    if (version >= 6) {
        attributes.scoped = lowest_bits(2); /* abstract Unix sockets, signals */
        size += sizeof attributes.scoped;
    }
    int ruleset = (int)syscall(SYSCALL_CREATE_RULESET, &attributes, size, 0);
    if (ruleset < 0)
        return -1;
    long r = syscall(SYSCALL_RESTRICT_SELF, ruleset, 0);
    int saved = errno;
    close(ruleset);
    errno = saved;
    return r < 0 ? -1 : (int)version;
}
