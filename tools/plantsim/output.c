#include "output.h"

#include "octets.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SNAP_LENGTH = 65535, LINKTYPE_ETHERNET = 1 };

static void put_pcap_header(struct octets *o)
{
    put_le32(o, 0xa1b2c3d4);
    put_le16(o, 2);
    put_le16(o, 4);
    put_le32(o, 0);
    put_le32(o, 0);
    put_le32(o, SNAP_LENGTH);
    put_le32(o, LINKTYPE_ETHERNET);
}

/* A section header block and an interface description block (draft-ietf-opsawg-pcapng 4.1, 4.2). */
static void put_pcapng_header(struct octets *o)
{
    enum { SECTION_LEN = 28, INTERFACE_LEN = 20 };
    put_le32(o, 0x0a0d0d0a);
    put_le32(o, SECTION_LEN);
    put_le32(o, 0x1a2b3c4d);
    put_le16(o, 1);
    put_le16(o, 0);
    put_le32(o, UINT32_MAX); /* the section's length is not told */
    put_le32(o, UINT32_MAX);
    put_le32(o, SECTION_LEN);
    put_le32(o, 1);
    put_le32(o, INTERFACE_LEN);
    put_le16(o, LINKTYPE_ETHERNET);
    put_le16(o, 0);
    put_le32(o, SNAP_LENGTH);
    put_le32(o, INTERFACE_LEN);
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), n = strlen(end);
    return len >= n && strcmp(text + len - n, end) == 0;
}

int output_open_file(struct output *o, const char *path, struct cd_error *e)
{
    uint8_t buffer[64];
    struct octets header = OCTETS_OF(buffer);
    o->path = path;
    o->is_pcapng = ends_with(path, ".pcapng");
    o->file = fopen(path, "wb");
    if (!o->file)
        return cd_error_errno(e, CD_ERROR_ACCESS, "%s can't be written", path);
    if (o->is_pcapng)
        put_pcapng_header(&header);
    else
        put_pcap_header(&header);
    fwrite(header.at, header.len, 1, o->file);
    return CD_OK;
}

static void write_pcap_record(struct output *o, uint64_t time_us, const uint8_t *bytes, size_t len)
{
    uint8_t buffer[16];
    struct octets header = OCTETS_OF(buffer);
    put_le32(&header, (uint32_t)(time_us / 1000000));
    put_le32(&header, (uint32_t)(time_us % 1000000));
    put_le32(&header, (uint32_t)len);
    put_le32(&header, (uint32_t)len);
    fwrite(header.at, header.len, 1, o->file);
    fwrite(bytes, len, 1, o->file);
}

/* An enhanced packet block (4.3), padded to 32 bits. */
static void write_pcapng_block(struct output *o, uint64_t time_us, const uint8_t *bytes, size_t len)
{
    enum { AROUND = 32 };
    uint8_t head[28], tail[8];
    struct octets header = OCTETS_OF(head), trailer = OCTETS_OF(tail);
    size_t padding = (4 - len % 4) % 4;
    put_le32(&header, 6);
    put_le32(&header, (uint32_t)(AROUND + len + padding));
    put_le32(&header, 0);
    put_le32(&header, (uint32_t)(time_us >> 32));
    put_le32(&header, (uint32_t)time_us);
    put_le32(&header, (uint32_t)len);
    put_le32(&header, (uint32_t)len);
    put_field(&trailer, "", padding, 0);
    put_le32(&trailer, (uint32_t)(AROUND + len + padding));
    fwrite(header.at, header.len, 1, o->file);
    fwrite(bytes, len, 1, o->file);
    fwrite(trailer.at, trailer.len, 1, o->file);
}

int output_open_interface(struct output *o, const char *interface, uint32_t speed, struct cd_error *e)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    address.sll_ifindex = (int)if_nametoindex(interface);
    if (!address.sll_ifindex)
        return cd_error_set(e, CD_ERROR_ACCESS, "there is no interface %s", interface);
    o->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (o->socket < 0 || bind(o->socket, (const struct sockaddr *)&address, sizeof address) < 0)
        return cd_error_errno(e, CD_ERROR_ACCESS, "frames can't be sent on %s", interface);
    o->speed = speed;
    return CD_OK;
}

static uint64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Sleeps until the simulated time has come in the real one. */
static void pace(struct output *o, uint64_t time_ns)
{
    if (!o->begin_ns) {
        o->begin_ns = time_ns;
        o->real_begin_ns = monotonic_ns();
    }
    uint64_t due = o->real_begin_ns + (time_ns - o->begin_ns) / o->speed * 1000;
    struct timespec until = {.tv_sec = (time_t)(due / 1000000000u), .tv_nsec = (long)(due % 1000000000u)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
        ;
}

int output_frame(struct output *o, uint64_t time_ns, const uint8_t *bytes, size_t len, struct cd_error *e)
{
    if (o->file) {
        if (o->is_pcapng)
            write_pcapng_block(o, time_ns / 1000, bytes, len);
        else
            write_pcap_record(o, time_ns / 1000, bytes, len);
        if (ferror(o->file))
            return cd_error_errno(e, CD_ERROR_FULL, "%s can't be written", o->path);
    }
    if (o->socket >= 0) {
        pace(o, time_ns);
        if (send(o->socket, bytes, len, 0) < 0)
            return cd_error_errno(e, CD_ERROR_SYSTEM, "a frame of %zu bytes can't be sent", len);
    }
    return CD_OK;
}

int output_close(struct output *o, struct cd_error *e)
{
    int failed = o->file && (ferror(o->file) || fclose(o->file) != 0);
    o->file = NULL;
    if (o->socket >= 0)
        close(o->socket);
    o->socket = -1;
    return failed ? cd_error_errno(e, CD_ERROR_FULL, "%s can't be written", o->path) : CD_OK;
}
