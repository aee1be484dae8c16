#include "protocols/tls_carried.h"

ssize_t cd_tls_carried_frame(const struct cd_tls_carried *t, const uint8_t *bytes, size_t len, bool from_client)
{
    return cd_dissector_tls.frame(t->state, bytes, len, from_client);
}

void cd_tls_carried_dissect(struct cd_message *m, struct cd_reader *r, struct cd_tls_carried *t)
{
    const struct cd_dissector *carrier = m->dissector;
    void *state = m->state;
    m->dissector = &cd_dissector_tls;
    m->state = t->state;
    cd_dissector_tls.dissect(m, r);
    m->dissector = carrier;
    m->state = state;
}

void cd_tls_carried_end(struct cd_tls_carried *t)
{
    cd_dissector_tls.end(t->state);
}
