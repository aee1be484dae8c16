/* SMB: file sharing, printers and named pipes of Windows and Samba, on TCP 445 and, within NetBIOS sessions, on TCP 139. SMB1 is CIFS ([MS-CIFS], [MS-SMB]), SMB2 and 3
 * are [MS-SMB2]; the session service around both is RFC 1002 4.3.
 *
 *     session header (4): type, length in 24 bits | SMB message, or SMB2 messages one behind the other
 *
 * Messages are cut in pieces: of each SMB message its front, as far as it can say something; what is read from and written to files is passed over. */
#ifndef CD_PROTOCOLS_SMB_H
#define CD_PROTOCOLS_SMB_H

#include "base/text.h"
#include "protocols/dissector.h"

enum {
    CD_NBSS_HEADER = 4,
    CD_NBSS_MESSAGE = 0x00,
    CD_NBSS_REQUEST = 0x81,
    CD_NBSS_POSITIVE = 0x82,
    CD_NBSS_NEGATIVE = 0x83,
    CD_NBSS_RETARGET = 0x84,
    CD_NBSS_KEEP_ALIVE = 0x85,

    CD_SMB1_HEADER = 32,
    CD_SMB2_HEADER = 64,
    CD_SMB2_TRANSFORM_HEADER = 52, /* [MS-SMB2] 2.2.41: all behind it is encrypted */
    CD_SMB_PIECE_MOST = 6144,      /* of one message; holds a DCE/RPC fragment */
};

/* The last bytes of "\xffSMB" tell nothing; the first tells what follows. */
enum cd_smb_kind { CD_SMB_1 = 0xff, CD_SMB_2 = 0xfe, CD_SMB_ENCRYPTED = 0xfd, CD_SMB_COMPRESSED = 0xfc };

/* ---- parsing ---- */

struct cd_smb2_header { /* [MS-SMB2] 2.2.1 */
    uint16_t command;
    uint32_t status, flags, next;
    uint64_t message_id;
    uint32_t tree_id; /* 0 in asynchronous messages */
};
enum { CD_SMB2_RESPONSE = 1, CD_SMB2_ASYNC = 2, CD_SMB2_RELATED = 4, CD_SMB2_SIGNED = 8 };

enum cd_smb2_command {
    CD_SMB2_NEGOTIATE,
    CD_SMB2_SESSION_SETUP,
    CD_SMB2_LOGOFF,
    CD_SMB2_TREE_CONNECT,
    CD_SMB2_TREE_DISCONNECT,
    CD_SMB2_CREATE,
    CD_SMB2_CLOSE,
    CD_SMB2_FLUSH,
    CD_SMB2_READ,
    CD_SMB2_WRITE,
    CD_SMB2_LOCK,
    CD_SMB2_IOCTL,
    CD_SMB2_CANCEL,
    CD_SMB2_ECHO,
    CD_SMB2_QUERY_DIRECTORY,
    CD_SMB2_CHANGE_NOTIFY,
    CD_SMB2_QUERY_INFO,
    CD_SMB2_SET_INFO,
    CD_SMB2_OPLOCK_BREAK,
    CD_SMB2_COMMANDS
};

/* What a command's body tells, as far as it is there. Views die with the bytes. */
struct cd_smb2_body {
    uint64_t file;                           /* of close, read, write, …, and of a create's response */
    uint32_t access, options, capabilities;  /* create; negotiate */
    uint32_t control_code;                   /* ioctl */
    uint16_t dialect, security_mode, cipher; /* negotiate */
    uint16_t session_flags;                  /* session setup response */
    uint8_t share_type;                      /* tree connect response */
    uint8_t info_type, info_class;           /* query and set info */
    const uint8_t *guid;                     /* negotiate */
    struct cd_reader name;                   /* create, tree connect, rename: UTF-16LE */
    struct cd_reader data;                   /* security token; bytes read or written, as far as they are there */
    uint32_t data_len;                       /* as the message says */
    bool removes;                            /* set info: the file is to be deleted */
};
#define CD_SMB2_RELATED_FILE UINT64_MAX /* "the file of the message before" ([MS-SMB2] 3.3.5.2.7.2) */

bool cd_smb2_parse_header(struct cd_reader *r, struct cd_smb2_header *ret);
/* `message` is the whole message, its header too; where it is cut, names and data may be short. Whole or not at all. */
bool cd_smb2_parse_body(struct cd_reader *message, const struct cd_smb2_header *h, bool cut, struct cd_smb2_body *ret);

struct cd_smb1_header { /* [MS-CIFS] 2.2.3.1 */
    uint8_t command, flags;
    uint16_t flags2;
    uint32_t status; /* NTSTATUS, or class and code of DOS, by flags2 */
    uint16_t tree_id, process_id, user_id, multiplex_id;
};
enum {
    CD_SMB1_REPLY = 0x80,
    CD_SMB1_UNICODE = 0x8000,
    CD_SMB1_NT_STATUS = 0x4000,
    CD_SMB1_EXTENDED_SECURITY = 0x0800,
    CD_SMB1_NO_COMMAND = 0xff, /* end of an AndX chain */
};

/* One command of a message: its words, its bytes, and which command follows it where. */
struct cd_smb1_block {
    uint8_t command, next;
    uint16_t next_offset;
    struct cd_reader words, bytes;
    size_t bytes_at; /* offset of the bytes in the message: Unicode text is aligned by it */
    bool empty;      /* neither words nor bytes: an error, or an interim answer */
};

bool cd_smb1_parse_header(struct cd_reader *r, struct cd_smb1_header *ret);
bool cd_smb1_parse_block(struct cd_reader *r, uint8_t command, bool cut, struct cd_smb1_block *ret);

/* ---- names (smb_names.c) ---- */

const char *cd_smb2_command_name(uint16_t command);
const char *cd_smb1_command_name(uint8_t command);
const char *cd_smb1_trans2_name(uint16_t subcommand);
const char *cd_smb1_nt_transact_name(uint16_t function);
const char *cd_smb_control_code_name(uint32_t code); /* NULL where it is not known */
const char *cd_smb2_dialect_name(uint16_t dialect);
/* "STATUS_ACCESS_DENIED"; "STATUS (unknown)" where it is not known. */
const char *cd_nt_status_name(uint32_t status);
/* NULL where the status is no refusal: success, more to come, a warning. */
const char *cd_nt_status_error(uint32_t status);
/* The same of a class in the low byte and a code in the upper two ([MS-CIFS] 2.2.2.4). */
const char *cd_dos_status_error(uint32_t status);

/* ---- what is known of a connection (smb_files.c) ---- */

enum { CD_SMB_TREES = 8, CD_SMB_OPENS = 24, CD_SMB_TREE_TEXT = 96, CD_SMB_NAME_TEXT = 120 };

struct cd_dcerpc_state;

struct cd_smb_tree {
    uint64_t request; /* id of the request while it is open */
    uint32_t id;
    bool used, known; /* known: answered, so that id is its number */
    char path[CD_SMB_TREE_TEXT];
};

struct cd_smb_open {
    uint64_t request, file;
    uint32_t tree;
    bool used, known;
    bool pipe;
    struct cd_dcerpc_state *rpc; /* of a pipe that has carried something */
    char name[CD_SMB_NAME_TEXT];
};

/* Made when the first tree is connected. The oldest gives way. */
struct cd_smb_files {
    uint8_t next_tree, next_open, pipes;
    struct cd_smb_tree trees[CD_SMB_TREES];
    struct cd_smb_open opens[CD_SMB_OPENS];
};

struct cd_smb_state {
    uint32_t left
        [2]; /* bytes of the session message still to come behind the piece last seen, by direction: 0 from the client */
    struct cd_smb_files *files;
    uint64_t related_request; /* of the create before this message in its chain */
    uint64_t related_file;
    bool told_smb1, told_signing, clear_passwords, share_passwords;
    bool signing_in; /* a client has said who it is: user, "" for nobody */
    char user[80];
};

void cd_smb_tree_request(struct cd_smb_state *s, uint64_t request, const char *path);
/* The tree that was asked for has this number; ok: else it was refused. Its path, or "". */
const char *cd_smb_tree_response(struct cd_smb_state *s, uint64_t request, uint32_t tree, bool ok);
void cd_smb_tree_close(struct cd_smb_state *s, uint32_t tree);
void cd_smb_open_request(struct cd_smb_state *s, uint64_t request, uint32_t tree, const char *name);
void cd_smb_open_response(struct cd_smb_state *s, uint64_t request, uint64_t file, bool ok);
/* What goes through the file shows that it is a pipe, though its opening was not seen. NULL where that can't be. */
struct cd_smb_open *cd_smb_open_as_pipe(struct cd_smb_state *s, uint64_t file, uint32_t tree);
void cd_smb_open_close(struct cd_smb_state *s, uint64_t file);
struct cd_smb_open *cd_smb_open_find(const struct cd_smb_state *s, uint64_t file);
struct cd_smb_open *cd_smb_open_of_request(const struct cd_smb_state *s, uint64_t request);
/* "\\server\share\name", as far as it is known. open may be NULL. */
void cd_text_smb_tree(struct cd_text *t, const struct cd_smb_state *s, uint32_t tree);
void cd_text_smb_file(struct cd_text *t, const struct cd_smb_state *s, uint32_t tree, const char *name);
void cd_text_smb_open(struct cd_text *t, const struct cd_smb_state *s, uint32_t tree, const struct cd_smb_open *open);
void cd_smb_files_free(struct cd_smb_state *s);

/* ---- reporting (smb1.c, smb2.c, smb_session.c) ---- */

/* Open requests of one flow share a space of ids with what is carried on pipes. */
#define CD_SMB_ID_SPACE (UINT64_C(7) << 61)
#define CD_SMB1_REQUEST (UINT64_C(3) << 61)
#define CD_SMB2_REQUEST (UINT64_C(2) << 61)
#define CD_NBSS_SESSION (UINT64_C(3) << 62)

/* One SMB1 message with all its commands; one SMB2 message of a chain. */
void cd_smb1_dissect(struct cd_message *m, struct cd_reader *r);
void cd_smb2_dissect(struct cd_message *m, struct cd_reader *r);

/* A security token of a sign-in. Names who signs in, as target of the operation. */
void cd_smb_report_token(struct cd_message *m, struct cd_reader token, struct cd_text *target);
/* The server answered a sign-in: error NULL where it let the client in. */
void cd_smb_report_sign_in(struct cd_message *m, const char *error, bool guest, bool anonymous);
/* A share was connected: what it says of the server. type as in SMB2: 1 disk, 2 pipe, 3 printer. */
void cd_smb_report_share(struct cd_message *m, const char *path, unsigned type);
/* Dialect, encryption (NULL: none) and signing as the server chose them. */
void cd_smb_report_dialect(struct cd_message *m, const char *dialect, const char *encryption, bool signing,
                           bool required);
void cd_smb_report_server_guid(struct cd_message *m, const uint8_t *guid);

extern const struct cd_dissector cd_dissector_smb;

#endif
