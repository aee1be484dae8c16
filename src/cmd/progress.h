/* A progress bar on standard error, where that is a terminal. */
#ifndef CD_CMD_PROGRESS_H
#define CD_CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct cd_progress {
    bool wanted, shown;
    const char *name; /* borrowed */
    uint64_t start_ms, shown_ms;
};

/* Starts counting time for `name`. Nothing is ever shown unless standard error is a terminal that can move its cursor. */
void cd_progress_start(struct cd_progress *progress, const char *name);
/* Shows frames, rate and, where `total` (bytes) is not 0, share and time left; a few times a second at most. */
void cd_progress_show(struct cd_progress *progress, uint64_t frames, uint64_t done, uint64_t total);
/* Clears the line. */
void cd_progress_end(struct cd_progress *progress);

/* The line alone, for `columns` characters of terminal: "plant.pcap [####----]  42 %  1.2 M packets/s  12 s left". */
struct cd_text;
void cd_progress_line(struct cd_text *t, const char *name, uint64_t frames, uint64_t done, uint64_t total,
                      uint64_t elapsed_ms, unsigned columns);

/* "950", "1.2 k", "3.4 M", "5.6 G": a count short enough for a status line. */
void cd_text_count(struct cd_text *t, double value);
/* "42 s", "3 min 20 s", "2 h 05 min". */
void cd_text_duration(struct cd_text *t, uint64_t seconds);
/* Milliseconds of a clock that never goes back. */
uint64_t cd_monotonic_ms(void);

#endif
