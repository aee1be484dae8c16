#include "speak_hl7.h"

#include "speak.h"

enum { HL7_PORT = 2575, MESSAGE_MAX = 700 };
static const char monitor_application[] = "BEDSIDE", engine_application[] = "ENGINE";

void hl7_start(struct sim *s, struct hl7 *c, struct device *monitor, struct device *engine)
{
    *c = (struct hl7){0};
    tcp_start(s, &c->tcp, monitor, engine, HL7_PORT);
}

static void put_number(struct octets *o, uint64_t number)
{
    char buffer[24];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    cd_text_u64(&t, number);
    put_text(o, t.at);
}

/* MLLP's start of block, and the message header (2.14.9). The day is that of the default start. */
static void begin(struct octets *o, const struct hl7 *c, const char *from, const char *to, const char *type)
{
    put_u8(o, 0x0b);
    put_text(o, "MSH|^~\\&|");
    put_text(o, from);
    put_text(o, "|WING|");
    put_text(o, to);
    put_text(o, "|WING|20260105080000||");
    put_text(o, type);
    put_text(o, "|");
    put_number(o, c->tcp.ends[0].device->number * (uint64_t)1000000 + c->messages);
    put_text(o, "|P|2.6\r");
}

static void end(struct octets *o)
{
    put_be16(o, 0x1c0d);
}

static void put_observation(struct octets *o, unsigned number, const char *code, const char *unit, uint16_t value)
{
    put_text(o, "OBX|");
    put_number(o, number);
    put_text(o, "|NM|");
    put_text(o, code);
    put_text(o, "^MDC||");
    put_number(o, value);
    put_text(o, "|");
    put_text(o, unit);
    put_text(o, "|||||F\r");
}

static void put_result(struct octets *o, const struct sim *s, const struct hl7 *c)
{
    uint32_t bed = c->tcp.ends[0].device->number;
    begin(o, c, monitor_application, engine_application, "ORU^R01^ORU_R01");
    put_text(o, "PID|||");
    put_number(o, 400000 + bed);
    put_text(o, "^^^WING||Example^Patient||19600101|U\rOBR|1|||VITALS\r");
    put_observation(o, 1, "147842^MDC_ECG_HEART_RATE", "/min", sim_drift(s, bed, 72, 14));
    put_observation(o, 2, "150456^MDC_PULS_OXIM_SAT_O2", "%", sim_drift(s, bed * 3, 96, 2));
    end(o);
}

static void put_acknowledgement(struct octets *o, const struct hl7 *c)
{
    begin(o, c, engine_application, monitor_application, "ACK^R01^ACK");
    put_text(o, "MSA|AA|");
    put_number(o, c->tcp.ends[0].device->number * (uint64_t)1000000 + c->messages);
    put_text(o, "\r");
    end(o);
}

void hl7_send_observation(struct sim *s, struct hl7 *c)
{
    uint8_t told[MESSAGE_MAX], answered[MESSAGE_MAX];
    struct octets message = OCTETS_OF(told), answer = OCTETS_OF(answered);
    struct deed told_deed = speak_deed(&c->tcp, "hl7", "ORU^R01", "observation result", "read", engine_application);
    struct deed acknowledged = speak_deed(&c->tcp, "hl7", "ACK", "acknowledgement", "session", monitor_application);
    c->messages++;
    put_result(&message, s, c);
    put_acknowledgement(&answer, c);
    truth_name_protocol(&s->truth, c->tcp.conversation, "hl7");
    struct sent sent = tcp_send(s, &c->tcp, true, &message);
    truth_request(&s->truth, &told_deed, &sent);
    if (!c->patient_told)
        truth_event(&s->truth, "cleartext_patient_data", "hl7", told_deed.client, told_deed.server,
                    "patient data in clear: identifier, name, birth date, results", &sent);
    c->patient_told = true;
    tcp_wait(&c->tcp, c->tcp.latency_ns);
    sent = tcp_send(s, &c->tcp, false, &answer);
    truth_request(&s->truth, &acknowledged, &sent);
    tcp_wait(&c->tcp, MS);
}
