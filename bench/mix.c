/* mix industrial|it MEGABYTES FILE.pcap: a mix of long connections, for machines without a corpus of real captures. Industrial: Modbus, S7comm,
 * EtherNet/IP with CIP, DNP3; IT: HTTP and bodies that look like TLS records. Requests and answers follow one another on three hundred
 * connections in an order that looks random. The same arguments give the same bytes. */
#include "pcap.h"

#include <stdlib.h>

enum { CONNECTIONS = 300, CLIENTS = 20 };

struct exchange {
    uint16_t port;
    const char *request, *response; /* hexadecimal */
    unsigned more;                  /* bytes that follow the response */
};

/* Each written by hand from its standard. */
static const struct exchange industrial[] = {
    {502, "000100000006010300640014",
     "00010000002b010328"
     "0001000200030004000500060007000800090010"
     "0011001200130014001500160017001800190020",
     0},
    {502, "000200000006010600640005", "000200000006010600640005", 0},
    {502, "00030000000601040000000a",
     "000300000017010414"
     "0001000200030004000500060007000800090010",
     0},
    {102,
     "0300001f02f080"
     "320100000001000e0000"
     "0401120a10020004000184000000",
     "0300001d02f080"
     "3203000000010002000800000401"
     "ff04002000000001",
     0},
    {44818,
     "6f0018000100000000000000"
     "000000000000000000000000"
     "0000000000000200"
     "00000000b2000800"
     "0e03200124013007",
     "6f0019000100000000000000"
     "000000000000000000000000"
     "0000000000000200"
     "00000000b2000900"
     "8e00000004706c6331",
     0},
    {20000, "05640bc4040001000130c0c0013c020654e0", "05641344010004002f31c0c08100000102000003810101818916", 0},
};
static const struct exchange it[] = {
    {80,
     "474554202f6173736574732f6170702e6a7320485454502f312e310d0a486f73743a206578616d706c652e636f6d0d0a557365722d4167656"
     "e743a20746573740d0a0d0a",
     "485454502f312e3120323030204f4b0d0a5365727665723a206e67696e780d0a436f6e74656e742d4c656e6774683a20323930300d0a0d0a",
     2900},
    {443, "1703030030", "1703030b50", 2896},
};

static uint32_t random_next(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (; hex[0] && hex[1]; hex += 2) {
        int high = hex[0] <= '9' ? hex[0] - '0' : hex[0] - 'a' + 10,
            low = hex[1] <= '9' ? hex[1] - '0' : hex[1] - 'a' + 10;
        out[n++] = (uint8_t)(high << 4 | low);
    }
    return n;
}

static void send_all(struct pcap *p, struct connection *c, int end, const uint8_t *bytes, size_t n)
{
    for (size_t at = 0; at < n; at += 1460)
        pcap_segment(p, c, end, at + 1460 < n ? 0x10 : 0x18, bytes + at, n - at < 1460 ? n - at : 1460, 7);
}

static void converse(struct pcap *p, struct connection *c, const struct exchange *e)
{
    static uint8_t bytes[8192];
    size_t n = from_hex(e->request, bytes);
    if (e->port == 443) { /* the rest of the record */
        memset(bytes + n, 0xa5, 48);
        n += 48;
    }
    send_all(p, c, 0, bytes, n);
    n = from_hex(e->response, bytes);
    for (unsigned i = 0; i < e->more; i++)
        bytes[n++] = (uint8_t)(i * 37);
    send_all(p, c, 1, bytes, n);
    pcap_segment(p, c, 0, 0x10, "", 0, 3);
}

static void generate(struct pcap *p, const struct exchange *exchanges, size_t n_exchanges, uint64_t size)
{
    static struct connection connections[CONNECTIONS];
    for (uint32_t i = 0; i < CONNECTIONS; i++) {
        connections[i] = (struct connection){.ip = {0x0a010001 + i % CLIENTS, 0x0a020001 + i / 2},
                                             .port = {(uint16_t)(50000 + i), exchanges[i % n_exchanges].port},
                                             .seq = {random_next(), random_next()}};
        pcap_open_connection(p, &connections[i], 5);
    }
    while (p->bytes < size) {
        uint32_t i = random_next() % CONNECTIONS;
        converse(p, &connections[i], &exchanges[i % n_exchanges]);
    }
}

int main(int argc, char **argv)
{
    uint64_t megabytes = argc == 4 ? strtoull(argv[2], NULL, 10) : 0;
    int is_it = megabytes && strcmp(argv[1], "it") == 0;
    FILE *file = is_it || (megabytes && strcmp(argv[1], "industrial") == 0) ? fopen(argv[3], "wb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: mix industrial|it MEGABYTES FILE.pcap\n");
        return 2;
    }
    struct pcap p;
    pcap_start(&p, file);
    if (is_it)
        generate(&p, it, sizeof it / sizeof *it, megabytes * 1000000);
    else
        generate(&p, industrial, sizeof industrial / sizeof *industrial, megabytes * 1000000);
    if (fclose(file) != 0) {
        perror(argv[3]);
        return 1;
    }
    fprintf(stderr, "%s: %llu packets, %llu bytes\n", argv[3], (unsigned long long)p.packets,
            (unsigned long long)p.bytes);
    return 0;
}
