/* Names for ordinary IT applications that no dissector of ours claims, by libndpi. It sees the first payloads of a flow and is then done with it. */
#include "sensor/sensor.h"

#include "base/hash.h"
#include "base/memory.h"

#include <ndpi/ndpi_api.h>
#include <time.h>

enum { PACKETS_MAX = 8, UNDECIDED_MAX = 512 };

struct cd_naming {
    struct ndpi_detection_module_struct *module;
    /* The last flows of each bucket that were begun; one that is still undecided when its place is needed again is given up. So how long a flow may stay undecided
     * depends on its own bucket's traffic alone, and is the same for any number of workers. */
    struct cd_flow *begun[CD_SENSOR_BUCKETS][UNDECIDED_MAX];
    uint32_t n_begun[CD_SENSOR_BUCKETS];
    char *names[NDPI_MAX_SUPPORTED_PROTOCOLS + NDPI_MAX_NUM_CUSTOM_PROTOCOLS];
};

struct undecided {
    struct ndpi_flow_struct *flow;
    unsigned shown;
    struct cd_flow **place; /* in begun */
};

struct cd_naming *cd_naming_new(void)
{
    struct cd_naming *naming = cd_alloc(1, sizeof *naming);
    NDPI_PROTOCOL_BITMASK all;
    naming->module = ndpi_init_detection_module(ndpi_dont_load_tor_hosts);
    if (!naming->module) {
        cd_free(naming);
        return NULL;
    }
    tzset(); /* it turns certificates' times into numbers: the time zone must be known before confinement */
    NDPI_BITMASK_SET_ALL(all);
    ndpi_set_protocol_detection_bitmask2(naming->module, &all);
    ndpi_finalize_initialization(naming->module);
    return naming;
}

void cd_naming_free(struct cd_naming *naming)
{
    if (!naming)
        return;
    ndpi_exit_detection_module(naming->module);
    for (size_t i = 0; i < sizeof naming->names / sizeof *naming->names; i++)
        cd_free(naming->names[i]);
    cd_free(naming);
}

/* The library's name in lower case, made once. */
static const char *name_of(struct cd_naming *naming, uint16_t protocol)
{
    if (protocol >= sizeof naming->names / sizeof *naming->names)
        return "";
    if (!naming->names[protocol]) {
        char *name = cd_copy_text(ndpi_get_proto_name(naming->module, protocol));
        for (char *c = name; *c; c++)
            if (*c >= 'A' && *c <= 'Z')
                *c = (char)(*c - 'A' + 'a');
        naming->names[protocol] = name;
    }
    return naming->names[protocol];
}

static void decide(struct cd_naming *naming, struct cd_flow *flow, ndpi_protocol found, unsigned confidence)
{
    uint16_t protocol = found.app_protocol != NDPI_PROTOCOL_UNKNOWN ? found.app_protocol : found.master_protocol;
    if (protocol != NDPI_PROTOCOL_UNKNOWN) {
        flow->protocol = name_of(naming, protocol);
        flow->confidence = (uint8_t)confidence;
    }
    cd_naming_flow_end(naming, flow);
    flow->claimed = true;
}

static struct undecided *begin(struct cd_naming *naming, struct cd_flow *flow, const struct cd_frame *frame)
{
    uint32_t bucket = cd_sensor_bucket(frame);
    struct undecided *u = cd_alloc(1, sizeof *u);
    u->flow = ndpi_flow_malloc(SIZEOF_FLOW_STRUCT);
    if (!u->flow) {
        cd_free(u);
        return NULL;
    }
    memset(u->flow, 0, SIZEOF_FLOW_STRUCT);
    u->place = &naming->begun[bucket][naming->n_begun[bucket]++ % UNDECIDED_MAX];
    if (*u->place) {
        struct cd_flow *oldest = *u->place;
        cd_naming_flow_end(naming, oldest);
        oldest->claimed = true;
    }
    *u->place = flow;
    flow->recognizer = u;
    return u;
}

void cd_naming_packet(struct cd_naming *naming, struct cd_flow *flow, const struct cd_packet *packet,
                      const struct cd_frame *frame)
{
    struct undecided *u = flow->recognizer ? flow->recognizer : begin(naming, flow, frame);
    if (!u)
        return;
    uint32_t len = (uint32_t)(packet->payload + packet->payload_len - packet->ip);
    ndpi_protocol found = ndpi_detection_process_packet(
        naming->module, u->flow, packet->ip, (uint16_t)(len > 65535 ? 65535 : len), packet->time_ns / 1000000);
    if (found.app_protocol != NDPI_PROTOCOL_UNKNOWN) {
        decide(naming, flow, found, 60);
    } else if (++u->shown >= PACKETS_MAX) {
        uint8_t guessed = 0;
        found = ndpi_detection_giveup(naming->module, u->flow, 1, &guessed);
        decide(naming, flow, found, guessed ? 20 : 40);
    }
}

void cd_naming_flow_end(struct cd_naming *naming, struct cd_flow *flow)
{
    struct undecided *u = flow->recognizer;
    if (!u)
        return;
    if (!*flow->protocol) {
        uint8_t guessed = 0;
        ndpi_protocol found = ndpi_detection_giveup(naming->module, u->flow, 1, &guessed);
        uint16_t protocol = found.app_protocol != NDPI_PROTOCOL_UNKNOWN ? found.app_protocol : found.master_protocol;
        if (protocol != NDPI_PROTOCOL_UNKNOWN) {
            flow->protocol = name_of(naming, protocol);
            flow->confidence = guessed ? 20 : 40;
        }
    }
    *u->place = NULL;
    ndpi_flow_free(u->flow);
    cd_free(u);
    flow->recognizer = NULL;
}
