/* The parts of SMB1 messages that tell something ([MS-CIFS] 2.2.4). */
#ifndef CD_PROTOCOLS_SMB1_H
#define CD_PROTOCOLS_SMB1_H

#include "protocols/smb.h"

enum {
    CD_SMB1_CREATE_DIRECTORY = 0x00,
    CD_SMB1_DELETE_DIRECTORY = 0x01,
    CD_SMB1_OPEN = 0x02,
    CD_SMB1_CREATE = 0x03,
    CD_SMB1_CLOSE = 0x04,
    CD_SMB1_FLUSH = 0x05,
    CD_SMB1_DELETE = 0x06,
    CD_SMB1_RENAME = 0x07,
    CD_SMB1_QUERY_INFORMATION = 0x08,
    CD_SMB1_SET_INFORMATION = 0x09,
    CD_SMB1_READ = 0x0a,
    CD_SMB1_WRITE = 0x0b,
    CD_SMB1_CREATE_TEMPORARY = 0x0e,
    CD_SMB1_CREATE_NEW = 0x0f,
    CD_SMB1_CHECK_DIRECTORY = 0x10,
    CD_SMB1_LOCKING = 0x24,
    CD_SMB1_TRANSACTION = 0x25,
    CD_SMB1_TRANSACTION_SECONDARY = 0x26,
    CD_SMB1_OPEN_ANDX = 0x2d,
    CD_SMB1_READ_ANDX = 0x2e,
    CD_SMB1_WRITE_ANDX = 0x2f,
    CD_SMB1_TRANSACTION2 = 0x32,
    CD_SMB1_TRANSACTION2_SECONDARY = 0x33,
    CD_SMB1_TREE_CONNECT = 0x70,
    CD_SMB1_TREE_DISCONNECT = 0x71,
    CD_SMB1_NEGOTIATE = 0x72,
    CD_SMB1_SESSION_SETUP = 0x73,
    CD_SMB1_LOGOFF = 0x74,
    CD_SMB1_TREE_CONNECT_ANDX = 0x75,
    CD_SMB1_SEARCH = 0x81,
    CD_SMB1_NT_TRANSACT = 0xa0,
    CD_SMB1_NT_TRANSACT_SECONDARY = 0xa1,
    CD_SMB1_NT_CREATE = 0xa2,
    CD_SMB1_NT_CANCEL = 0xa4,
    CD_SMB1_NT_RENAME = 0xa5,

    CD_SMB1_PIPE_TRANSACT = 0x26, /* first setup word of a transaction on a pipe */
    CD_SMB1_TRANS2_SESSION_SETUP = 0x0e,
};

/* Text in a message: UTF-16LE where wide. Views die with the bytes. */
struct cd_smb1_text {
    struct cd_reader bytes;
    bool wide;
};
void cd_text_smb1(struct cd_text *t, const struct cd_smb1_text *text);
/* The next string of a block's bytes, to its NUL or the end; of wide ones the padding before is passed over. */
struct cd_smb1_text cd_smb1_string(struct cd_smb1_block *b, bool wide);

struct cd_smb1_negotiated {
    uint16_t dialect; /* index in the client's list; 0xffff: none of them */
    uint8_t words;    /* 17: NT LM 0.12, 13: LAN Manager, 1: core */
    bool user_level, clear_passwords, signing, signing_required;
    const uint8_t *guid; /* with extended security */
    struct cd_reader token;
    struct cd_smb1_text domain, server; /* without it */
};
bool cd_smb1_parse_negotiated(struct cd_smb1_block *b, bool wide, struct cd_smb1_negotiated *ret);

struct cd_smb1_sign_in { /* session setup, request or response */
    bool guest;
    uint16_t ansi_len, unicode_len; /* of the passwords' proofs; they themselves are not read */
    struct cd_reader token;
    struct cd_smb1_text user, domain, os, lan_manager;
};
bool cd_smb1_parse_sign_in(struct cd_smb1_block *b, bool request, bool wide, struct cd_smb1_sign_in *ret);

/* Transactions of all three kinds; readers may be short where the message is cut. */
struct cd_smb1_transaction {
    bool more;         /* of a response: not the last */
    uint16_t function; /* first setup word; the function of an NT transaction */
    uint16_t file;     /* second setup word */
    struct cd_smb1_text name;
    struct cd_reader parameters, data;
    uint32_t data_len;
};
bool cd_smb1_parse_transaction(struct cd_smb1_block *b, const struct cd_reader *message, bool request, bool wide,
                               bool cut, struct cd_smb1_transaction *ret);

/* Where the data of a read's response or a write's request stands. */
bool cd_smb1_parse_data(struct cd_smb1_block *b, const struct cd_reader *message, bool cut, struct cd_reader *ret,
                        uint32_t *ret_len);

#endif
