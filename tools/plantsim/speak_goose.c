#include "speak_goose.h"

#include "site.h"
#include "speak.h"

enum { ETHERTYPE_GOOSE = 0x88b8, ALLOWED_MS = 4000, PDU_MAX = 300 };
static const cd_mac group = 0x010ccd010000;
static const uint64_t steady_ns = 1500 * MS, fastest_ns = 4 * MS;

static void put_ber(struct octets *o, unsigned tag, const void *value, size_t len)
{
    put_u8(o, tag);
    put_u8(o, (unsigned)len);
    put_bytes(o, value, len);
}

static void put_number(struct octets *o, unsigned tag, uint32_t value)
{
    const uint8_t bytes[] = {0, (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    unsigned skip = 0;
    while (skip < 4 && bytes[skip] == 0 && bytes[skip + 1] < 0x80)
        skip++;
    put_ber(o, tag, bytes + skip, sizeof bytes - skip);
}

/* The references of the control block and its data set, below the logical device. */
static void append_reference(struct cd_text *t, const struct goose *g, const char *what)
{
    cd_text_str(t, g->publisher->name);
    cd_text_str(t, "/LLN0$");
    cd_text_str(t, what);
}

static void put_pdu(struct octets *o, const struct goose *g, const char *block, const char *data_set)
{
    uint8_t buffer[PDU_MAX], time[8];
    struct octets pdu = OCTETS_OF(buffer), when = OCTETS_OF(time);
    const uint8_t tripped = g->tripped, never = 0;
    put_be32(&when, (uint32_t)(g->changed_ns / SECOND));
    put_be32(&when, (uint32_t)((g->changed_ns % SECOND << 24) / SECOND << 8) | 0x0a);
    put_ber(&pdu, 0x80, block, strlen(block));
    put_number(&pdu, 0x81, ALLOWED_MS);
    put_ber(&pdu, 0x82, data_set, strlen(data_set));
    put_ber(&pdu, 0x83, g->publisher->name, strlen(g->publisher->name)); /* the application's id */
    put_ber(&pdu, 0x84, when.at, when.len);
    put_number(&pdu, 0x85, g->state_number);
    put_number(&pdu, 0x86, g->sequence_number);
    put_ber(&pdu, 0x87, &never, 1); /* no simulation */
    put_number(&pdu, 0x88, 1);      /* configuration revision */
    put_ber(&pdu, 0x89, &never, 1); /* no need of commissioning */
    put_number(&pdu, 0x8a, 2);
    const uint8_t values[] = {0x83, 1, tripped, 0x84, 3, 3, 0, 0}; /* a boolean, and 13 bits of quality */
    put_ber(&pdu, 0xab, values, sizeof values);
    put_u8(o, 0x61);
    put_u8(o, 0x81);
    put_u8(o, (unsigned)pdu.len);
    put_octets(o, &pdu);
}

static void send(struct sim *s, struct goose *g)
{
    uint8_t buffer[PDU_MAX + 16];
    char names[3][80];
    struct octets o = OCTETS_OF(buffer);
    struct cd_text block = cd_text_of(names[0], sizeof names[0]), set = cd_text_of(names[1], sizeof names[1]);
    char target_buffer[200], code[8];
    struct cd_text target = cd_text_of(target_buffer, sizeof target_buffer), number = cd_text_of(code, sizeof code);
    append_reference(&block, g, "GO$gcbTrip");
    append_reference(&set, g, "dsTrip");
    put_be16(&o, g->application);
    put_be16(&o, 0);
    put_be32(&o, 0); /* reserved */
    put_pdu(&o, g, block.at, set.at);
    set_be16(&o, 2, o.len);
    cd_text_str(&target, block.at);
    cd_text_str(&target, " data set ");
    cd_text_str(&target, set.at);
    cd_text_str(&target, " id ");
    cd_text_str(&target, g->publisher->name);
    cd_text_u64(&number, g->application);
    cd_mac to = group + g->application;
    struct sent sent = wire_ethernet(s, g->publisher, to, ETHERTYPE_GOOSE, g->vlan, "goose", s->now_ns, &o);
    struct deed deed = {
        ENDPOINT_OF_MAC(g->publisher->mac), ENDPOINT_OF_MAC(to), "goose", "", "goose", "other", target.at};
    deed.code = cd_arena_text(&s->memory, code, number.len);
    truth_request(&s->truth, &deed, &sent);
    g->publisher->told |= TELLS_NAME;
}

/* 18.1.2.5: the pause doubles after a change, up to the steady one. */
static void publish(struct sim *s, void *subject)
{
    struct goose *g = subject;
    send(s, g);
    uint64_t pause = g->sequence_number < 9 ? fastest_ns << g->sequence_number : steady_ns;
    g->sequence_number++;
    sim_after(s, pause < steady_ns ? pause : steady_ns, publish, g);
}

struct goose *goose_start(struct sim *s, struct device *publisher, uint16_t application, uint16_t vlan)
{
    struct goose *g = site_memory(s, sizeof *g);
    *g = (struct goose){.publisher = publisher,
                        .application = application,
                        .vlan = vlan,
                        .state_number = 1,
                        .sequence_number = 1000,
                        .changed_ns = s->start_ns};
    sim_at(s, s->start_ns + sim_between(s, 0, steady_ns), publish, g);
    return g;
}

/* The new state goes out with the next repetition at the latest; here, at once. */
void goose_trip(struct sim *s, void *subject)
{
    struct goose *g = subject;
    g->tripped = !g->tripped;
    g->changed_ns = s->now_ns;
    g->state_number++;
    g->sequence_number = 0;
    send(s, g);
    g->sequence_number = 1;
}
