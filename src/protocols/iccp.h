/* ICCP (TASE.2, IEC 60870-6-503): control centres exchange data over MMS. Told from other MMS by the objects it names; from then on the association's
 * messages are reported under this name. */
#ifndef CD_PROTOCOLS_ICCP_H
#define CD_PROTOCOLS_ICCP_H

#include "protocols/mms.h"

extern const struct cd_dissector cd_dissector_iccp;

#endif
