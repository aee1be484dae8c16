/* Inside of the room: what the kinds of sources share. capture.c opens and dispatches; pcap.c, pcapng.c and live.c each
 * fill a struct cd_source_type. */
#ifndef CD_CAPTURE_SOURCE_H
#define CD_CAPTURE_SOURCE_H

#include "capture/bytes.h"
#include "capture/capture.h"

/* No link layer makes longer frames; a record that claims more is damaged (the same limit as other readers have). */
#define CD_FRAME_MAX 262144u

struct cd_source_type {
    size_t (*read)(struct cd_capture *capture, struct cd_frame *frames, size_t max);
    void (*refresh)(struct cd_capture *capture); /* brings the counters up to date; may be NULL */
    void (*names)(const struct cd_capture *capture,
                  void (*visit)(void *context, const uint8_t *address, size_t address_len, const char *name),
                  void *context); /* may be NULL */
    void (*close)(struct cd_capture *capture);
};

struct cd_capture {
    const struct cd_source_type *type;
    void *state; /* the type's own */
    struct cd_capture_counters counters;
    bool ended;            /* nothing more comes: the end, or damage */
    char problem[512];     /* empty while all is well */
    struct cd_bytes bytes; /* files only */
    int fd;                /* owned; -1 where everything is in memory */
    bool live;
};

/* Reads the file header at the start of c->bytes and installs the type. CD_ERROR_INPUT where the header is cut off or of
 * a version that is not known. The caller has seen that the magic number fits. */
int cd_pcap_start(struct cd_capture *c, const char *name, struct cd_error *e);
int cd_pcapng_start(struct cd_capture *c, const char *name, struct cd_error *e);
/* Do the first four bytes belong to the format? */
bool cd_pcap_is(const uint8_t *magic);
bool cd_pcapng_is(const uint8_t *magic);

/* Ends the source with a problem. `announced` bytes should have been at the place that `where` names ("frame 17"), the
 * window has fewer; or a fault of the byte stream alone when the cut is between two records (announced 0). */
void cd_source_cut(struct cd_capture *c, const char *where, uint64_t announced, uint64_t there);
/* Ends the source because the bytes at the window make no sense. `where` as above, `what` in words. */
void cd_source_damaged(struct cd_capture *c, const char *where, const char *what);

/* The registry number for a link type as written in files (12 and 14 are old numbers of raw IP). */
uint16_t cd_link_normal(uint32_t written);

/* Names what content begins with, for the message that it is no capture: "is a PNG image", "begins with 00 01 02". */
void cd_sniff_name(const uint8_t *bytes, size_t n, char *ret_text, size_t cap);

/* Counts a frame. Readers with a loop of their own sum up there instead. */
static inline void cd_source_count(struct cd_capture *c, const struct cd_frame *f)
{
    struct cd_capture_counters *k = &c->counters;
    if (k->frames == 0 || f->time_ns < k->first_ns)
        k->first_ns = f->time_ns;
    if (f->time_ns > k->last_ns)
        k->last_ns = f->time_ns;
    k->frames++;
    k->captured_bytes += f->captured_len;
    k->wire_bytes += f->wire_len;
    k->cut_frames += f->wire_len > f->captured_len;
}

#endif
