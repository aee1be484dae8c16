#include "protocols/sdp.h"

#include "protocols/text_head.h"

#include <string.h>

/* RFC 3551 6: payload types that need no rtpmap. */
static const char *static_codec(uint32_t format)
{
    switch (format) {
    case 0: return "PCMU";
    case 3: return "GSM";
    case 4: return "G723";
    case 5:
    case 6: return "DVI4";
    case 7: return "LPC";
    case 8: return "PCMA";
    case 9: return "G722";
    case 10:
    case 11: return "L16";
    case 12: return "QCELP";
    case 13: return "CN";
    case 14: return "MPA";
    case 15: return "G728";
    case 18: return "G729";
    case 26: return "JPEG";
    case 31: return "H261";
    case 32: return "MPV";
    case 33: return "MP2T";
    case 34: return "H263";
    default: return NULL;
    }
}

/* The next word of a line, taken off it. */
static struct cd_http_value take_word(struct cd_http_value *line)
{
    while (line->len && *line->bytes == ' ') {
        line->bytes++;
        line->len--;
    }
    const char *end = line->len ? memchr(line->bytes, ' ', line->len) : NULL;
    struct cd_http_value word = {line->bytes, end ? (size_t)(end - line->bytes) : line->len};
    line->bytes += word.len;
    line->len -= word.len;
    return word;
}

/* m=audio 49170 RTP/AVP 0 8 (5.14) */
static void parse_media(struct cd_http_value line, struct cd_sdp *s)
{
    struct cd_sdp_media media = {.type = take_word(&line), .format = UINT32_MAX};
    struct cd_http_value port = take_word(&line);
    media.protocol = take_word(&line);
    struct cd_http_value format = take_word(&line);
    if (!cd_text_number(&port, &media.port) || media.port > UINT16_MAX || media.protocol.len == 0)
        return;
    uint32_t number;
    if (cd_text_number(&format, &number)) {
        const char *codec = static_codec(number);
        media.format = number;
        if (codec)
            media.codec = (struct cd_http_value){codec, strlen(codec)};
    }
    s->media[s->n_media++] = media;
}

/* a=rtpmap:96 H264/90000 (6.6), a=tool:... (6.3) */
static void parse_attribute(struct cd_http_value line, struct cd_sdp *s)
{
    static const char rtpmap[] = "rtpmap:", tool[] = "tool:";
    if (cd_http_starts(&line, tool)) {
        s->tool = (struct cd_http_value){line.bytes + sizeof tool - 1, line.len - (sizeof tool - 1)};
        return;
    }
    if (s->n_media == 0 || !cd_http_starts(&line, rtpmap))
        return;
    struct cd_sdp_media *media = &s->media[s->n_media - 1];
    line = (struct cd_http_value){line.bytes + sizeof rtpmap - 1, line.len - (sizeof rtpmap - 1)};
    struct cd_http_value format = take_word(&line), codec = take_word(&line);
    uint32_t number;
    const char *slash = codec.len ? memchr(codec.bytes, '/', codec.len) : NULL;
    if (slash)
        codec.len = (size_t)(slash - codec.bytes);
    if (cd_text_number(&format, &number) && number == media->format && codec.len && codec.len <= 32)
        media->codec = codec;
}

/* c=IN IP4 239.1.2.3/127 (5.7): of the media whose section this is, or of all. */
static struct cd_http_value parse_connection(struct cd_http_value line)
{
    (void)take_word(&line);
    (void)take_word(&line);
    struct cd_http_value address = take_word(&line);
    const char *slash = address.len ? memchr(address.bytes, '/', address.len) : NULL;
    if (slash)
        address.len = (size_t)(slash - address.bytes);
    return address;
}

static void parse_line(struct cd_http_value line, struct cd_sdp *s, struct cd_http_value *session_address)
{
    char type = line.bytes[0];
    line.bytes += 2;
    line.len -= 2;
    if (type == 's')
        s->session = line;
    else if (type == 'm' && s->n_media < CD_SDP_MEDIA_MAX)
        parse_media(line, s);
    else if (type == 'a')
        parse_attribute(line, s);
    else if (type == 'c' && s->n_media == 0)
        *session_address = parse_connection(line);
    else if (type == 'c')
        s->media[s->n_media - 1].address = parse_connection(line);
}

bool cd_sdp_parse(const char *bytes, size_t len, struct cd_sdp *ret)
{
    struct cd_sdp s = {0};
    struct cd_http_value session_address = {0};
    if (len < 3 || memcmp(bytes, "v=0", 3) != 0)
        return false;
    for (unsigned lines = 0; len; lines++) {
        const char *end = memchr(bytes, '\n', len);
        size_t whole = end ? (size_t)(end - bytes) + 1 : len, used = end ? whole - 1 : len;
        if (lines == CD_SDP_LINES_MAX)
            return false;
        if (used && bytes[used - 1] == '\r')
            used--;
        if (used >= 2 && bytes[1] == '=')
            parse_line((struct cd_http_value){bytes, used}, &s, &session_address);
        bytes += whole;
        len -= whole;
    }
    for (unsigned i = 0; i < s.n_media; i++)
        if (!s.media[i].address.bytes)
            s.media[i].address = session_address;
    *ret = s;
    return true;
}

static void text_value(struct cd_text *t, const struct cd_http_value *v, size_t most)
{
    cd_text_device(t, v->bytes, v->len < most ? v->len : most);
}

static void report_media(struct cd_message *m, const struct cd_sdp_media *media)
{
    char service[128], address[64];
    struct cd_text t = cd_text_of(service, sizeof service), a = cd_text_of(address, sizeof address);
    struct cd_subject sender = cd_subject_sender(m);
    struct cd_ip ip;
    cd_text_str(&t, "rtp ");
    text_value(&t, &media->type, 16);
    if (media->codec.len) {
        cd_text_char(&t, ' ');
        text_value(&t, &media->codec, 32);
    }
    cd_text_bytes(&a, media->address.bytes, media->address.len);
    if (!a.cut && cd_ip_parse(address, &ip) && !cd_ip_is_unspecified(&ip)) {
        cd_text_str(&t, " at ");
        cd_text_ip(&t, &ip);
        if (cd_ip_is_group(&ip) && media->port) {
            cd_text_char(&t, ':');
            cd_text_u64(&t, media->port);
        }
    }
    cd_report_fact(m, &sender, CD_ATTRIBUTE_SERVICE, service, 70);
}

void cd_sdp_report(struct cd_message *m, const struct cd_sdp *sdp)
{
    for (unsigned i = 0; i < sdp->n_media; i++)
        if (cd_http_starts(&sdp->media[i].protocol, "RTP/"))
            report_media(m, &sdp->media[i]);
}
