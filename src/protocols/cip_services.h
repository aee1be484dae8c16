/* What a CIP service is called and what it does to a device. */
#ifndef CD_PROTOCOLS_CIP_SERVICES_H
#define CD_PROTOCOLS_CIP_SERVICES_H

#include "observe/vocabulary.h"

#include <stdbool.h>
#include <stdint.h>

/* Object classes that are treated by name. */
enum cd_cip_class {
    CD_CIP_IDENTITY = 0x01,
    CD_CIP_MESSAGE_ROUTER = 0x02,
    CD_CIP_ASSEMBLY = 0x04,
    CD_CIP_CONNECTION = 0x05,
    CD_CIP_CONNECTION_MANAGER = 0x06,
    CD_CIP_FILE = 0x37,
    CD_CIP_TIME_SYNC = 0x43,
    CD_CIP_PROGRAM_NAME = 0x64,
    CD_CIP_PCCC = 0x67,
    CD_CIP_PROGRAM = 0x68,
    CD_CIP_SYMBOL = 0x6b,
    CD_CIP_TEMPLATE = 0x6c,
    CD_CIP_CONTROLLER = 0x8e,
    CD_CIP_NONVOLATILE_STORAGE = 0xa1,
    CD_CIP_TAG_LIST = 0xb2,
    CD_CIP_TCPIP_INTERFACE = 0xf5,
    CD_CIP_ETHERNET_LINK = 0xf6,
    CD_CIP_NO_CLASS = UINT16_MAX, /* a tag, or not known */
};

enum cd_cip_service_code {
    CD_CIP_GET_ATTRIBUTES_ALL = 0x01,
    CD_CIP_GET_ATTRIBUTE_LIST = 0x03,
    CD_CIP_SET_ATTRIBUTE_LIST = 0x04,
    CD_CIP_MULTIPLE_SERVICE = 0x0a,
    CD_CIP_GET_ATTRIBUTE_SINGLE = 0x0e,
    CD_CIP_SET_ATTRIBUTE_SINGLE = 0x10,
    CD_CIP_EXECUTE_PCCC = 0x4b,
    CD_CIP_READ_TAG = 0x4c,
    CD_CIP_WRITE_TAG = 0x4d,
    CD_CIP_FORWARD_CLOSE = 0x4e,
    CD_CIP_READ_TAG_FRAGMENTED = 0x52,
    CD_CIP_UNCONNECTED_SEND = 0x52,
    CD_CIP_WRITE_TAG_FRAGMENTED = 0x53,
    CD_CIP_FORWARD_OPEN = 0x54,
    CD_CIP_LARGE_FORWARD_OPEN = 0x5b,
};

struct cd_cip_service {
    const char *name; /* literal */
    enum cd_class class;
};

/* The service of an object class; always with a name. */
struct cd_cip_service cd_cip_service_find(uint32_t class_id, uint8_t service);

#endif
