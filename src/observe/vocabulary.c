#include "observe/vocabulary.h"

static const char *const class_names[CD_CLASSES] = {
    [CD_CLASS_READ] = "read",           [CD_CLASS_WRITE] = "write",       [CD_CLASS_CONTROL] = "control",
    [CD_CLASS_PROGRAM] = "program",     [CD_CLASS_FIRMWARE] = "firmware", [CD_CLASS_MODE] = "mode",
    [CD_CLASS_CONFIGURE] = "configure", [CD_CLASS_DIAGNOSE] = "diagnose", [CD_CLASS_IDENTIFY] = "identify",
    [CD_CLASS_SESSION] = "session",     [CD_CLASS_ALARM] = "alarm",       [CD_CLASS_FILE] = "file",
    [CD_CLASS_OTHER] = "other",
};

static const char *const attribute_names[CD_ATTRIBUTES] = {
    [CD_ATTRIBUTE_ADDRESS] = "address",
    [CD_ATTRIBUTE_VLAN] = "vlan",
    [CD_ATTRIBUTE_VENDOR] = "vendor",
    [CD_ATTRIBUTE_MODEL] = "model",
    [CD_ATTRIBUTE_ORDER_NUMBER] = "order_number",
    [CD_ATTRIBUTE_FIRMWARE] = "firmware",
    [CD_ATTRIBUTE_HARDWARE] = "hardware",
    [CD_ATTRIBUTE_SERIAL] = "serial",
    [CD_ATTRIBUTE_NAME] = "name",
    [CD_ATTRIBUTE_OS] = "os",
    [CD_ATTRIBUTE_ROLE] = "role",
    [CD_ATTRIBUTE_LOCATION] = "location",
    [CD_ATTRIBUTE_CONTACT] = "contact",
    [CD_ATTRIBUTE_DESCRIPTION] = "description",
    [CD_ATTRIBUTE_DOMAIN] = "domain",
    [CD_ATTRIBUTE_SOFTWARE] = "software",
    [CD_ATTRIBUTE_DEVICE_TYPE] = "device_type",
    [CD_ATTRIBUTE_SERVICE] = "service",
    [CD_ATTRIBUTE_STATE] = "state",
    [CD_ATTRIBUTE_PROGRAM] = "program",
    [CD_ATTRIBUTE_MODULE] = "module",
    [CD_ATTRIBUTE_PORT] = "port",
    [CD_ATTRIBUTE_NEIGHBOUR] = "neighbour",
    [CD_ATTRIBUTE_GATEWAY] = "gateway",
    [CD_ATTRIBUTE_VENDOR_CLASS] = "vendor_class",
    [CD_ATTRIBUTE_DHCP_FINGERPRINT] = "dhcp_fingerprint",
    [CD_ATTRIBUTE_TLS_JA4] = "tls_ja4",
    [CD_ATTRIBUTE_TLS_VERSION] = "tls_version",
    [CD_ATTRIBUTE_CERTIFICATE] = "certificate",
    [CD_ATTRIBUTE_USER] = "user",
    [CD_ATTRIBUTE_INSTANCE] = "instance",
    [CD_ATTRIBUTE_CLOCK] = "clock",
    [CD_ATTRIBUTE_HARDWARE_ADDRESS] = "hardware_address",
};

static const char *const event_names[CD_EVENTS] = {
    [CD_EVENT_DANGEROUS_OPERATION] = "dangerous_operation",
    [CD_EVENT_MALFORMED] = "malformed",
    [CD_EVENT_VIOLATION] = "violation",
    [CD_EVENT_CLEARTEXT_CREDENTIAL] = "cleartext_credential",
    [CD_EVENT_CLEARTEXT_PATIENT_DATA] = "cleartext_patient_data",
    [CD_EVENT_WEAK_CRYPTOGRAPHY] = "weak_cryptography",
    [CD_EVENT_DUPLICATE_IP] = "duplicate_ip",
    [CD_EVENT_ARP_ANOMALY] = "arp_anomaly",
    [CD_EVENT_SCAN] = "scan",
    [CD_EVENT_TCP_OVERLAP] = "tcp_overlap",
    [CD_EVENT_PROTOCOL_ON_OTHER_PORT] = "protocol_on_other_port",
    [CD_EVENT_AUTHENTICATION_FAILED] = "authentication_failed",
    [CD_EVENT_DEVICE_ERROR] = "device_error",
    [CD_EVENT_IP_FRAGMENT_OVERLAP] = "ip_fragment_overlap",
};

const char *cd_class_name(enum cd_class class)
{
    return (unsigned)class < CD_CLASSES ? class_names[class] : "other";
}

const char *cd_attribute_name(enum cd_attribute attribute)
{
    return (unsigned)attribute < CD_ATTRIBUTES ? attribute_names[attribute] : "unknown";
}

const char *cd_event_kind_name(enum cd_event_kind kind)
{
    return (unsigned)kind < CD_EVENTS ? event_names[kind] : "unknown";
}
