/* Small files of the store, written so that they are there whole or not at all, whatever happens. */
#ifndef CD_STORE_FILE_H
#define CD_STORE_FILE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* The code for an errno of a file operation: CD_ERROR_FULL for no space, else CD_ERROR_ACCESS. */
enum cd_code cd_file_code(int number);

/* Writes a file of mode 0600 beside its place, syncs it, moves it there, and syncs the directory. Without `replace`
 * an existing file is an error (CD_ERROR_ACCESS) and stays. */
int cd_file_write(const char *path, const void *bytes, size_t len, bool replace, struct cd_error *e);

/* Makes what happened to the names in a directory durable. */
int cd_file_sync_directory(const char *directory, struct cd_error *e);

/* "<directory>/<name>" into a buffer of `size`; CD_ERROR_ACCESS where it is too long. */
int cd_file_path(char *ret_path, size_t size, const char *directory, const char *name, struct cd_error *e);

#endif
