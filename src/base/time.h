/* Times as text. */
#ifndef CD_BASE_TIME_H
#define CD_BASE_TIME_H

#include "base/text.h"

#include <stdint.h>

/* Nanoseconds since 1970 UTC as ISO 8601 (RFC 3339): "2024-03-01T09:30:00.25Z", with as many decimals as are needed, at most nine. */
void cd_text_time(struct cd_text *t, uint64_t time_ns);
/* The part of a second behind the point, with it: ".25"; nothing where there is none. ns < 1 000 000 000. */
void cd_text_time_fraction(struct cd_text *t, unsigned ns);
/* The same for tables: "2024-03-01 09:30:00", UTC, cut to the second. */
void cd_text_time_short(struct cd_text *t, uint64_t time_ns);

#endif
