/* Link-Local Multicast Name Resolution (RFC 4795). The message is DNS's: see dns_message.h. */
#ifndef CD_PROTOCOLS_LLMNR_H
#define CD_PROTOCOLS_LLMNR_H

#include "protocols/dns_message.h"

#endif
