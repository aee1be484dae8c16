/* Frames of every link type: whatever the bytes, the payload lies within the frame and the limits hold. An input is one byte that chooses the
 * link type, one byte for how much longer the frame was on the wire, and the frame. */
#include "decode/decode.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 1 first, and once more at the end a number that is no link type. */
static const uint16_t link_types[] = {1, 0, 9, 12, 14, 50, 51, 101, 108, 113, 228, 229, 276, 105, 9999};

static void check(int true_or_bug)
{
    if (!true_or_bug)
        abort();
}

static void check_packet(const struct cd_packet *p, const uint8_t *bytes, size_t len)
{
    check(p->payload >= bytes && p->payload_len <= len && p->payload + p->payload_len <= bytes + len);
    check(p->payload_wire_len >= p->payload_len);
    check((p->bad == NULL) == (p->bad_layer == NULL));
    check(p->n_vlans <= CD_VLANS_MAX && p->n_tunnels <= CD_DECODE_TUNNELS_MAX + 1);
    check(p->n_tunnels == 0 || p->tunnel != 0);
    check(!p->ip || (p->ip >= bytes && p->ip < bytes + len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    uint16_t link = link_types[data[0] % (sizeof link_types / sizeof *link_types)];
    size_t len = size - 2;
    uint8_t *frame = malloc(len ? len : 1); /* of its exact size */
    memcpy(frame, data + 2, len);
    struct cd_packet p = {.time_ns = 1, .frame = 1};
    cd_decode(link, frame, (uint32_t)len, (uint32_t)len + data[1], &p);
    check_packet(&p, frame, len);
    if (p.fragment) { /* as if this were the whole datagram */
        const uint8_t *datagram = p.payload;
        uint32_t datagram_len = p.payload_len;
        cd_decode_datagram(datagram, datagram_len, &p);
        check_packet(&p, datagram, datagram_len);
    }
    free(frame);
    return 0;
}
