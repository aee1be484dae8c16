/* The whole sensor: a list of frames through decode, flow, reassembly, framing and every dissector, with tables so small that their limits are
 * reached. An input is a list of frames, each with a header of four bytes:
 *
 *   bits 0-3 of byte 0: link type; bits 4-5: how far time goes on; bit 6: the frame was longer on the wire; bit 7: end of the batch
 *   byte 1: how many bytes of the frame before this one are taken over, from its front
 *   bytes 2-3: how many bytes of this frame follow
 *
 * Taking over the front makes it likely that frames belong to the same flow. */
#include "base/memory.h"
#include "sensor/sensor.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FRAMES_MAX = 64, FRAME_HEADER = 4, BYTES_MAX = 4096 };

static const uint16_t link_types[16] = {1, 1, 1, 1, 1, 0, 9, 50, 51, 101, 108, 113, 228, 229, 276, 105};
static const uint64_t steps_ns[4] = {0, 1000000, 400000000, 130000000000};

static void check(int true_or_bug)
{
    if (!true_or_bug)
        abort();
}

/* One frame of the list in an exact copy; the bytes of the input that it took, 0 at the end. */
static size_t next_frame(const uint8_t *data, size_t size, const struct cd_frame *before, struct cd_frame *ret_frame)
{
    if (size < FRAME_HEADER)
        return 0;
    size_t fresh = (size_t)data[2] << 8 | data[3], front = before ? data[1] : 0;
    if (fresh > size - FRAME_HEADER)
        fresh = size - FRAME_HEADER;
    if (before && front > before->captured_len)
        front = before->captured_len;
    if (front + fresh > BYTES_MAX)
        fresh = BYTES_MAX - front;
    uint8_t *bytes = malloc(front + fresh ? front + fresh : 1);
    if (front)
        memcpy(bytes, before->bytes, front);
    memcpy(bytes + front, data + FRAME_HEADER, fresh);
    *ret_frame = (struct cd_frame){
        .bytes = bytes, .captured_len = (uint32_t)(front + fresh), .link_type = link_types[data[0] & 15]};
    ret_frame->wire_len = ret_frame->captured_len + (data[0] & 64 ? 100 : 0);
    ret_frame->time_ns = (before ? before->time_ns : 1700000000000000000u) + steps_ns[data[0] >> 4 & 3];
    ret_frame->number = before ? before->number + 1 : 1;
    return FRAME_HEADER + fresh;
}

static void check_result(const struct cd_sensor *s, size_t n)
{
    const struct cd_observer *o = s->observer;
    uint64_t packets = 0;
    check(s->health.frames == n && s->streams.counters.waiting_bytes == 0 && s->flows.active == 0);
    for (uint32_t i = 0; i < o->conversations.count; i++)
        packets += o->conversations.items[i].client_packets + o->conversations.items[i].server_packets;
    check(packets <= 2 * n); /* a tunnel is a conversation besides the one in it */
    for (uint32_t i = 0; i < o->operations.count; i++)
        check(o->operations.items[i].errors <= o->operations.items[i].responses &&
              o->operations.items[i].pair < o->pairs.count + 1);
    for (uint32_t i = 0; i < o->facts.count; i++)
        check(o->facts.items[i].value[0] != '\0' && o->facts.items[i].confidence <= 100);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cd_sensor_options options = {.max_flows = 8, .max_waiting_bytes = 20000};
    struct cd_sensor *s = cd_sensor_new(&options);
    struct cd_frame frames[FRAMES_MAX];
    size_t n = 0, first = 0;
    while (n < FRAMES_MAX) {
        bool last = size > 0 && data[0] & 128;
        size_t used = next_frame(data, size, n ? &frames[n - 1] : NULL, &frames[n]);
        if (!used)
            break;
        n++;
        data += used, size -= used;
        if (last) {
            cd_sensor_take(s, frames + first, n - first);
            first = n;
        }
    }
    cd_sensor_take(s, frames + first, n - first);
    for (size_t i = 0; i < n; i++)
        free((uint8_t *)frames[i].bytes); /* what the sensor still needs it has copied */
    cd_sensor_finish(s);
    check_result(s, n);
    cd_sensor_free(s);
    return 0;
}
