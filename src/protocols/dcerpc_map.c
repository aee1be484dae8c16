#include "protocols/dcerpc_map.h"

#include <string.h>

enum {
    OPERATION_MAP = 3,
    FLOOR_UUID = 0x0d,
    FLOOR_TCP = 0x07,
    FLOOR_PIPE = 0x0f,
    TOWERS_MOST = 8,
};

bool cd_dcerpc_is_map(const struct cd_dcerpc_interface *interface, uint16_t operation)
{
    return operation == OPERATION_MAP && strcmp(interface->name, "epmapper") == 0;
}

/* A tower: its interface, and behind it the transfer syntax, the protocol, the port, the host. All in little-endian, but for ports. */
struct tower {
    struct cd_uuid uuid;
    uint16_t tcp_port;     /* 0: none */
    struct cd_reader pipe; /* name of a named pipe */
};

/* One floor: the protocol's identifier with its data, then the related data. */
static bool read_floor(struct cd_reader *r, struct cd_reader *ret_left, struct cd_reader *ret_right)
{
    *ret_left = cd_read_sub(r, cd_read_le16(r, "floor"), "floor");
    *ret_right = cd_read_sub(r, cd_read_le16(r, "floor"), "floor");
    return cd_read_ok(r) && ret_left->len > 0;
}

static void read_uuid(struct cd_reader *r, struct cd_uuid *ret)
{
    ret->low = cd_read_le32(r, "uuid");
    ret->middle = cd_read_le16(r, "uuid");
    ret->high = cd_read_le16(r, "uuid");
    const uint8_t *node = cd_read_at(r, sizeof ret->node, "uuid");
    if (node)
        memcpy(ret->node, node, sizeof ret->node);
}

/* Finds the next tower: in 32 and 64 bits it begins alike, with its number of floors and the interface's. Pointers around it are of no interest. */
static bool next_tower(struct cd_reader *r, struct tower *ret)
{
    enum { FLOORS_MOST = 8 };
    static const uint8_t first_floor[] = {0x00, 0x13, 0x00, FLOOR_UUID}; /* floors (high byte), 19 bytes, UUID */
    struct tower t = {0};
    size_t left = cd_read_left(r);
    const uint8_t *found = left ? memmem(r->base + r->pos, left, first_floor, sizeof first_floor) : NULL;
    if (!found || found == r->base + r->pos)
        return false;
    cd_read_skip(r, (size_t)(found - (r->base + r->pos)) - 1, "tower");
    unsigned floors = cd_read_le16(r, "floor count");
    for (unsigned i = 0; i < floors && i < FLOORS_MOST; i++) {
        struct cd_reader left_side, right_side;
        if (!read_floor(r, &left_side, &right_side))
            return false;
        uint8_t kind = cd_read_u8(&left_side, "floor kind");
        if (i == 0 && kind == FLOOR_UUID)
            read_uuid(&left_side, &t.uuid);
        else if (kind == FLOOR_TCP)
            t.tcp_port = cd_read_be16(&right_side, "port");
        else if (kind == FLOOR_PIPE)
            t.pipe = right_side;
    }
    *ret = t;
    return true;
}

static void text_interface(struct cd_text *t, const struct cd_uuid *uuid)
{
    const struct cd_dcerpc_interface *interface = cd_dcerpc_interface_find(uuid);
    if (interface)
        cd_text_str(t, interface->name);
    else
        cd_text_uuid(t, uuid);
}

void cd_dcerpc_text_asked(struct cd_text *t, struct cd_reader stub)
{
    struct tower tower;
    if (next_tower(&stub, &tower))
        text_interface(t, &tower.uuid);
}

void cd_dcerpc_report_endpoints(struct cd_message *m, struct cd_reader stub)
{
    struct tower tower;
    struct cd_subject server = cd_subject_server(m);
    for (unsigned i = 0; i < TOWERS_MOST && next_tower(&stub, &tower); i++) {
        char text[96];
        struct cd_text t = cd_text_of(text, sizeof text);
        text_interface(&t, &tower.uuid);
        if (tower.tcp_port) {
            cd_text_str(&t, " on tcp ");
            cd_text_u64(&t, tower.tcp_port);
        } else if (tower.pipe.len) {
            cd_text_str(&t, " on ");
            cd_text_device(&t, tower.pipe.base, tower.pipe.len);
        } else
            continue;
        cd_report_fact(m, &server, CD_ATTRIBUTE_SERVICE, text, 80);
    }
}
