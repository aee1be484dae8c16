#include "protocols/smb.h"

const char *cd_smb2_command_name(uint16_t command)
{
    static const char *const names[CD_SMB2_COMMANDS] = {
        "negotiate",       "session setup", "logoff",     "tree connect", "tree disconnect", "create", "close",
        "flush",           "read",          "write",      "lock",         "ioctl",           "cancel", "echo",
        "query directory", "change notify", "query info", "set info",     "oplock break"};
    return command < CD_SMB2_COMMANDS ? names[command] : "unknown command";
}

/* [MS-CIFS] 2.2.2.1 */
const char *cd_smb1_command_name(uint8_t command)
{
    switch (command) {
    case 0x00: return "create directory";
    case 0x01: return "delete directory";
    case 0x02: return "open";
    case 0x03: return "create";
    case 0x04: return "close";
    case 0x05: return "flush";
    case 0x06: return "delete";
    case 0x07: return "rename";
    case 0x08: return "query information";
    case 0x09: return "set information";
    case 0x0a: return "read";
    case 0x0b: return "write";
    case 0x0c: return "lock byte range";
    case 0x0d: return "unlock byte range";
    case 0x0e: return "create temporary";
    case 0x0f: return "create new";
    case 0x10: return "check directory";
    case 0x11: return "process exit";
    case 0x12: return "seek";
    case 0x13: return "lock and read";
    case 0x14: return "write and unlock";
    case 0x1a: return "read raw";
    case 0x1b: return "read multiplexed";
    case 0x1c: return "read multiplexed secondary";
    case 0x1d: return "write raw";
    case 0x1e: return "write multiplexed";
    case 0x20: return "write complete";
    case 0x21: return "query server";
    case 0x22: return "set information 2";
    case 0x23: return "query information 2";
    case 0x24: return "locking";
    case 0x25: return "transaction";
    case 0x26: return "transaction secondary";
    case 0x27: return "ioctl";
    case 0x28: return "ioctl secondary";
    case 0x29: return "copy";
    case 0x2a: return "move";
    case 0x2b: return "echo";
    case 0x2c: return "write and close";
    case 0x2d: return "open";
    case 0x2e: return "read";
    case 0x2f: return "write";
    case 0x31: return "close and tree disconnect";
    case 0x32: return "transaction 2";
    case 0x33: return "transaction 2 secondary";
    case 0x34: return "find close 2";
    case 0x35: return "find notify close";
    case 0x70: return "tree connect";
    case 0x71: return "tree disconnect";
    case 0x72: return "negotiate";
    case 0x73: return "session setup";
    case 0x74: return "logoff";
    case 0x75: return "tree connect";
    case 0x80: return "query information disk";
    case 0x81: return "search";
    case 0x82: return "find";
    case 0x83: return "find unique";
    case 0x84: return "find close";
    case 0xa0: return "nt transact";
    case 0xa1: return "nt transact secondary";
    case 0xa2: return "nt create";
    case 0xa4: return "nt cancel";
    case 0xa5: return "nt rename";
    case 0xc0: return "open print file";
    case 0xc1: return "write print file";
    case 0xc2: return "close print file";
    case 0xc3: return "get print queue";
    default: return "unknown command";
    }
}

/* [MS-CIFS] 2.2.2.2 */
const char *cd_smb1_trans2_name(uint16_t subcommand)
{
    static const char *const names[] = {"open 2",           "find first",
                                        "find next",        "query file system",
                                        "set file system",  "query path",
                                        "set path",         "query file",
                                        "set file",         "fsctl",
                                        "ioctl 2",          "find notify first",
                                        "find notify next", "create directory",
                                        "session setup",    "unknown",
                                        "get dfs referral", "report dfs inconsistency"};
    return subcommand < sizeof names / sizeof *names ? names[subcommand] : "unknown";
}

const char *cd_smb1_nt_transact_name(uint16_t function)
{
    static const char *const names[] = {"unknown", "create",         "ioctl",          "set security",  "notify change",
                                        "rename",  "query security", "get user quota", "set user quota"};
    return function < sizeof names / sizeof *names ? names[function] : "unknown";
}

/* [MS-FSCC] 2.3, [MS-SMB2] 2.2.31 */
const char *cd_smb_control_code_name(uint32_t code)
{
    switch (code) {
    case 0x00060194: return "FSCTL_DFS_GET_REFERRALS";
    case 0x000601b0: return "FSCTL_DFS_GET_REFERRALS_EX";
    case 0x00090018: return "FSCTL_LOCK_VOLUME";
    case 0x0009009c: return "FSCTL_GET_OBJECT_ID";
    case 0x000900a4: return "FSCTL_SET_REPARSE_POINT";
    case 0x000900a8: return "FSCTL_GET_REPARSE_POINT";
    case 0x000900c0: return "FSCTL_CREATE_OR_GET_OBJECT_ID";
    case 0x000900c4: return "FSCTL_SET_SPARSE";
    case 0x000900eb: return "FSCTL_READ_FILE_USN_DATA";
    case 0x00090300: return "FSCTL_QUERY_SHARED_VIRTUAL_DISK_SUPPORT";
    case 0x000940cf: return "FSCTL_QUERY_ALLOCATED_RANGES";
    case 0x000980c8: return "FSCTL_SET_ZERO_DATA";
    case 0x0011400c: return "FSCTL_PIPE_PEEK";
    case 0x0011c017: return "FSCTL_PIPE_TRANSCEIVE";
    case 0x00110018: return "FSCTL_PIPE_WAIT";
    case 0x00140078: return "FSCTL_SRV_REQUEST_RESUME_KEY";
    case 0x00140193: return "FSCTL_SRV_READ_HASH";
    case 0x001401d4: return "FSCTL_LMR_REQUEST_RESILIENCY";
    case 0x001401fc: return "FSCTL_QUERY_NETWORK_INTERFACE_INFO";
    case 0x00140200: return "FSCTL_SET_INTEGRITY_INFORMATION";
    case 0x00140204: return "FSCTL_VALIDATE_NEGOTIATE_INFO";
    case 0x00144064: return "FSCTL_SRV_ENUMERATE_SNAPSHOTS";
    case 0x001440f2: return "FSCTL_SRV_COPYCHUNK";
    case 0x001441bb: return "FSCTL_SRV_READ_HASH";
    case 0x001480f2: return "FSCTL_SRV_COPYCHUNK_WRITE";
    default: return NULL;
    }
}

const char *cd_smb2_dialect_name(uint16_t dialect)
{
    switch (dialect) {
    case 0x0202: return "SMB 2.0.2";
    case 0x0210: return "SMB 2.1";
    case 0x0300: return "SMB 3.0";
    case 0x0302: return "SMB 3.0.2";
    case 0x0311: return "SMB 3.1.1";
    default: return NULL;
    }
}

/* [MS-ERREF] 2.3.1: those seen in file sharing and RPC. */
const char *cd_nt_status_name(uint32_t status)
{
    switch (status) {
    case 0x00000000: return "STATUS_SUCCESS";
    case 0x00000103: return "STATUS_PENDING";
    case 0x0000010b: return "STATUS_NOTIFY_CLEANUP";
    case 0x0000010c: return "STATUS_NOTIFY_ENUM_DIR";
    case 0x80000005: return "STATUS_BUFFER_OVERFLOW";
    case 0x80000006: return "STATUS_NO_MORE_FILES";
    case 0x8000002d: return "STATUS_STOPPED_ON_SYMLINK";
    case 0xc0000001: return "STATUS_UNSUCCESSFUL";
    case 0xc0000002: return "STATUS_NOT_IMPLEMENTED";
    case 0xc0000003: return "STATUS_INVALID_INFO_CLASS";
    case 0xc0000004: return "STATUS_INFO_LENGTH_MISMATCH";
    case 0xc0000008: return "STATUS_INVALID_HANDLE";
    case 0xc000000d: return "STATUS_INVALID_PARAMETER";
    case 0xc000000e: return "STATUS_NO_SUCH_DEVICE";
    case 0xc000000f: return "STATUS_NO_SUCH_FILE";
    case 0xc0000010: return "STATUS_INVALID_DEVICE_REQUEST";
    case 0xc0000011: return "STATUS_END_OF_FILE";
    case 0xc0000016: return "STATUS_MORE_PROCESSING_REQUIRED";
    case 0xc0000017: return "STATUS_NO_MEMORY";
    case 0xc0000022: return "STATUS_ACCESS_DENIED";
    case 0xc0000023: return "STATUS_BUFFER_TOO_SMALL";
    case 0xc0000024: return "STATUS_OBJECT_TYPE_MISMATCH";
    case 0xc0000033: return "STATUS_OBJECT_NAME_INVALID";
    case 0xc0000034: return "STATUS_OBJECT_NAME_NOT_FOUND";
    case 0xc0000035: return "STATUS_OBJECT_NAME_COLLISION";
    case 0xc0000039: return "STATUS_OBJECT_PATH_INVALID";
    case 0xc000003a: return "STATUS_OBJECT_PATH_NOT_FOUND";
    case 0xc000003b: return "STATUS_OBJECT_PATH_SYNTAX_BAD";
    case 0xc0000043: return "STATUS_SHARING_VIOLATION";
    case 0xc0000054: return "STATUS_FILE_LOCK_CONFLICT";
    case 0xc0000055: return "STATUS_LOCK_NOT_GRANTED";
    case 0xc0000056: return "STATUS_DELETE_PENDING";
    case 0xc000005e: return "STATUS_NO_LOGON_SERVERS";
    case 0xc0000061: return "STATUS_PRIVILEGE_NOT_HELD";
    case 0xc0000064: return "STATUS_NO_SUCH_USER";
    case 0xc000006a: return "STATUS_WRONG_PASSWORD";
    case 0xc000006d: return "STATUS_LOGON_FAILURE";
    case 0xc000006e: return "STATUS_ACCOUNT_RESTRICTION";
    case 0xc000006f: return "STATUS_INVALID_LOGON_HOURS";
    case 0xc0000070: return "STATUS_INVALID_WORKSTATION";
    case 0xc0000071: return "STATUS_PASSWORD_EXPIRED";
    case 0xc0000072: return "STATUS_ACCOUNT_DISABLED";
    case 0xc000007e: return "STATUS_RANGE_NOT_LOCKED";
    case 0xc000007f: return "STATUS_DISK_FULL";
    case 0xc000009a: return "STATUS_INSUFFICIENT_RESOURCES";
    case 0xc00000a2: return "STATUS_MEDIA_WRITE_PROTECTED";
    case 0xc00000ac: return "STATUS_PIPE_NOT_AVAILABLE";
    case 0xc00000ad: return "STATUS_INVALID_PIPE_STATE";
    case 0xc00000ae: return "STATUS_PIPE_BUSY";
    case 0xc00000b0: return "STATUS_PIPE_DISCONNECTED";
    case 0xc00000b1: return "STATUS_PIPE_CLOSING";
    case 0xc00000b5: return "STATUS_IO_TIMEOUT";
    case 0xc00000ba: return "STATUS_FILE_IS_A_DIRECTORY";
    case 0xc00000bb: return "STATUS_NOT_SUPPORTED";
    case 0xc00000bd: return "STATUS_DUPLICATE_NAME";
    case 0xc00000be: return "STATUS_BAD_NETWORK_PATH";
    case 0xc00000c3: return "STATUS_INVALID_NETWORK_RESPONSE";
    case 0xc00000c9: return "STATUS_NETWORK_NAME_DELETED";
    case 0xc00000ca: return "STATUS_NETWORK_ACCESS_DENIED";
    case 0xc00000cb: return "STATUS_BAD_DEVICE_TYPE";
    case 0xc00000cc: return "STATUS_BAD_NETWORK_NAME";
    case 0xc00000d0: return "STATUS_REQUEST_NOT_ACCEPTED";
    case 0xc00000d9: return "STATUS_PIPE_EMPTY";
    case 0xc00000e5: return "STATUS_INTERNAL_ERROR";
    case 0xc0000101: return "STATUS_DIRECTORY_NOT_EMPTY";
    case 0xc0000103: return "STATUS_NOT_A_DIRECTORY";
    case 0xc000010b: return "STATUS_BAD_IMPERSONATION_LEVEL";
    case 0xc0000120: return "STATUS_CANCELLED";
    case 0xc0000121: return "STATUS_CANNOT_DELETE";
    case 0xc0000128: return "STATUS_FILE_CLOSED";
    case 0xc000014b: return "STATUS_PIPE_BROKEN";
    case 0xc000015b: return "STATUS_LOGON_TYPE_NOT_GRANTED";
    case 0xc0000184: return "STATUS_INVALID_DEVICE_STATE";
    case 0xc000018c: return "STATUS_TRUSTED_DOMAIN_FAILURE";
    case 0xc000018d: return "STATUS_TRUSTED_RELATIONSHIP_FAILURE";
    case 0xc0000192: return "STATUS_NETLOGON_NOT_STARTED";
    case 0xc0000193: return "STATUS_ACCOUNT_EXPIRED";
    case 0xc000019c: return "STATUS_FS_DRIVER_REQUIRED";
    case 0xc0000203: return "STATUS_USER_SESSION_DELETED";
    case 0xc0000205: return "STATUS_INSUFF_SERVER_RESOURCES";
    case 0xc0000224: return "STATUS_PASSWORD_MUST_CHANGE";
    case 0xc0000225: return "STATUS_NOT_FOUND";
    case 0xc000022d: return "STATUS_RETRY";
    case 0xc0000234: return "STATUS_ACCOUNT_LOCKED_OUT";
    case 0xc0000236: return "STATUS_CONNECTION_REFUSED";
    case 0xc0000257: return "STATUS_PATH_NOT_COVERED";
    case 0xc0000275: return "STATUS_NOT_A_REPARSE_POINT";
    case 0xc000035c: return "STATUS_NETWORK_SESSION_EXPIRED";
    case 0xc0000388: return "STATUS_DOWNGRADE_DETECTED";
    case 0xc0000413: return "STATUS_AUTHENTICATION_FIREWALL_FAILED";
    case 0xc000041b: return "STATUS_INVALID_SIGNATURE";
    case 0xc0000466: return "STATUS_SERVER_UNAVAILABLE";
    case 0xc0000467: return "STATUS_FILE_NOT_AVAILABLE";
    case 0xc05d0000: return "STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP";
    case 0xc0020017: return "RPC_NT_SERVER_UNAVAILABLE";
    default: return "STATUS (unknown)";
    }
}

const char *cd_nt_status_error(uint32_t status)
{
    enum { ERROR = 3, MORE_PROCESSING_REQUIRED = 0xc0000016 - 0xc0000000 };
    if (status >> 30 != ERROR || (status & 0x3fffffff) == MORE_PROCESSING_REQUIRED)
        return NULL;
    return cd_nt_status_name(status);
}

const char *cd_dos_status_error(uint32_t status)
{
    unsigned class = status & 0xff, code = status >> 16;
    if (class == 0)
        return NULL;
    if (class == 1) {
        switch (code) {
        case 1: return "ERRDOS bad function";
        case 2: return "ERRDOS bad file";
        case 3: return "ERRDOS bad path";
        case 5: return "ERRDOS no access";
        case 6: return "ERRDOS bad file id";
        case 18: return NULL; /* no more files */
        case 32: return "ERRDOS bad share mode";
        case 33: return "ERRDOS lock";
        case 50: return "ERRDOS not supported";
        case 67: return "ERRDOS bad network name";
        case 80: return "ERRDOS file exists";
        case 87: return "ERRDOS bad parameter";
        case 123: return "ERRDOS bad name";
        case 234: return NULL; /* more data */
        default: return "ERRDOS";
        }
    }
    if (class == 2) {
        switch (code) {
        case 1: return "ERRSRV error";
        case 2: return "ERRSRV bad password";
        case 4: return "ERRSRV no access";
        case 5: return "ERRSRV bad tree";
        case 6: return "ERRSRV bad network name";
        case 91: return "ERRSRV bad user";
        case 2239: return "ERRSRV account expired";
        case 2242: return "ERRSRV password expired";
        default: return "ERRSRV";
        }
    }
    return class == 3 ? "ERRHRD" : "ERRCMD";
}
