/* Whether this is a build with a sanitizer, which needs more of the kernel than the program does. The build says so by
 * CD_SANITIZED; a compiler called by hand says it itself. */
#ifndef CD_PROC_SANITIZE_H
#define CD_PROC_SANITIZE_H

#ifndef CD_SANITIZED
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CD_SANITIZED 1
#else
#define CD_SANITIZED 0
#endif
#endif

#endif
