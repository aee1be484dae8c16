/* One command of an SMB1 message while it is reported: shared by the files that do it. */
#ifndef CD_PROTOCOLS_SMB1_REPORT_H
#define CD_PROTOCOLS_SMB1_REPORT_H

#include "protocols/smb1.h"

struct smb1 {
    struct cd_message *m;
    struct cd_smb_state *s;
    const struct cd_reader *message; /* from the header on */
    struct cd_smb1_header h;
    struct cd_smb1_block block;
    struct cd_operation op;
    struct cd_text target;
    uint64_t id, pipe; /* pipe: what is to be carried on one once the request is counted; 0: nothing */
    struct cd_reader pipe_data;
    uint32_t pipe_data_len;
    const char *bad; /* the first field that did not fit */
    bool wide;
};

static inline void cd_smb1_bad(struct smb1 *x, const char *field)
{
    if (!x->bad)
        x->bad = field ? field : "message";
}

void cd_smb1_in_use(struct smb1 *x);
void cd_smb1_negotiated(struct smb1 *x);
void cd_smb1_session_request(struct smb1 *x);
void cd_smb1_session_response(struct smb1 *x, const char *error);
void cd_smb1_tree_request(struct smb1 *x);
void cd_smb1_tree_response(struct smb1 *x, const char *error);

#endif
