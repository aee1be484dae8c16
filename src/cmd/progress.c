#include "cmd/progress.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { SHOW_EVERY_MS = 200, FIRST_SHOWN_MS = 300, NAME_MAX_SHOWN = 32, BAR_MAX = 40, LINE_MAX_BYTES = 512 };

uint64_t cd_monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void cd_text_count(struct cd_text *t, double value)
{
    static const char *const units[] = {"", " k", " M", " G", " T"};
    size_t unit = 0;
    while (value >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1000;
        unit++;
    }
    cd_text_format(t, unit && value < 99.95 ? "%.1f%s" : "%.0f%s", value, units[unit]);
}

void cd_text_duration(struct cd_text *t, uint64_t seconds)
{
    unsigned long long s = seconds;
    if (s < 60)
        cd_text_format(t, "%llu s", s);
    else if (s < 3600)
        cd_text_format(t, "%llu min %02llu s", s / 60, s % 60);
    else
        cd_text_format(t, "%llu h %02llu min", s / 3600, s / 60 % 60);
}

/* What follows the bar: share, rate, time left. */
static void figures(struct cd_text *t, uint64_t frames, uint64_t done, uint64_t total, uint64_t elapsed_ms)
{
    double seconds = elapsed_ms ? (double)elapsed_ms / 1000 : 0.001;
    if (total)
        cd_text_format(t, "%3u %%  ", (unsigned)((double)done * 100 / (double)total));
    else {
        cd_text_count(t, (double)frames);
        cd_text_str(t, " packets  ");
    }
    cd_text_count(t, (double)frames / seconds);
    cd_text_str(t, " packets/s");
    if (total && done) {
        cd_text_str(t, "  ");
        cd_text_duration(t, (uint64_t)((double)(total - done) * seconds / (double)done + 0.5));
        cd_text_str(t, " left");
    }
}

void cd_progress_line(struct cd_text *t, const char *name, uint64_t frames, uint64_t done, uint64_t total,
                      uint64_t elapsed_ms, unsigned columns)
{
    char buffer[128], safe[128];
    struct cd_text text = cd_text_of(buffer, sizeof buffer), shown = cd_text_of(safe, sizeof safe);
    const char *slash = strrchr(name, '/');
    if (done > total)
        done = total;
    cd_text_device(&shown, slash && slash[1] ? slash + 1 : name, strlen(slash && slash[1] ? slash + 1 : name));
    figures(&text, frames, done, total, elapsed_ms);
    size_t name_len = shown.len < NAME_MAX_SHOWN ? shown.len : NAME_MAX_SHOWN;
    size_t fixed = name_len + text.len + 6; /* blanks, brackets, and the last column stays free */
    cd_text_bytes(t, shown.at, name_len);
    cd_text_char(t, ' ');
    if (total && columns > fixed + 8) {
        size_t bar = columns - fixed < BAR_MAX ? columns - fixed : BAR_MAX;
        size_t full = (size_t)((double)bar * (double)done / (double)total);
        cd_text_char(t, '[');
        for (size_t i = 0; i < bar; i++)
            cd_text_char(t, i < full ? '#' : '-');
        cd_text_str(t, "] ");
    }
    cd_text_str(t, text.at);
}

void cd_progress_start(struct cd_progress *progress, const char *name)
{
    const char *terminal = getenv("TERM");
    *progress = (struct cd_progress){.name = strcmp(name, "-") == 0 ? "standard input" : name,
                                     .wanted = isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0,
                                     .start_ms = cd_monotonic_ms()};
}

void cd_progress_show(struct cd_progress *progress, uint64_t frames, uint64_t done, uint64_t total)
{
    struct winsize window = {.ws_col = 80};
    char buffer[LINE_MAX_BYTES];
    struct cd_text line = cd_text_of(buffer, sizeof buffer);
    uint64_t now = cd_monotonic_ms();
    if (!progress->wanted || now - progress->start_ms < FIRST_SHOWN_MS || now - progress->shown_ms < SHOW_EVERY_MS)
        return;
    progress->shown = true;
    progress->shown_ms = now;
    (void)ioctl(STDERR_FILENO, TIOCGWINSZ, &window);
    cd_progress_line(&line, progress->name, frames, done, total, now - progress->start_ms,
                     window.ws_col ? window.ws_col : 80);
    fprintf(stderr, "\r%s\033[K", line.at);
    fflush(stderr);
}

void cd_progress_end(struct cd_progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
