#include "speak.h"
#include "speak_network.h"

enum { HTTP_PORT = 80, HEAD_MAX = 700 };

static void put_host(struct octets *o, uint32_t ip)
{
    char buffer[20];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    for (unsigned shift = 32; shift; shift -= 8) {
        cd_text_u64(&t, ip >> (shift - 8) & 0xff);
        if (shift > 8)
            cd_text_char(&t, '.');
    }
    put_text(o, t.at);
}

static void put_answer(struct octets *o, const char *program, const char *body)
{
    char length[24];
    struct cd_text t = cd_text_of(length, sizeof length);
    cd_text_u64(&t, strlen(body));
    put_text(o, "HTTP/1.1 200 OK\r\nServer: ");
    put_text(o, program);
    put_text(o, "\r\nContent-Type: text/html\r\nContent-Length: ");
    put_text(o, length);
    put_text(o, "\r\n\r\n");
    put_text(o, body);
}

uint64_t http_get(struct sim *s, struct device *client, struct device *server, const char *page, const char *program,
                  const char *user_and_password_base64, const char *user, uint64_t time_ns)
{
    uint8_t asked[HEAD_MAX], answered[HEAD_MAX];
    char host[24], detail[80];
    struct octets request = OCTETS_OF(asked), response = OCTETS_OF(answered);
    struct octets name = {.at = (uint8_t *)host, .cap = sizeof host - 1};
    struct cd_text told = cd_text_of(detail, sizeof detail);
    struct tcp c;
    put_host(&name, server->ip);
    host[name.len] = '\0';
    put_text(&request, "GET ");
    put_text(&request, page);
    put_text(&request, " HTTP/1.1\r\nHost: ");
    put_text(&request, host);
    put_text(&request, "\r\nAuthorization: Basic ");
    put_text(&request, user_and_password_base64);
    put_text(&request, "\r\nAccept: */*\r\n\r\n");
    put_answer(&response, program, "<html><body>Diagnosis: all in order</body></html>");
    tcp_start(s, &c, client, server, HTTP_PORT);
    c.now_ns = time_ns;
    tcp_open(s, &c);
    struct deed deed = speak_deed(&c, "http", "GET", "get", "read", host);
    truth_name_protocol(&s->truth, c.conversation, "http");
    struct sent sent = tcp_send(s, &c, true, &request);
    uint32_t operation = truth_request(&s->truth, &deed, &sent);
    cd_text_str(&told, "http basic sign-in of ");
    cd_text_str(&told, user);
    truth_event(&s->truth, "cleartext_credential", "http", deed.client, deed.server, told.at, &sent);
    tcp_wait(&c, c.latency_ns * 4);
    sent = tcp_send(s, &c, false, &response);
    truth_response(&s->truth, operation, NULL, &sent);
    tcp_rest(s, &c);
    tcp_wait(&c, 2 * SECOND);
    tcp_close(s, &c);
    return c.now_ns;
}
