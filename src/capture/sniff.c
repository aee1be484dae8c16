/* Names for content that is no capture file we read, so that the message helps. */
#include "base/text.h"
#include "capture/source.h"

#include <string.h>

static const struct {
    const char *magic;
    uint8_t len;
    const char *name;
} magics[] = {
#define MAGIC(bytes, name)                                                                                             \
    {                                                                                                                  \
        bytes, sizeof(bytes) - 1, name                                                                                 \
    }
    /* captures in other formats */
    MAGIC("snoop\0\0\0", "is a snoop capture (RFC 1761), which is not supported"),
    MAGIC("GMBU", "is a Microsoft Network Monitor 2 capture, which is not supported"),
    MAGIC("RTSS", "is a Microsoft Network Monitor 1 capture, which is not supported"),
    MAGIC("TRSNIFF data    \x1a", "is a DOS Sniffer capture, which is not supported"),
    MAGIC("XCP\0", "is a Windows Sniffer or NetXRay capture, which is not supported"),
    MAGIC("\x00\x00\x02\x00\x12\x05\x00\x10", "is a K12 rf5 capture, which is not supported"),
    MAGIC("+---------+------", "is a K12 text capture, which is not supported"),
    MAGIC("iptrace ", "is an AIX iptrace capture, which is not supported"),
    MAGIC("ObserverPktBuffe", "is a Network Instruments Observer capture, which is not supported"),
    MAGIC("\xaa\xaa\xaa\xaa", "is a 5Views capture, which is not supported"),
    MAGIC("btsnoop\0", "is a Bluetooth snoop capture, which is not supported"),
    MAGIC("LOGG", "is a Vector BLF log, which is not supported"),
    /* other compression */
    MAGIC("\xfd"
          "7zXZ\0",
          "is compressed with xz, which is not supported"),
    MAGIC("BZh", "is compressed with bzip2, which is not supported"),
    MAGIC("\x04\x22\x4d\x18", "is compressed with lz4, which is not supported"),
    MAGIC("\x1f\x9d", "is compressed with compress (.Z), which is not supported"),
    MAGIC("\x1f\x8b", "is a gzip file"),
    MAGIC("\x28\xb5\x2f\xfd", "is a zstd file"),
    MAGIC("PK\x03\x04", "is a zip archive: unpack it first"),
    MAGIC("7z\xbc\xaf\x27\x1c", "is a 7z archive: unpack it first"),
    MAGIC("Rar!\x1a\x07", "is a rar archive: unpack it first"),
    /* what people pass by mistake */
    MAGIC("\x7f"
          "ELF",
          "is an ELF program"),
    MAGIC("MZ", "is a Windows program"),
    MAGIC("\x89PNG\r\n\x1a\n", "is a PNG image"),
    MAGIC("\xff\xd8\xff", "is a JPEG image"),
    MAGIC("GIF8", "is a GIF image"),
    MAGIC("%PDF-", "is a PDF document"),
    MAGIC("SQLite format 3\0", "is a SQLite database"),
    MAGIC("<!DOCTYPE html", "is an HTML page"),
    MAGIC("<!doctype html", "is an HTML page"),
    MAGIC("<html", "is an HTML page"),
    MAGIC("<HTML", "is an HTML page"),
    MAGIC("<?xml", "is an XML document"),
#undef MAGIC
};

/* Windows event traces: a buffer header of 72 bytes that starts with its size, then a system header with version 2,
 * type 1 or 2 (32 or 64 bit) and flags 0xc0. */
static bool is_etl(const uint8_t *p, size_t n)
{
    return n >= 76 && p[0] == 0 && (p[1] & 3) == 0 && p[3] == 0 && p[72] == 2 && p[73] == 0 &&
           (p[74] == 1 || p[74] == 2) && p[75] == 0xc0;
}

/* Endace ERF has no magic number: time (little-endian fraction, then seconds) 8 | type 1 | flags 1 | record length 2 |
 * lost 2 | wire length 2. Taken for one where the second record looks the same and is not earlier. */
static bool is_erf_record(const uint8_t *p, uint32_t *ret_seconds, size_t *ret_len)
{
    uint32_t seconds = (uint32_t)p[7] << 24 | (uint32_t)p[6] << 16 | (uint32_t)p[5] << 8 | p[4];
    unsigned type = p[8] & 0x7f;
    *ret_seconds = seconds;
    *ret_len = (size_t)p[10] << 8 | p[11];
    return seconds > 800000000 && type >= 1 && type <= 48 && *ret_len >= 18;
}

static bool is_erf(const uint8_t *p, size_t n)
{
    uint32_t first, second;
    size_t len, unused;
    return n >= 16 && is_erf_record(p, &first, &len) && len + 16 <= n && is_erf_record(p + len, &second, &unused) &&
           second - first < 86400;
}

static bool is_text(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((p[i] < ' ' && p[i] != '\t' && p[i] != '\r' && p[i] != '\n') || p[i] == 0x7f)
            return false;
    return true;
}

void cd_sniff_name(const uint8_t *bytes, size_t n, char *ret_text, size_t cap)
{
    struct cd_text t = cd_text_of(ret_text, cap);
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (n >= magics[i].len && memcmp(bytes, magics[i].magic, magics[i].len) == 0) {
            cd_text_str(&t, magics[i].name);
            return;
        }
    if (is_etl(bytes, n)) {
        cd_text_str(&t, "is a Windows event trace (.etl): convert it with etl2pcapng");
    } else if (is_erf(bytes, n)) {
        cd_text_str(&t, "is an Endace ERF capture, which is not supported");
    } else if (n > 1 && is_text(bytes, n < 64 ? n : 64)) {
        const uint8_t *line = memchr(bytes, '\n', n);
        size_t len = line ? (size_t)(line - bytes) : n;
        cd_text_str(&t, "is text that begins with \"");
        cd_text_device(&t, bytes, len < 24 ? len : 24);
        cd_text_char(&t, '"');
    } else {
        cd_text_str(&t, n < 4 ? "has only the bytes" : "begins with the bytes");
        for (size_t i = 0; i < n && i < 8; i++) {
            cd_text_char(&t, ' ');
            cd_text_hex(&t, bytes[i], 2);
        }
    }
}
