/* Sources of frames: capture files (pcap, pcapng, plain, gzip, zstd, standard input) and live interfaces, behind one reader.
 *
 * A source is opened on a file descriptor that somebody else opened, so that the process which parses needs no right to
 * open anything. Frames come in batches; their bytes are borrowed and stay valid until the next call on the same source. */
#ifndef CD_CAPTURE_CAPTURE_H
#define CD_CAPTURE_CAPTURE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Link types by their numbers in capture files (the LINKTYPE_ registry). */
enum cd_link_type {
    CD_LINK_NULL = 0, /* BSD loopback, family in the writer's byte order */
    CD_LINK_ETHERNET = 1,
    CD_LINK_PPP = 9,
    CD_LINK_RAW = 101,  /* also written as 12 and 14 */
    CD_LINK_LOOP = 108, /* OpenBSD loopback, family big-endian */
    CD_LINK_LINUX_SLL = 113,
    CD_LINK_IPV4 = 228,
    CD_LINK_IPV6 = 229,
    CD_LINK_LINUX_SLL2 = 276,
};

struct cd_frame {
    const uint8_t *bytes;  /* borrowed until the next read of the source */
    uint32_t captured_len; /* bytes there are */
    uint32_t wire_len;     /* bytes there were on the wire, >= captured_len */
    uint64_t time_ns;      /* since 1970, UTC */
    uint64_t number;       /* 1 for the first frame of the source */
    uint32_t interface;    /* 0-based within the source */
    uint16_t link_type;    /* enum cd_link_type or another registry number */
};

/* How far the source can be trusted; grows while reading. */
struct cd_capture_counters {
    uint64_t frames, captured_bytes, wire_bytes;
    uint64_t first_ns, last_ns; /* the smallest and the largest time seen; 0 without frames */
    uint64_t cut_frames;        /* captured_len < wire_len */
    uint64_t dropped;           /* the kernel or the capturing program said so (live rings, pcapng statistics) */
};

struct cd_capture;

/* Opens a capture file on fd (taken over on success, the caller's on failure). `name` is for messages only. The format is told by
 * content. Fails with CD_ERROR_INPUT where it is none, naming what was found and what was expected, with CD_ERROR_ACCESS where
 * it can't be read. Opening a file needs lseek(2), read(2) and mmap(2) of memory, reading it read(2) and poll(2) alone; it
 * allocates nothing but what libzstd wants for a later frame with a larger window. */
int cd_capture_open(int fd, const char *name, struct cd_capture **ret_capture, struct cd_error *e);

/* Opens a live ring (AF_PACKET TPACKET_V3) on interface `interface`; needs CAP_NET_RAW. `filter` is a BPF expression
 * in tcpdump's language or NULL. ring_bytes 0 means the default (64 MiB). CD_ERROR_ACCESS without the right or the interface,
 * CD_ERROR_USAGE for a bad filter. Reading needs read(2), and cd_capture_count getsockopt(2) for PACKET_STATISTICS. A problem
 * means that the interface went down or away; it passes when frames come again. */
int cd_capture_open_live(const char *interface, const char *filter, size_t ring_bytes, struct cd_capture **ret_capture,
                         struct cd_error *e);

/* The descriptor to poll for a live source, to keep open across confinement; -1 where everything is in memory. */
int cd_capture_fd(const struct cd_capture *capture);

/* Reads up to `max` frames. Returns how many (0: end of file, or nothing there yet on a live source). Damage in the file ends it: what came
 * before is used and cd_capture_problem() tells. Never blocks on a live source. */
size_t cd_capture_read(struct cd_capture *capture, struct cd_frame *frames, size_t max);

/* NULL, or what was wrong with the file: "cut off at byte 1234 in frame 17: 60 bytes announced, 12 there". Owned by the source. */
const char *cd_capture_problem(const struct cd_capture *capture);

/* Counters so far; for live sources this asks the kernel for drops. */
const struct cd_capture_counters *cd_capture_count(struct cd_capture *capture);

/* Bytes consumed and the size of the file (0 where unknown, as for a pipe): for progress. */
void cd_capture_progress(const struct cd_capture *capture, uint64_t *ret_done, uint64_t *ret_total);

/* Names bound to addresses by pcapng name-resolution blocks, `visit` once for each; they are the capturing person's claims, not traffic.
 * At most 4096 are kept. */
void cd_capture_names(const struct cd_capture *capture,
                      void (*visit)(void *context, const uint8_t *address, size_t address_len, const char *name),
                      void *context);

/* Closes and frees; NULL is allowed. */
void cd_capture_close(struct cd_capture *capture);

#endif
