/* Results to files and terminals, and the numbers of command lines: what the sub-commands share. */
#ifndef CD_CMD_OUTPUT_H
#define CD_CMD_OUTPUT_H

#include "base/error.h"
#include "hub/inventory/inventory.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether a result can be written to `path` later ("-": standard output), so that this is known before the work is done.
 * Creates nothing. CD_ERROR_ACCESS. */
int cd_output_check(const char *path, struct cd_error *e);

/* Writes the JSON document to `path`. A file appears whole or not at all: what was there stays until the new one is complete. CD_ERROR_ACCESS, CD_ERROR_FULL. */
int cd_output_json(const struct cd_inventory *inventory, const char *path, struct cd_error *e);

/* Writes the summary to standard output, as wide as the terminal. */
int cd_output_summary(const struct cd_inventory *inventory, struct cd_error *e);

/* A log line on standard error; nothing where the text is empty because the failing role has spoken itself. */
void cd_output_complain(const struct cd_error *e);

/* A whole number of an option from `min` to `max`; CD_ERROR_USAGE names the option. */
int cd_output_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *ret_value,
                     struct cd_error *e);

#endif
