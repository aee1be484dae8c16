/* The numbers of Kerberos that have names: IANA's registry of Kerberos parameters, [MS-KILE]. */
#include "protocols/kerberos.h"

#include <stddef.h>

const char *cd_kerberos_encryption_name(int32_t type)
{
    switch (type) {
    case 1: return "des-cbc-crc";
    case 2: return "des-cbc-md4";
    case 3: return "des-cbc-md5";
    case 5: return "des3-cbc-md5";
    case 7: return "des3-cbc-sha1";
    case 16: return "des3-cbc-sha1-kd";
    case 17: return "aes128-cts-hmac-sha1-96";
    case 18: return "aes256-cts-hmac-sha1-96";
    case 19: return "aes128-cts-hmac-sha256-128";
    case 20: return "aes256-cts-hmac-sha384-192";
    case 23: return "rc4-hmac";
    case 24: return "rc4-hmac-exp";
    case 25: return "camellia128-cts-cmac";
    case 26: return "camellia256-cts-cmac";
    case -128: return "rc4-md4";
    case -133: return "rc4-hmac-old";
    case -135: return "rc4-hmac-old-exp";
    default: return NULL;
    }
}

bool cd_kerberos_is_weak(int32_t type)
{
    return (type >= 1 && type <= 16) || type == 23 || type == 24 || (type >= -141 && type <= -128);
}

const char *cd_kerberos_error_name(int32_t code)
{
    switch (code) { /* RFC 4120 7.5.9 */
    case 0: return "no error";
    case 1: return "client's entry expired";
    case 2: return "server's entry expired";
    case 3: return "protocol version not supported";
    case 4: return "client's key in old master key";
    case 5: return "server's key in old master key";
    case 6: return "client not found";
    case 7: return "server not found";
    case 8: return "several entries for principal";
    case 9: return "no key";
    case 10: return "ticket not eligible for postdating";
    case 11: return "requested start time is later than end time";
    case 12: return "policy rejects request";
    case 13: return "option cannot be granted";
    case 14: return "encryption type not supported";
    case 15: return "checksum type not supported";
    case 16: return "preauthentication type not supported";
    case 17: return "transited type not supported";
    case 18: return "client's account disabled or locked";
    case 19: return "server's account disabled";
    case 20: return "ticket granting ticket revoked";
    case 21: return "client not yet valid";
    case 22: return "server not yet valid";
    case 23: return "password expired";
    case 24: return "preauthentication failed";
    case 25: return "preauthentication required";
    case 26: return "server and ticket don't match";
    case 27: return "server must use user-to-user";
    case 28: return "transited path not accepted";
    case 29: return "service unavailable";
    case 31: return "integrity check failed";
    case 32: return "ticket expired";
    case 33: return "ticket not yet valid";
    case 34: return "request is a replay";
    case 35: return "ticket is not for this server";
    case 36: return "ticket and authenticator don't match";
    case 37: return "clock skew too great";
    case 38: return "wrong network address";
    case 39: return "protocol version mismatch";
    case 40: return "wrong message type";
    case 41: return "message modified";
    case 42: return "message out of order";
    case 44: return "key version not available";
    case 45: return "service key not available";
    case 46: return "mutual authentication failed";
    case 50: return "wrong checksum type";
    case 52: return "response too big for UDP";
    case 60: return "generic error";
    case 61: return "field too long";
    case 62: return "client certificate not trusted";
    case 63: return "KDC not trusted";
    case 64: return "invalid signature";
    case 65: return "key size too small";
    case 66: return "certificate mismatch";
    case 67: return "no ticket granting ticket";
    case 68: return "wrong realm";
    case 69: return "user-to-user required";
    case 70: return "cannot verify certificate";
    case 71: return "invalid certificate";
    case 72: return "revoked certificate";
    case 75: return "client name mismatch";
    case 90: return "preauthentication expired";
    case 91: return "more preauthentication data required";
    case 93: return "critical option not supported";
    default: return "error";
    }
}
