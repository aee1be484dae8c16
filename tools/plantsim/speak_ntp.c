#include "speak.h"
#include "speak_network.h"

enum { NTP_PORT = 123, CLIENT = 3, SERVER = 4 };
static const uint64_t seconds_1900_to_1970 = 2208988800u;

/* RFC 5905 6: seconds since 1900 and a binary fraction. */
static uint64_t timestamp(uint64_t time_ns)
{
    return (time_ns / SECOND + seconds_1900_to_1970) << 32 | (time_ns % SECOND << 32) / SECOND;
}

static void put_message(struct octets *o, unsigned mode, uint64_t origin, uint64_t transmit)
{
    bool server = mode == SERVER;
    put_u8(o, 4u << 3 | mode); /* version 4, no warning of leap seconds */
    put_u8(o, server ? 1 : 0); /* stratum */
    put_u8(o, 6);              /* poll every 2^6 seconds */
    put_u8(o, 0xec);           /* precision 2^-20 s */
    put_be32(o, 0);            /* root delay */
    put_be32(o, server ? 0x0a : 0x00010000);
    put_field(o, server ? "GPS" : "", 4, 0);
    put_be64(o, server ? (transmit >> 32 << 32) : 0);
    put_be64(o, origin);
    put_be64(o, server ? transmit : 0);
    put_be64(o, transmit);
}

uint64_t ntp_ask(struct sim *s, struct device *client, struct device *server, uint64_t time_ns)
{
    uint8_t asked[48], answered[48];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct dialogue d = wire_dialogue(s, wire_end(client), plant_next_port(client), wire_end(server), NTP_PORT, "ntp");
    struct deed deed = speak_datagram_deed(&d, "ntp", "3", "time request", "other", "");
    put_message(&request, CLIENT, 0, timestamp(time_ns));
    put_message(&response, SERVER, timestamp(time_ns), timestamp(time_ns + MS));
    return speak_ask_datagram(s, &d, time_ns, &deed, &request, &response);
}
