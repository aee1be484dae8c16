/* Blocks of a controller's program: down to it, and up from it. */
#include "speak.h"
#include "speak_iso.h"
#include "speak_s7.h"

enum { REQUEST_DOWNLOAD = 0x1a, DOWNLOAD_BLOCK = 0x1b, DOWNLOAD_ENDED = 0x1c, START_UPLOAD = 0x1d, UPLOAD = 0x1e };
enum { END_UPLOAD = 0x1f, CONTROL = 0x28, JOB = 1, ACK_DATA = 3, PART_MAX = 222, TARGET_MAX = 32, UPLOAD_ID = 7 };

struct block {
    char file[16];           /* "_0800001P": complete module, type, number, passive */
    char target[TARGET_MAX]; /* "OB1 (passive)" */
};

static void name_block(struct block *b, const char *type_digits, const char *type, unsigned number, char system)
{
    struct cd_text file = cd_text_of(b->file, sizeof b->file), target = cd_text_of(b->target, sizeof b->target);
    cd_text_char(&file, '_');
    cd_text_str(&file, type_digits);
    for (unsigned digit = 10000; digit; digit /= 10)
        cd_text_u64(&file, number / digit % 10);
    cd_text_char(&file, system);
    cd_text_str(&target, type);
    cd_text_u64(&target, number);
    cd_text_str(&target, system == 'P' ? " (passive)" : " (active)");
}

static void put_message(struct octets *o, unsigned kind, uint16_t reference, const struct octets *parameters,
                        const struct octets *data)
{
    uint8_t buffer[512];
    struct octets pdu = OCTETS_OF(buffer);
    put_u8(&pdu, 0x32);
    put_u8(&pdu, kind);
    put_be16(&pdu, 0);
    put_be16(&pdu, reference);
    put_be16(&pdu, (unsigned)parameters->len);
    put_be16(&pdu, (unsigned)data->len);
    if (kind == ACK_DATA)
        put_be16(&pdu, 0);
    put_octets(&pdu, parameters);
    put_octets(&pdu, data);
    iso_put_data(o, &pdu);
}

/* A job and its answer; during a download the controller asks. */
static void exchange(struct sim *s, struct s7 *c, bool client_asks, const struct deed *deed, const struct octets *job,
                     const struct octets *answer_parameters, const struct octets *answer_data)
{
    static uint8_t nothing[1];
    const struct octets none = {.at = nothing, .len = 0, .cap = 1};
    uint8_t asked[600], answered[600];
    struct octets question = OCTETS_OF(asked), answer = OCTETS_OF(answered);
    put_message(&question, JOB, ++c->reference, job, &none);
    put_message(&answer, ACK_DATA, c->reference, answer_parameters, answer_data ? answer_data : &none);
    if (client_asks) {
        speak_ask(s, &c->tcp, deed, &question, &answer, NULL);
        return;
    }
    struct sent sent = tcp_send(s, &c->tcp, false, &question);
    uint32_t operation = truth_request(&s->truth, deed, &sent);
    tcp_wait(&c->tcp, 2 * MS);
    sent = tcp_send(s, &c->tcp, true, &answer);
    truth_response(&s->truth, operation, NULL, &sent);
    tcp_wait(&c->tcp, MS);
}

static struct deed deed_of(const struct s7 *c, const char *code, const char *name, const struct block *b)
{
    return speak_deed(&c->tcp, "s7comm", code, name, "program", b->target);
}

/* Function, status, an error code or number, a file's name. */
static void put_file_job(struct octets *o, unsigned function, unsigned status, const struct block *b)
{
    put_u8(o, function);
    put_u8(o, 0);
    put_be16(o, status);
    put_be32(o, 0);
    put_u8(o, (unsigned)strlen(b->file));
    put_text(o, b->file);
}

/* A decimal number of six digits. */
static void put_digits(struct octets *o, size_t number)
{
    for (size_t digit = 100000; digit; digit /= 10)
        put_u8(o, '0' + (unsigned)(number / digit % 10));
}

static void put_part(struct octets *o, size_t n)
{
    put_be16(o, (unsigned)n);
    put_be16(o, 0x00fb);
    for (size_t i = 0; i < n; i++)
        put_u8(o, (unsigned)(i * 37 + n));
}

void s7_download_block(struct sim *s, struct s7 *c, const char *type_digits, const char *type, unsigned number,
                       size_t bytes)
{
    uint8_t asked[64], answered[8], part[PART_MAX + 8];
    struct octets job = OCTETS_OF(asked), answer = OCTETS_OF(answered), data = OCTETS_OF(part);
    struct block b;
    name_block(&b, type_digits, type, number, 'P');
    struct deed deed = deed_of(c, "26", "request download", &b);
    put_file_job(&job, REQUEST_DOWNLOAD, 0x0100, &b);
    put_u8(&job, 13);
    put_u8(&job, '1');
    put_digits(&job, bytes + 36);
    put_digits(&job, bytes);
    put_u8(&answer, REQUEST_DOWNLOAD);
    exchange(s, c, true, &deed, &job, &answer, NULL);
    deed = deed_of(c, "27", "download block", &b);
    for (size_t left = bytes, n; left; left -= n) {
        n = left < PART_MAX ? left : PART_MAX;
        job.len = answer.len = data.len = 0;
        put_file_job(&job, DOWNLOAD_BLOCK, 0x0100, &b);
        put_u8(&answer, DOWNLOAD_BLOCK);
        put_u8(&answer, left > n); /* more follows */
        put_part(&data, n);
        exchange(s, c, false, &deed, &job, &answer, &data);
    }
    deed = deed_of(c, "28", "download ended", &b);
    job.len = answer.len = 0;
    put_file_job(&job, DOWNLOAD_ENDED, 0x0100, &b);
    put_u8(&answer, DOWNLOAD_ENDED);
    exchange(s, c, false, &deed, &job, &answer, NULL);
}

void s7_upload_block(struct sim *s, struct s7 *c, const char *type_digits, const char *type, unsigned number,
                     size_t bytes)
{
    uint8_t asked[64], answered[32], part[PART_MAX + 8];
    struct octets job = OCTETS_OF(asked), answer = OCTETS_OF(answered), data = OCTETS_OF(part);
    struct block b;
    name_block(&b, type_digits, type, number, 'A');
    struct deed deed = deed_of(c, "29", "start upload", &b);
    put_file_job(&job, START_UPLOAD, 0, &b);
    put_u8(&answer, START_UPLOAD);
    put_u8(&answer, 0);
    put_be16(&answer, 0x0100);
    put_be32(&answer, UPLOAD_ID);
    put_u8(&answer, 7);
    put_u8(&answer, '0');
    put_digits(&answer, bytes);
    exchange(s, c, true, &deed, &job, &answer, NULL);
    deed = deed_of(c, "30", "upload", &b);
    for (size_t left = bytes, n; left; left -= n) {
        n = left < PART_MAX ? left : PART_MAX;
        job.len = answer.len = data.len = 0;
        put_be32(&job, UPLOAD << 24);
        put_be32(&job, UPLOAD_ID);
        put_u8(&answer, UPLOAD);
        put_u8(&answer, left > n);
        put_part(&data, n);
        exchange(s, c, true, &deed, &job, &answer, &data);
    }
    deed = deed_of(c, "31", "end upload", &b);
    job.len = answer.len = 0;
    put_be32(&job, END_UPLOAD << 24);
    put_be32(&job, UPLOAD_ID);
    put_u8(&answer, END_UPLOAD);
    exchange(s, c, true, &deed, &job, &answer, NULL);
}
