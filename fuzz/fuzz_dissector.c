/* One harness for all dissectors. Which one: the program's name (fuzz_modbus is a link to this program), or the environment
 * variable CD_FUZZ_PROTOCOL; the name is that of protocols.def.
 *
 * An input is raw message bytes, as in tests/protocols/<name>/seeds/. It is given as a datagram, as a link-layer payload and
 * as a stream, where the dissector knows such; each from the client and then from the server of the same flow, so that a
 * response finds a request; a stream once in one piece and once cut in two, at a place that depends on the bytes.
 *
 * An input that begins with the byte 0xfd is a conversation: pieces with a header of two bytes, of which bit 7 of the first says that the server sent it,
 * bit 6 that its end was cut, and the other 14 bits its length. */
#include "protocols/dissector.h"
#include "protocols/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CONVERSATION = 0xfd };

static const struct cd_dissector *dissector;
static enum cd_transport transports[4];
static size_t n_transports;

/* The id of protocols.def, which is the file's name; the dissector's own name may differ (profinet_dcp, profinet-dcp). */
static const struct cd_dissector *find_by_id(const char *id)
{
#define CD_PROTOCOL(name)                                                                                              \
    if (strcmp(id, #name) == 0)                                                                                        \
        return &cd_dissector_##name;
#include "protocols/protocols.def"
#undef CD_PROTOCOL
    return NULL;
}

static void list_transports(void)
{
    if (dissector->tcp_ports[0] || dissector->frame)
        transports[n_transports++] = CD_TRANSPORT_TCP;
    if (dissector->udp_ports[0])
        transports[n_transports++] = CD_TRANSPORT_UDP;
    if (dissector->ethertypes[0])
        transports[n_transports++] = CD_TRANSPORT_ETH;
    if (dissector->ip_protocols[0])
        transports[n_transports++] = CD_TRANSPORT_IP;
    if (n_transports == 0)
        transports[n_transports++] = CD_TRANSPORT_UDP; /* recognised by its carrier only */
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    const char *id = getenv("CD_FUZZ_PROTOCOL");
    if (!id) {
        const char *slash = strrchr((*argv)[0], '/');
        id = slash ? slash + 1 : (*argv)[0];
        if (strncmp(id, "fuzz_", 5) == 0)
            id += 5;
    }
    dissector = find_by_id(id);
    if (!dissector) {
        fprintf(stderr, "fuzz_dissector: no protocol %s in protocols.def; name it by CD_FUZZ_PROTOCOL\n", id);
        exit(2);
    }
    list_transports();
    return 0;
}

static void give(struct harness *h, enum cd_transport transport, const uint8_t *data, size_t size)
{
    size_t middle = size > 1 ? 1 + data[size / 2] % (size - 1) : size;
    for (int from_client = 1; from_client >= 0; from_client--) {
        if (transport != CD_TRANSPORT_TCP) {
            harness_send(h, from_client, data, size);
            harness_send_cut(h, from_client, data, size);
            continue;
        }
        harness_send(h, from_client, data, size);
        harness_send(h, from_client, data, middle);
        harness_send(h, from_client, data + middle, size - middle);
    }
}

static void converse(struct harness *h, const uint8_t *data, size_t size)
{
    while (size >= 2) {
        size_t len = (size_t)(data[0] & 0x3f) << 8 | data[1];
        bool from_client = !(data[0] & 0x80), cut = data[0] & 0x40;
        data += 2, size -= 2;
        len = len < size ? len : size;
        (cut ? harness_send_cut : harness_send)(h, from_client, data, len);
        data += len, size -= len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    for (size_t i = 0; i < n_transports; i++) {
        if (dissector->probe) {
            dissector->probe(data, size, transports[i], true);
            dissector->probe(data, size, transports[i], false);
        }
        struct harness *h = harness_new(dissector, transports[i], 0);
        if (data[0] == CONVERSATION)
            converse(h, data + 1, size - 1);
        else
            give(h, transports[i], data, size);
        harness_free(h);
    }
    return 0;
}
