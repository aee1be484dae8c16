/* Niagara Fox, the protocol of Tridium's building controllers (JACE), supervisors and Workbench. Unpublished: written after captures and the public notes of others.
 *
 *     fox <type> <sequence> <reply> <channel> <command> LF { LF  { <name>=<type>:<value> LF } ...  };; LF
 *
 * Types of frames: s synchronous request, r reply, n empty reply, e error, a asynchronous, k keep-alive, c close. Types of values: s text (other than printable ASCII as #hex;),
 * i, f, t numbers, z truth, b <length>[bytes], o <encoding> <length>[bytes], m a message within, from { to }. */
#ifndef CD_PROTOCOLS_FOX_H
#define CD_PROTOCOLS_FOX_H

#include "protocols/dissector.h"

enum { CD_FOX_FRAME_MAX = 65536 }; /* the limit that stations have by default before a sign-in */

struct cd_fox_frame {
    char type;
    int64_t sequence, reply;
    struct cd_reader channel, command; /* texts */
    struct cd_reader body;             /* tuples, without the braces */
};

struct cd_fox_tuple {
    struct cd_reader name;
    char type;
    struct cd_reader value; /* text of s, i, f, t, z; the bytes of b and o; empty for m and its end */
};

/* The field that is bad where a counted value's bytes are not all there yet. */
extern const char cd_fox_missing_bytes[];

/* The bytes up to `end`, which is consumed but not given; bad where it does not come within `most` bytes. */
struct cd_reader cd_fox_read_until(struct cd_reader *r, char end, size_t most, const char *field);
/* One whole frame. *ret is untouched where it does not fit. */
bool cd_fox_parse(struct cd_reader *r, struct cd_fox_frame *ret);
/* The next value, those of messages within among them; false at the end or where it does not fit (r->bad). The end of a message within has the type 0. */
bool cd_fox_next(struct cd_reader *body, struct cd_fox_tuple *ret);

#endif
