/* FTP control connections (RFC 959): lines of commands and replies. */
#ifndef CD_PROTOCOLS_FTP_H
#define CD_PROTOCOLS_FTP_H

#include "base/reader.h"

enum { CD_FTP_LINE_MAX = 2048 };

/* One line, borrowed, without its end. */
struct cd_ftp_line {
    bool reply;
    unsigned code;    /* of a reply: 100 to 599 */
    bool more;        /* of a reply: lines of the same reply follow (RFC 959 4.2) */
    char verb[5];     /* of a command: upper case, 3 or 4 letters */
    const char *text; /* what stands behind */
    size_t text_len;
};

/* A command line: three or four letters, then nothing or a blank and its argument. */
bool cd_ftp_parse_command(struct cd_reader *r, struct cd_ftp_line *ret);
/* A reply line: three digits, then nothing, a blank, or '-' and text. False for the inner lines of a long reply. */
bool cd_ftp_parse_reply(struct cd_reader *r, struct cd_ftp_line *ret);

#endif
