#include "base/text.h"
#include "base/time.h"
#include "cmd/persist.h"
#include "cmd/progress.h"
#include "cmd/watch.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { RESOLVE_SHARE = 20, TIME_OF_DAY_AT = 11 };

void cd_watch_note_operation(struct cd_watch *watch, uint64_t time_ns, const char *client, const char *server,
                             const char *protocol, const char *detail)
{
    struct cd_text line = cd_text_of(watch->latest[watch->latest_count++ % CD_WATCH_LATEST], CD_WATCH_LINE);
    cd_text_time_short(&line, time_ns);
    cd_text_format(&line, "  %s > %s  %s  %s", client, server, protocol, detail);
}

/* Working out the devices takes time in proportion to all that was seen, so it gets a share of the time only. */
static void count_devices(struct cd_watch *watch)
{
    uint64_t now = cd_monotonic_ms();
    if (watch->resolve_ms && now - watch->resolve_ms < RESOLVE_SHARE * watch->resolve_cost_ms)
        return;
    cd_inventory_resolve(watch->whole);
    watch->counts = cd_inventory_count(watch->whole);
    watch->resolve_ms = cd_monotonic_ms();
    watch->resolve_cost_ms = watch->resolve_ms - now;
}

/* "1.2 k packets/s  8.4 Mbit/s  1.2 M packets  0 dropped" since the last status, or what is wrong. */
static void interface_figures(struct cd_text *t, struct cd_watch_interface *interface)
{
    double seconds = (double)(interface->batch_ms - interface->shown_batch_ms) / 1000;
    if (!interface->shown_batch_ms || seconds <= 0)
        seconds = 1;
    cd_text_count(t, (double)(interface->packets - interface->shown_packets) / seconds);
    cd_text_str(t, " packets/s  ");
    double bits = (double)(interface->bytes - interface->shown_bytes) * 8 / seconds;
    cd_text_count(t, bits);
    cd_text_str(t, bits < 999.5 ? " bit/s  " : "bit/s  ");
    cd_text_count(t, (double)interface->packets);
    cd_text_format(t, " packets  %llu dropped", (unsigned long long)interface->dropped);
    if (interface->problem[0])
        cd_text_format(t, "  %s", interface->problem);
    interface->shown_packets = interface->packets;
    interface->shown_bytes = interface->bytes;
    interface->shown_batch_ms = interface->batch_ms;
}

static void counts(struct cd_text *t, const struct cd_watch *watch)
{
    cd_text_format(t, "%llu devices  %llu conversations  %llu operations",
                   (unsigned long long)watch->counts.top_level_assets, (unsigned long long)watch->counts.conversations,
                   (unsigned long long)watch->counts.operations);
}

/* --- on a terminal --- */

/* At most `columns` characters of a line, so that it takes one row. */
static void put_row(struct cd_watch *watch, const char *line, unsigned columns)
{
    size_t len = 0;
    for (unsigned shown = 0; line[len] && shown < columns; shown++)
        for (len++; ((unsigned char)line[len] & 0xc0) == 0x80; len++) /* the rest of a UTF-8 character */
            ;
    fwrite(line, 1, len, stderr);
    fputs("\033[K\n", stderr);
    watch->lines_up++;
}

static void put_latest(struct cd_watch *watch, unsigned columns)
{
    char buffer[CD_WATCH_LINE + 8];
    uint64_t n = watch->latest_count < CD_WATCH_LATEST ? watch->latest_count : CD_WATCH_LATEST;
    if (n == 0)
        return;
    struct cd_text title = cd_text_of(buffer, sizeof buffer);
    cd_text_format(&title, "  latest of %llu dangerous operations", (unsigned long long)watch->latest_count);
    put_row(watch, buffer, columns);
    for (uint64_t i = watch->latest_count - n; i < watch->latest_count; i++) {
        struct cd_text line = cd_text_of(buffer, sizeof buffer);
        const char *whole = watch->latest[i % CD_WATCH_LATEST];
        cd_text_format(&line, "    %s", strlen(whole) > TIME_OF_DAY_AT ? whole + TIME_OF_DAY_AT : whole);
        put_row(watch, buffer, columns);
    }
}

static void show_block(struct cd_watch *watch)
{
    struct winsize window = {.ws_col = 80};
    char buffer[1024];
    (void)ioctl(STDERR_FILENO, TIOCGWINSZ, &window);
    unsigned columns = window.ws_col > 1 ? window.ws_col - 1u : 79;
    if (watch->lines_up)
        fprintf(stderr, "\r\033[%uA", watch->lines_up);
    watch->lines_up = 0;
    struct cd_text line = cd_text_of(buffer, sizeof buffer);
    cd_text_str(&line, "watching for ");
    cd_text_duration(&line, (cd_monotonic_ms() - watch->start_ms) / 1000);
    cd_text_str(&line, watch->options->duration_ms ? "" : " (Ctrl-C ends)");
    put_row(watch, buffer, columns);
    for (uint32_t i = 0; i < watch->options->n_interfaces; i++) {
        line = cd_text_of(buffer, sizeof buffer);
        cd_text_format(&line, "  %-10s ", watch->interfaces[i].name);
        interface_figures(&line, &watch->interfaces[i]);
        put_row(watch, buffer, columns);
    }
    line = cd_text_of(buffer, sizeof buffer);
    cd_text_str(&line, "  ");
    counts(&line, watch);
    put_row(watch, buffer, columns);
    if (watch->store_problem[0])
        put_row(watch, watch->store_problem, columns);
    put_latest(watch, columns);
    fputs("\033[J", stderr);
    fflush(stderr);
}

void cd_watch_clear(struct cd_watch *watch)
{
    if (watch->lines_up)
        fprintf(stderr, "\r\033[%uA\033[J", watch->lines_up);
    watch->lines_up = 0;
}

/* --- elsewhere --- */

static void show_lines(struct cd_watch *watch)
{
    char buffer[2048];
    uint64_t n = watch->latest_count - watch->latest_shown;
    uint64_t skipped = n > CD_WATCH_LATEST ? n - CD_WATCH_LATEST : 0;
    if (skipped)
        fprintf(stderr, "%llu more dangerous operations; the latest:\n", (unsigned long long)skipped);
    for (uint64_t i = watch->latest_shown + skipped; i < watch->latest_count; i++)
        fprintf(stderr, "%s\n", watch->latest[i % CD_WATCH_LATEST]);
    watch->latest_shown = watch->latest_count;
    struct cd_text line = cd_text_of(buffer, sizeof buffer);
    cd_text_time_short(&line, cd_persist_now_ns());
    for (uint32_t i = 0; i < watch->options->n_interfaces; i++) {
        cd_text_format(&line, "  %s: ", watch->interfaces[i].name);
        interface_figures(&line, &watch->interfaces[i]);
    }
    cd_text_str(&line, "  ");
    counts(&line, watch);
    fprintf(stderr, "%s\n", line.at);
    fflush(stderr);
}

void cd_watch_show(struct cd_watch *watch)
{
    if (watch->options->quiet)
        return;
    count_devices(watch);
    if (watch->terminal)
        show_block(watch);
    else
        show_lines(watch);
}
