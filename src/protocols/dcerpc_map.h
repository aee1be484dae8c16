/* The endpoint mapper's towers (C706 appendix L): which interface is asked for, and where it is offered. */
#ifndef CD_PROTOCOLS_DCERPC_MAP_H
#define CD_PROTOCOLS_DCERPC_MAP_H

#include "protocols/dcerpc.h"

/* Whether this operation is ept_map. */
bool cd_dcerpc_is_map(const struct cd_dcerpc_interface *interface, uint16_t operation);
/* The interface of a request's tower, as text. */
void cd_dcerpc_text_asked(struct cd_text *t, struct cd_reader stub);
/* Reports the endpoints of a response as services of the server. */
void cd_dcerpc_report_endpoints(struct cd_message *m, struct cd_reader stub);

#endif
