/* S7comm-plus objects, addresses of variables and attributes as text, as targets of operations: numbers that change from connection to connection are left
 * out, or the table of operations would grow with each. */
#ifndef CD_PROTOCOLS_S7COMM_PLUS_TEXT_H
#define CD_PROTOCOLS_S7COMM_PLUS_TEXT_H

#include "protocols/s7comm_plus.h"

enum { CD_S7COMM_PLUS_ITEMS_SHOWN = 3 };

/* Whether the object is a block of the program. */
bool cd_s7comm_plus_is_block(uint32_t object);
/* "DB5", "OB1", "CPU execution unit", "session" where it is the request's own, "dynamic object" */
void cd_s7comm_plus_text_object(struct cd_text *t, uint32_t object, uint32_t session);
/* The addresses of a request for many variables, "DB3 LID 10, M0.4"; *ret_output: one of them is an output. Looks at no more than the bytes hold. */
void cd_s7comm_plus_text_addresses(struct cd_text *t, struct cd_reader *r, uint32_t count, uint32_t session,
                                   bool *ret_output);
/* "operating state request", "attribute 2459" */
void cd_s7comm_plus_text_attribute(struct cd_text *t, uint32_t id);
/* " and 5 more", where there are more than are shown */
void cd_s7comm_plus_text_more(struct cd_text *t, uint32_t count);

#endif
