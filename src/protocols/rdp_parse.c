/* The messages that begin an RDP connection, from bytes to structs. */
#include "protocols/ber.h"
#include "protocols/rdp.h"

#include <string.h>

enum {
    NEGOTIATION_LEN = 8,
    BLOCK_HEADER = 4,
    BLOCKS_MAX = 16,
    CLIENT_CORE = 0xc001,
    CLIENT_SECURITY = 0xc002,
    CLIENT_NETWORK = 0xc003,
    SERVER_SECURITY = 0x0c02,
    SERVER_NETWORK = 0x0c03,
    CHANNEL_DEFINITION = CD_RDP_CHANNEL_NAME + 4,
    KEY_BEFORE_MAX = 32, /* the GCC header before the H.221 key */
    INFO_UNICODE = 0x10,
};

/* "Cookie: mstshash=NAME\r\n", or a routing token, which ends the same way ([MS-RDPBCGR] 2.2.1.1). */
static void parse_cookie(struct cd_reader *r, struct cd_rdp_connect *c)
{
    static const char prefix[] = "Cookie: mstshash=";
    const uint8_t *line = r->base + r->pos, *end = memmem(line, cd_read_left(r), "\r\n", 2);
    if (!end) {
        cd_read_fail(r, "cookie");
        return;
    }
    size_t len = (size_t)(end - line);
    struct cd_reader text = cd_read_sub(r, len, "cookie");
    cd_read_skip(r, 2, "cookie");
    c->has_cookie = true;
    if (len <= sizeof prefix - 1 || memcmp(line, prefix, sizeof prefix - 1) != 0)
        return;
    cd_read_skip(&text, sizeof prefix - 1, "cookie");
    c->cookie = cd_read_rest(&text);
}

bool cd_rdp_parse_connect(struct cd_reader *r, struct cd_rdp_connect *ret)
{
    struct cd_rdp_connect c = {0};
    int first = cd_read_peek(r, 0);
    if (first >= 0x20) /* text; negotiation structures have small types */
        parse_cookie(r, &c);
    if (cd_read_left(r) >= NEGOTIATION_LEN) {
        c.negotiation = cd_read_u8(r, "negotiation type");
        cd_read_skip(r, 1, "negotiation flags");
        if (cd_read_le16(r, "negotiation length") != NEGOTIATION_LEN || c.negotiation > CD_RDP_NEGOTIATION_FAILURE)
            cd_read_fail(r, "negotiation length");
        c.value = cd_read_le32(r, "protocols");
    }
    if (!cd_read_ok(r))
        return false;
    *ret = c;
    return true;
}

/* ---- GCC conference create (T.124), in aligned PER: what is before the H.221 key never differs ---- */

/* The blocks behind "Duca" (client) or "McDn" (server), after their PER length. */
static struct cd_reader conference_blocks(struct cd_reader *user_data, const char *key)
{
    size_t left = cd_read_left(user_data), window = left < KEY_BEFORE_MAX ? left : KEY_BEFORE_MAX;
    const uint8_t *start = user_data->base + user_data->pos, *found = left ? memmem(start, window, key, 4) : NULL;
    if (!found) {
        cd_read_fail(user_data, "conference key");
        return (struct cd_reader){.bad = "conference key"};
    }
    cd_read_skip(user_data, (size_t)(found - start) + 4, "conference key");
    size_t length = cd_read_u8(user_data, "conference data length");
    if (length & 0x80)
        length = (length & 0x7f) << 8 | cd_read_u8(user_data, "conference data length");
    return cd_read_sub(user_data, length, "conference data");
}

/* 2.2.1.3.2; what stands after the client's name is of no interest. */
static void parse_client_core(struct cd_reader *b, struct cd_rdp_client_data *c)
{
    cd_read_skip(b, 4, "client version");
    c->width = cd_read_le16(b, "desktop width");
    c->height = cd_read_le16(b, "desktop height");
    cd_read_skip(b, 4, "colour depth");
    c->keyboard_layout = cd_read_le32(b, "keyboard layout");
    c->build = cd_read_le32(b, "client build");
    c->name = cd_read_at(b, CD_RDP_CLIENT_NAME, "client name");
    c->has_core = cd_read_ok(b);
}

static void parse_client_block(uint16_t type, struct cd_reader *b, struct cd_rdp_client_data *c)
{
    switch (type) {
    case CLIENT_CORE: parse_client_core(b, c); break;
    case CLIENT_SECURITY:
        c->encryption_methods = cd_read_le32(b, "encryption methods");
        c->has_security = cd_read_ok(b);
        break;
    case CLIENT_NETWORK: {
        uint32_t n = cd_read_le32(b, "channel count");
        if (n > CD_RDP_CHANNELS_MAX)
            cd_read_fail(b, "channel count");
        c->channels = cd_read_at(b, (size_t)n * CHANNEL_DEFINITION, "channels");
        c->n_channels = c->channels ? n : 0;
        break;
    }
    default: break;
    }
}

/* SC_SECURITY (2.2.1.4.3): without encryption it ends after the level. */
static void parse_server_security(struct cd_reader *b, struct cd_rdp_server_data *s)
{
    s->encryption_method = cd_read_le32(b, "encryption method");
    s->encryption_level = cd_read_le32(b, "encryption level");
    s->has_security = cd_read_ok(b);
    if (cd_read_left(b) == 0)
        return;
    uint32_t random = cd_read_le32(b, "server random length"), certificate = cd_read_le32(b, "certificate length");
    cd_read_skip(b, random, "server random");
    s->certificate = cd_read_sub(b, certificate, "certificate");
}

static void parse_server_block(uint16_t type, struct cd_reader *b, struct cd_rdp_server_data *s)
{
    if (type == SERVER_SECURITY) {
        parse_server_security(b, s);
    } else if (type == SERVER_NETWORK) {
        s->io_channel = cd_read_le16(b, "I/O channel");
        s->n_channels = cd_read_le16(b, "channel count");
        if (s->n_channels > CD_RDP_CHANNELS_MAX)
            cd_read_fail(b, "channel count");
        s->channels = cd_read_sub(b, (size_t)s->n_channels * 2, "channels");
    }
}

static bool parse_blocks(struct cd_reader *r, const char *key, struct cd_rdp_client_data *client,
                         struct cd_rdp_server_data *server)
{
    struct cd_reader blocks = conference_blocks(r, key);
    for (int i = 0; i < BLOCKS_MAX && cd_read_left(&blocks); i++) {
        uint16_t type = cd_read_le16(&blocks, "block type"), length = cd_read_le16(&blocks, "block length");
        if (length < BLOCK_HEADER)
            cd_read_fail(&blocks, "block length");
        struct cd_reader block = cd_read_sub(&blocks, length - (size_t)BLOCK_HEADER, "block");
        if (!cd_read_ok(&block))
            break;
        if (client)
            parse_client_block(type, &block, client);
        else
            parse_server_block(type, &block, server);
        if (!cd_read_ok(&block))
            cd_read_fail(&blocks, block.bad);
    }
    if (blocks.bad)
        cd_read_fail(r, blocks.bad);
    return cd_read_ok(r);
}

bool cd_rdp_parse_connect_initial(struct cd_reader *r, struct cd_rdp_client_data *ret)
{
    struct cd_rdp_client_data c = {0};
    struct cd_ber initial, skipped;
    if (!cd_ber_read(r, "MCS connect initial", &initial))
        return false;
    struct cd_reader *v = &initial.value;
    cd_ber_expect(v, CD_BER_OCTET_STRING, "calling domain");
    cd_ber_expect(v, CD_BER_OCTET_STRING, "called domain");
    cd_ber_expect(v, CD_BER_BOOLEAN, "upward flag");
    for (int i = 0; i < 3; i++) /* target, minimum and maximum parameters */
        cd_ber_read(v, "domain parameters", &skipped);
    struct cd_reader user_data = cd_ber_expect(v, CD_BER_OCTET_STRING, "user data");
    if (!cd_read_ok(&user_data) || !parse_blocks(&user_data, "Duca", &c, NULL)) {
        cd_read_fail(r, v->bad ? v->bad : user_data.bad);
        return false;
    }
    *ret = c;
    return true;
}

bool cd_rdp_parse_connect_response(struct cd_reader *r, uint8_t *ret_result, struct cd_rdp_server_data *ret)
{
    struct cd_rdp_server_data s = {0};
    struct cd_ber response, skipped;
    if (!cd_ber_read(r, "MCS connect response", &response))
        return false;
    struct cd_reader *v = &response.value;
    struct cd_reader result = cd_ber_expect(v, 0x0a, "result");
    uint8_t code = cd_read_u8(&result, "result");
    cd_ber_read(v, "connect id", &skipped);
    cd_ber_read(v, "domain parameters", &skipped);
    struct cd_reader user_data = cd_ber_expect(v, CD_BER_OCTET_STRING, "user data");
    if (!cd_read_ok(&result) || !cd_read_ok(&user_data) || (code == 0 && !parse_blocks(&user_data, "McDn", NULL, &s))) {
        cd_read_fail(r, v->bad ? v->bad : user_data.bad ? user_data.bad : "result");
        return false;
    }
    *ret_result = code;
    *ret = s;
    return true;
}

bool cd_rdp_parse_info(struct cd_reader *r, struct cd_rdp_info *ret)
{
    struct cd_rdp_info i = {0};
    cd_read_skip(r, 4, "code page");
    i.unicode = cd_read_le32(r, "info flags") & INFO_UNICODE;
    uint16_t domain = cd_read_le16(r, "domain length"), user = cd_read_le16(r, "user length");
    i.password_len = cd_read_le16(r, "password length");
    cd_read_skip(r, 4, "lengths");
    i.domain = cd_read_sub(r, domain, "domain"); /* the lengths are without the NUL, which is there all the same */
    cd_read_skip(r, i.unicode ? 2 : 1, "domain");
    i.user = cd_read_sub(r, user, "user");
    if (!cd_read_ok(r))
        return false;
    *ret = i;
    return true;
}
