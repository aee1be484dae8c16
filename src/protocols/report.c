/* What dissectors report with: from a message and its roles to the observer's tables. */
#include "protocols/dissector.h"

#include "base/memory.h"
#include "flow/flow.h"
#include "observe/tables.h"

#include <string.h>

/* Whether the roles of this message are those of the flow. */
static bool flow_roles(const struct cd_message *m)
{
    return m->from_client == m->sent_by_client_end;
}

static cd_pair pair_of(struct cd_message *m)
{
    struct cd_flow *f = m->flow;
    cd_pair *pair = flow_roles(m) ? &f->pair : &f->reverse_pair;
    if (*pair == CD_PAIR_NONE)
        *pair = flow_roles(m) ? cd_observe_pair(m->observer, &m->client, &m->server)
                              : cd_observe_pair(m->observer, &m->server, &m->client);
    return *pair;
}

static struct cd_subject subject_of(const struct cd_ip *ip)
{
    struct cd_subject s = {.mac = CD_NO_MAC, .ip = *ip, .nested = ""};
    cd_mac mac;
    if (cd_ip_get_mac(ip, &mac)) {
        s.mac = mac;
        s.ip = (struct cd_ip){0};
    }
    return s;
}

struct cd_subject cd_subject_client(const struct cd_message *m)
{
    return subject_of(flow_roles(m) ? &m->client : &m->server);
}

struct cd_subject cd_subject_server(const struct cd_message *m)
{
    return subject_of(flow_roles(m) ? &m->server : &m->client);
}

struct cd_subject cd_subject_sender(const struct cd_message *m)
{
    return subject_of(m->sent_by_client_end ? &m->client : &m->server);
}

struct cd_subject cd_subject_receiver(const struct cd_message *m)
{
    return subject_of(m->sent_by_client_end ? &m->server : &m->client);
}

struct cd_subject cd_subject_mac(cd_mac mac)
{
    return (struct cd_subject){.mac = mac, .nested = ""};
}

struct cd_subject cd_subject_ip(const struct cd_ip *ip)
{
    return subject_of(ip);
}

struct cd_subject cd_subject_nested(struct cd_subject of, const char *nested)
{
    of.nested = nested;
    return of;
}

static struct cd_pending *find_pending(const struct cd_message *m, uint64_t id)
{
    struct cd_pendings *p = m->flow->pendings;
    if (!p || id == CD_REPORT_NO_REQUEST)
        return NULL;
    /* The newest first: answers usually belong to the last request. Nothing was ever put behind the first `next` places. */
    uint32_t most = p->next < p->size ? p->next : p->size;
    for (uint32_t i = 1; i <= most; i++) {
        struct cd_pending *item = &p->items[(p->next - i) & (p->size - 1)];
        if (item->id == id && item->open)
            return item;
    }
    return NULL;
}

/* Room for `size` open requests (a power of two); those open stay. */
static void make_room(struct cd_flow *f, uint32_t size)
{
    struct cd_pendings *old = f->pendings;
    struct cd_pendings *p = cd_alloc(1, sizeof *p + size * sizeof p->items[0]);
    p->size = size;
    for (uint32_t i = 0; old && i < old->size; i++)
        p->items[p->next++] = old->items[(old->next + i) & (old->size - 1)];
    cd_free(old);
    f->pendings = p;
}

void cd_report_expect(struct cd_message *m, unsigned n)
{
    uint32_t size = m->flow->pendings ? m->flow->pendings->size : CD_PENDING_MIN, wanted = size;
    while (wanted < n && wanted < CD_PENDING_MAX)
        wanted *= 2;
    if (wanted > size)
        make_room(m->flow, wanted);
}

void cd_report_request(struct cd_message *m, const struct cd_operation *op, uint64_t id)
{
    uint32_t entry =
        cd_observe_request(m->observer, pair_of(m), m->dissector->name, op, m->packet->time_ns, m->packet->frame);
    if (!m->flow->pendings)
        make_room(m->flow, CD_PENDING_MIN);
    struct cd_pendings *p = m->flow->pendings;
    p->items[p->next & (p->size - 1)] = (struct cd_pending){.id = id, .entry = entry, .open = true};
    p->next++;
}

bool cd_report_response(struct cd_message *m, const struct cd_operation *op, uint64_t id, const char *error)
{
    struct cd_pending *pending = find_pending(m, id);
    if (!pending) {
        cd_observe_lone_response(m->observer, pair_of(m), m->dissector->name, op, error, m->packet->time_ns);
        return false;
    }
    pending->open = false;
    cd_observe_response(m->observer, pending->entry, error, m->packet->time_ns);
    return true;
}

bool cd_report_response_part(struct cd_message *m, const struct cd_operation *op, uint64_t id)
{
    const struct cd_pending *pending = find_pending(m, id);
    if (pending)
        cd_observe_response(m->observer, pending->entry, NULL, m->packet->time_ns);
    else
        cd_observe_lone_response(m->observer, pair_of(m), m->dissector->name, op, NULL, m->packet->time_ns);
    return pending != NULL;
}

bool cd_report_refusal(struct cd_message *m, uint64_t id, const char *error)
{
    struct cd_pending *pending = find_pending(m, id);
    if (!pending)
        return false;
    pending->open = false;
    cd_observe_error(m->observer, pending->entry, error, m->packet->time_ns);
    return true;
}

void cd_report_notice(struct cd_message *m, const struct cd_operation *op)
{
    cd_observe_request(m->observer, pair_of(m), m->dissector->name, op, m->packet->time_ns, m->packet->frame);
}

void cd_report_cyclic(struct cd_message *m, const struct cd_operation *op, uint32_t *entry)
{
    uint32_t at =
        *entry && cd_observe_again(m->observer, *entry - 1, m->dissector->name, m->packet->time_ns)
            ? *entry - 1
            : cd_observe_request(m->observer, pair_of(m), m->dissector->name, op, m->packet->time_ns, m->packet->frame);
    *entry = at + 1; /* 0 again where there was no room */
}

void cd_report_cyclic_response(struct cd_message *m, const struct cd_operation *op, uint32_t *entry, const char *error)
{
    if (*entry)
        cd_observe_response(m->observer, *entry - 1, error, m->packet->time_ns);
    else
        *entry =
            1 + cd_observe_lone_response(m->observer, pair_of(m), m->dissector->name, op, error, m->packet->time_ns);
}

void cd_report_remember(struct cd_message *m, uint64_t id, uint64_t note)
{
    struct cd_pending *pending = find_pending(m, id);
    if (pending)
        pending->note = note;
}

uint64_t cd_report_recall(const struct cd_message *m, uint64_t id)
{
    const struct cd_pending *pending = find_pending(m, id);
    return pending ? pending->note : 0;
}

void cd_report_fact_bytes(struct cd_message *m, const struct cd_subject *subject, enum cd_attribute attribute,
                          const void *value, size_t len, unsigned confidence)
{
    if (len)
        cd_observe_fact(m->observer, subject, attribute, value, len, m->dissector->name, confidence,
                        m->packet->time_ns);
}

void cd_report_fact(struct cd_message *m, const struct cd_subject *subject, enum cd_attribute attribute,
                    const char *value, unsigned confidence)
{
    cd_report_fact_bytes(m, subject, attribute, value, strlen(value), confidence);
}

void cd_report_event(struct cd_message *m, enum cd_event_kind kind, const char *detail)
{
    cd_observe_event(m->observer, kind, m->dissector->name, pair_of(m), detail, m->packet->time_ns, m->packet->frame);
}

bool cd_report_is_first(struct cd_message *m, enum cd_event_kind kind, const char *what)
{
    return cd_observe_is_first(m->observer, kind, m->dissector->name, pair_of(m), what);
}

void cd_report_event_once(struct cd_message *m, enum cd_event_kind kind, const char *detail)
{
    if (cd_report_is_first(m, kind, detail))
        cd_report_event(m, kind, detail);
}

void cd_report_malformed(struct cd_message *m, const char *field)
{
    if (m->cut)
        return;
    struct cd_protocol_entry *p = cd_observer_protocol(m->observer, m->dissector->name);
    p->malformed++;
    p->malformed_bytes += m->packet->payload_len;
    cd_report_event(m, CD_EVENT_MALFORMED, field ? field : "message");
}
