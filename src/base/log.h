/* Log lines on standard error: "cordon: level: text". Roles log through the file descriptor they inherited. */
#ifndef CD_BASE_LOG_H
#define CD_BASE_LOG_H

enum cd_log_level { CD_LOG_ERROR, CD_LOG_WARNING, CD_LOG_INFO, CD_LOG_DEBUG };

/* Lines above this level are dropped; CD_LOG_WARNING at start. */
void cd_log_set_level(enum cd_log_level level);
void cd_log(enum cd_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
