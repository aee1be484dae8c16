/* Functions we never want in src/, turned into compile errors. The build includes this file before everything else
 * (cmake/flags.cmake), so no file needs to name it. Each entry is banned for a reason:
 *
 * - text without a maximum: strcpy, strcat, sprintf, vsprintf, gets, stpcpy; and strncpy, strncat, whose maximum
 *   leaves text unterminated or counts the wrong thing. Use base/text.h.
 * - hidden state or silent failure: strtok (keeps a pointer into its argument), atoi, atol, atoll, atof (an error reads
 *   as 0), asctime, ctime, gmtime, localtime (one static buffer), rand (predictable), tmpnam, mktemp (a race).
 * - a shell between us and a program: system, popen.
 * - stack of a size that traffic decides: alloca.
 * - allocation that may go unchecked: malloc, calloc, realloc, free, strdup, strndup. Use base/memory.h, which checks and
 *   counts. A file that must call them (base/memory.c, or one that takes malloc'ed memory from a library) is named in
 *   cmake/rooms.cmake, which gives it CD_BANNED_ALLOW_ALLOC.
 */
#ifndef CD_BASE_BANNED_H
#define CD_BASE_BANNED_H

/* The headers that declare these functions come first, so that their declarations stay untouched. */
#include <alloca.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CD_BANNED(function) sorry_##function##_is_a_banned_function_see_base_banned_h

#undef strcpy
#define strcpy(...) CD_BANNED(strcpy)
#undef stpcpy
#define stpcpy(...) CD_BANNED(stpcpy)
#undef strcat
#define strcat(...) CD_BANNED(strcat)
#undef strncpy
#define strncpy(...) CD_BANNED(strncpy)
#undef strncat
#define strncat(...) CD_BANNED(strncat)
#undef sprintf
#define sprintf(...) CD_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) CD_BANNED(vsprintf)
#undef gets
#define gets(...) CD_BANNED(gets)

#undef strtok
#define strtok(...) CD_BANNED(strtok)
#undef atoi
#define atoi(...) CD_BANNED(atoi)
#undef atol
#define atol(...) CD_BANNED(atol)
#undef atoll
#define atoll(...) CD_BANNED(atoll)
#undef atof
#define atof(...) CD_BANNED(atof)
#undef asctime
#define asctime(...) CD_BANNED(asctime)
#undef ctime
#define ctime(...) CD_BANNED(ctime)
#undef gmtime
#define gmtime(...) CD_BANNED(gmtime)
#undef localtime
#define localtime(...) CD_BANNED(localtime)
#undef rand
#define rand(...) CD_BANNED(rand)
#undef tmpnam
#define tmpnam(...) CD_BANNED(tmpnam)
#undef mktemp
#define mktemp(...) CD_BANNED(mktemp)

#undef system
#define system(...) CD_BANNED(system)
#undef popen
#define popen(...) CD_BANNED(popen)
#undef alloca
#define alloca(...) CD_BANNED(alloca)

#ifndef CD_BANNED_ALLOW_ALLOC
#undef malloc
#define malloc(...) CD_BANNED(malloc)
#undef calloc
#define calloc(...) CD_BANNED(calloc)
#undef realloc
#define realloc(...) CD_BANNED(realloc)
#undef reallocarray
#define reallocarray(...) CD_BANNED(reallocarray)
#undef free
#define free(...) CD_BANNED(free)
#undef strdup
#define strdup(...) CD_BANNED(strdup)
#undef strndup
#define strndup(...) CD_BANNED(strndup)
#endif

#endif
