#include "protocols/cotp_tls.h"

#include "protocols/cotp.h"
#include "protocols/tls_carried.h"

enum { HELLO_MIN = 6, RECORDS_MAX = 256 /* in one TSDU */ };

struct state {
    struct cd_cotp_ends ends; /* first: filled in by cotp */
    struct cd_tls_carried tls;
    uint32_t left[2]; /* bytes of a record that are still to come in further TSDUs, by direction */
};

_Static_assert(sizeof(struct state) <= CD_COTP_CARRIED_STATE, "state fits");

bool cd_cotp_tls_begins(const uint8_t *bytes, size_t len, bool known)
{
    return known || (len >= HELLO_MIN && cd_tls_carried_begins(bytes, len) && (bytes[5] == 1 || bytes[5] == 2));
}

/* A record, or its header where that is all that is of interest. Returns false where the TSDU ends before it does, or none begins here. */
static bool take_record(struct cd_message *m, struct cd_reader *r)
{
    struct state *state = m->state;
    size_t there = cd_read_left(r);
    const uint8_t *bytes = r->base + r->pos;
    ssize_t length = cd_tls_carried_frame(&state->tls, bytes, there, m->from_client);
    if (length <= 0)
        return false;
    if ((size_t)length > there) { /* handshake messages are short enough for one TSDU as a rule */
        state->left[!m->sent_by_client_end] = (uint32_t)((size_t)length - there);
        return false;
    }
    struct cd_reader record = cd_read_sub(r, (size_t)length, "record");
    m->skip = 0;
    cd_tls_carried_dissect(m, &record, &state->tls);
    size_t skip = m->skip, left = cd_read_left(r);
    m->skip = 0;
    cd_read_skip(r, skip < left ? skip : left, "record");
    state->left[!m->sent_by_client_end] = (uint32_t)(skip > left ? skip - left : 0);
    return true;
}

static void dissect(struct cd_message *m, struct cd_reader *r)
{
    struct state *state = m->state;
    uint32_t *left = &state->left[!m->sent_by_client_end];
    uint32_t n = *left < cd_read_left(r) ? *left : (uint32_t)cd_read_left(r);
    cd_read_skip(r, n, "record");
    *left -= n;
    for (int i = 0; i < RECORDS_MAX && cd_read_left(r) && !m->cut; i++)
        if (!take_record(m, r))
            return;
}

static void end_of_flow(void *state)
{
    struct state *s = state;
    cd_tls_carried_end(&s->tls);
}

const struct cd_dissector cd_cotp_tls = {
    .name = "tls",
    .dissect = dissect,
    .state_size = sizeof(struct state),
    .end = end_of_flow,
};
