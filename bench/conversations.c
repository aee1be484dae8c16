/* conversations COUNT FILE.pcap: so many short TCP conversations, each between another pair of hosts: handshake, one request, one response,
 * close; six packets. Half of them are Modbus, half HTTP. A hundred are open at a time. The same count gives the same bytes. */
#include "pcap.h"

#include <stdlib.h>

enum { OPEN = 100, CLIENTS = 2000, STEPS = 4, STEP_US = 10 };

static const uint8_t modbus_request[] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 100, 0, 10};
static const uint8_t modbus_response[] = {0, 1, 0, 0, 0, 23, 1, 3, 20, 0, 1, 0, 2, 0, 3,
                                          0, 4, 0, 5, 0, 6,  0, 7, 0,  8, 0, 9, 0, 10};
static const char http_request[] = "GET /status HTTP/1.1\r\nHost: plc.example\r\nUser-Agent: poller/1.0\r\n\r\n";
static const char http_response[] = "HTTP/1.1 200 OK\r\nServer: device/2.1\r\nContent-Length: 12\r\n\r\n{\"state\": 1}";

static struct connection connection(uint64_t number)
{
    uint32_t client = (uint32_t)(number % CLIENTS), server = (uint32_t)(number / CLIENTS);
    return (struct connection){.ip = {0x0a010000 + client, 0x0a400000 + server},
                               .port = {(uint16_t)(20000 + number % 40000), number % 2 ? 80 : 502},
                               .seq = {(uint32_t)(number * 2654435761u), (uint32_t)(number * 40503u)}};
}

static void step(struct pcap *p, struct connection *c, int at)
{
    int http = c->port[1] == 80;
    switch (at) {
    case 0: pcap_open_connection(p, c, STEP_US); break;
    case 1:
        pcap_segment(p, c, 0, 0x18, http ? (const void *)http_request : modbus_request,
                     http ? sizeof http_request - 1 : sizeof modbus_request, STEP_US);
        break;
    case 2:
        pcap_segment(p, c, 1, 0x18, http ? (const void *)http_response : modbus_response,
                     http ? sizeof http_response - 1 : sizeof modbus_response, STEP_US);
        break;
    default: pcap_close_connection(p, c, STEP_US); break;
    }
}

int main(int argc, char **argv)
{
    uint64_t count = argc == 3 ? strtoull(argv[1], NULL, 10) : 0;
    FILE *file = count ? fopen(argv[2], "wb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: conversations COUNT FILE.pcap\n");
        return 2;
    }
    static struct connection open[OPEN];
    struct pcap p;
    pcap_start(&p, file);
    for (uint64_t first = 0; first < count; first += OPEN) {
        uint64_t n = count - first < OPEN ? count - first : OPEN;
        for (int at = 0; at < STEPS; at++)
            for (uint64_t i = 0; i < n; i++) {
                if (at == 0)
                    open[i] = connection(first + i);
                step(&p, &open[i], at);
            }
    }
    if (fclose(file) != 0) {
        perror(argv[2]);
        return 1;
    }
    fprintf(stderr, "%s: %llu conversations, %llu packets, %llu bytes\n", argv[2], (unsigned long long)count,
            (unsigned long long)p.packets, (unsigned long long)p.bytes);
    return 0;
}
