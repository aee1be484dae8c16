#include "protocols/identity.h"

const struct cd_ip *cd_message_sender(const struct cd_message *m)
{
    return m->sent_by_client_end ? &m->client : &m->server;
}

const struct cd_ip *cd_message_receiver(const struct cd_message *m)
{
    return m->sent_by_client_end ? &m->server : &m->client;
}

cd_mac cd_message_sender_mac(const struct cd_message *m)
{
    cd_mac mac;
    if (cd_ip_get_mac(cd_message_sender(m), &mac))
        return mac;
    return m->packet->src_mac;
}

void cd_report_address(struct cd_message *m, cd_mac mac, const struct cd_ip *ip, unsigned confidence)
{
    if (!cd_mac_is_device(mac) || !cd_ip_is_device(ip))
        return;
    struct cd_subject subject = cd_subject_mac(mac);
    cd_report_fact_ip(m, &subject, CD_ATTRIBUTE_ADDRESS, ip, confidence);
}

void cd_report_hardware_address(struct cd_message *m, const struct cd_subject *subject, cd_mac mac, unsigned confidence)
{
    if (!cd_mac_is_device(mac))
        return;
    char buffer[24];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    cd_text_mac(&t, mac);
    cd_report_fact(m, subject, CD_ATTRIBUTE_HARDWARE_ADDRESS, buffer, confidence);
}

void cd_report_fact_ip(struct cd_message *m, const struct cd_subject *subject, enum cd_attribute attribute,
                       const struct cd_ip *ip, unsigned confidence)
{
    char buffer[48];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    cd_text_ip(&t, ip);
    cd_report_fact(m, subject, attribute, buffer, confidence);
}

void cd_report_fact_u64(struct cd_message *m, const struct cd_subject *subject, enum cd_attribute attribute,
                        uint64_t value, unsigned confidence)
{
    char buffer[24];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    cd_text_u64(&t, value);
    cd_report_fact(m, subject, attribute, buffer, confidence);
}

bool cd_mac_is_virtual_router(cd_mac mac)
{
    return mac >> 8 == 0x00005e0001 || mac >> 8 == 0x00005e0002    /* VRRP */
           || mac >> 8 == 0x00000c07ac || mac >> 12 == 0x00000c9ff /* HSRP 1, 2 */
           || mac >> 16 == 0x0007b400;                             /* GLBP */
}
