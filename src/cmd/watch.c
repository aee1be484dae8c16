/* cordon watch: live interfaces in, a status while it runs, devices and what was done to them out. */
#include "cmd/watch.h"

#include "base/log.h"
#include "base/text.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/persist.h"
#include "cmd/progress.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: cordon watch -i INTERFACE [-i INTERFACE...] [OPTIONS]\n"
    "\n"
    "Listens on network interfaces, shows what comes by, and at the end (Ctrl-C, SIGTERM or --duration) tells which "
    "devices\n"
    "are there, what they are, who talks to whom, and what was done to them. It only listens and sends nothing.\n"
    "\n"
    "  -i, --interface NAME  listen on this interface; may be given up to 16 times\n"
    "  --filter EXPRESSION   only packets that match, in tcpdump's language (man pcap-filter)\n"
    "  --json FILE           write one JSON document (docs/analyze.schema.json) at the end; - is standard output\n"
    "  --store DIR           add what is seen to the store in DIR, at each interval and at the end\n"
    "  --interval SECONDS    how often the status is told where there is no terminal, and the store written (default "
    "10)\n"
    "  --duration SECONDS    end after this time\n"
    "  --oui FILE            use this newer list of MAC address blocks besides the ieee-data package's\n"
    "  --no-naming           do not name other IT applications\n"
    "  --max-flows N         most flows kept at a time (default 1000000)\n"
    "  --quiet               no status and no summary\n"
    "  --help                this text\n"
    "\n"
    "Capturing needs root or the right CAP_NET_RAW. The status is written to standard error.\n"
    "Exit codes: 0 it ended as asked; 2 usage, a bad filter among it; 4 no such interface or no permission; 5, 6 the "
    "store or\n"
    "its key; 7 no space; 1, 9 a fault of our own or of the system.\n";

enum { SHOW_MS = 1000 };

static volatile sig_atomic_t stopping;

static void stop(int signal_number)
{
    (void)signal_number;
    stopping = 1;
}

/* --- options --- */

static int add_interface(struct cd_watch_options *ret, const char *name, struct cd_error *e)
{
    if (ret->n_interfaces == CD_WATCH_INTERFACES_MAX)
        return cd_error_set(e, CD_ERROR_USAGE, "at most %d interfaces can be watched", CD_WATCH_INTERFACES_MAX);
    for (uint32_t i = 0; i < ret->n_interfaces; i++)
        if (strcmp(ret->interfaces[i], name) == 0)
            return cd_error_set(e, CD_ERROR_USAGE, "interface %s is given twice", name);
    ret->interfaces[ret->n_interfaces++] = name;
    return CD_OK;
}

static int read_option(int option, struct cd_watch_options *ret, struct cd_error *e)
{
    uint64_t number = 0;
    int failed = CD_OK;
    switch (option) {
    case 'i': failed = add_interface(ret, optarg, e); break;
    case 'F': ret->filter = optarg; break;
    case 'j': ret->json = optarg; break;
    case 's': ret->store = optarg; break;
    case 'n': ret->naming = false; break;
    case 'q': ret->quiet = true; break;
    case 'h': ret->help = true; break;
    case 'o': failed = cd_oui_load(optarg, e); break;
    case 'I':
        failed = cd_output_number("--interval", optarg, 1, 86400, &number, e);
        ret->interval_ms = (uint32_t)number * 1000;
        break;
    case 'd':
        failed = cd_output_number("--duration", optarg, 1, 1000000000, &number, e);
        ret->duration_ms = number * 1000;
        break;
    case 'f':
        failed = cd_output_number("--max-flows", optarg, 16, 100000000, &number, e);
        ret->max_flows = (uint32_t)number;
        break;
    default: failed = cd_error_set(e, CD_ERROR_USAGE, "\"cordon watch --help\" lists the options");
    }
    return failed;
}

static int read_options(int argc, char **argv, struct cd_watch_options *ret, struct cd_error *e)
{
    static const struct option names[] = {
        {"interface", required_argument, NULL, 'i'},
        {"filter", required_argument, NULL, 'F'},
        {"json", required_argument, NULL, 'j'},
        {"store", required_argument, NULL, 's'},
        {"interval", required_argument, NULL, 'I'},
        {"duration", required_argument, NULL, 'd'},
        {"oui", required_argument, NULL, 'o'},
        {"no-naming", no_argument, NULL, 'n'},
        {"max-flows", required_argument, NULL, 'f'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "i:qh", names, NULL)) != -1;) {
        int failed = read_option(c, ret, e);
        if (failed)
            return failed;
    }
    if (ret->help)
        return CD_OK;
    if (optind < argc)
        return cd_error_set(e, CD_ERROR_USAGE,
                            "watch does not know what to do with \"%s\"; a filter is given by --filter", argv[optind]);
    if (ret->n_interfaces == 0)
        return cd_error_set(e, CD_ERROR_USAGE, "watch needs an interface (-i NAME; \"ip link\" lists them)");
    return CD_OK;
}

/* --- the store --- */

/* What could not be kept stays for the next time. */
static int keep(struct cd_watch *watch, struct cd_error *e)
{
    char name[256], digest[CD_DIGEST_TEXT];
    struct cd_text text = cd_text_of(name, sizeof name);
    if (!watch->unkept || !watch->has_unkept)
        return CD_OK;
    for (uint32_t i = 0; i < watch->options->n_interfaces; i++)
        cd_text_format(&text, "%s%s", i ? "," : "", watch->options->interfaces[i]);
    cd_persist_random(digest);
    struct cd_inventory_source source = {.digest = digest, .name = name, .kind = "live", .now_ns = cd_persist_now_ns()};
    int failed = cd_persist(watch->unkept, watch->options->store, &source, NULL, e);
    if (failed)
        return failed;
    cd_inventory_free(watch->unkept);
    watch->unkept = cd_inventory_new("default");
    watch->has_unkept = false;
    return CD_OK;
}

static void keep_or_warn(struct cd_watch *watch)
{
    struct cd_error e = {0};
    if (keep(watch, &e) == CD_OK) {
        watch->store_problem[0] = '\0';
        return;
    }
    bool told = watch->store_problem[0] != '\0';
    struct cd_text problem = cd_text_of(watch->store_problem, sizeof watch->store_problem);
    cd_text_format(&problem, "  not in the store yet: %s", e.text);
    if (!told) {
        cd_watch_clear(watch);
        cd_log(CD_LOG_WARNING, "%s; it is tried again at each interval", e.text);
    }
}

/* --- the loop --- */

static int wait_for_batches(struct cd_watch *watch, uint64_t until_ms, const sigset_t *during)
{
    struct pollfd waiting[CD_WATCH_INTERFACES_MAX];
    uint64_t now = cd_monotonic_ms(), left = until_ms > now ? until_ms - now : 0;
    struct timespec timeout = {.tv_sec = (time_t)(left / 1000), .tv_nsec = (long)(left % 1000) * 1000000};
    uint32_t n = watch->options->n_interfaces;
    for (uint32_t i = 0; i < n; i++)
        waiting[i] = (struct pollfd){.fd = watch->interfaces[i].sensor.pipe, .events = POLLIN};
    if (ppoll(waiting, n, &timeout, during) < 0)
        return errno == EINTR ? CD_OK : CD_ERROR_SYSTEM;
    for (uint32_t i = 0; i < n; i++)
        if (waiting[i].fd >= 0 && waiting[i].revents)
            cd_watch_read(watch, &watch->interfaces[i]);
    return CD_OK;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int run(struct cd_watch *watch, const sigset_t *during, struct cd_error *e)
{
    const struct cd_watch_options *options = watch->options;
    uint32_t show_every = watch->terminal ? SHOW_MS : options->interval_ms;
    uint64_t end_ms = options->duration_ms ? watch->start_ms + options->duration_ms : UINT64_MAX;
    uint64_t show_ms = watch->start_ms + show_every, keep_ms = watch->start_ms + options->interval_ms, now;
    while (!stopping && (now = cd_monotonic_ms()) < end_ms) {
        uint64_t until_ms = least(least(show_ms, keep_ms), least(end_ms, now + SHOW_MS));
        if (wait_for_batches(watch, until_ms, during) != CD_OK)
            return cd_error_errno(e, CD_ERROR_SYSTEM, "can't wait for the sensors");
        cd_watch_restart(watch);
        now = cd_monotonic_ms();
        if (now >= show_ms) {
            cd_watch_show(watch);
            show_ms = now + show_every;
        }
        if (now >= keep_ms) {
            keep_or_warn(watch);
            keep_ms = now + options->interval_ms;
        }
    }
    return CD_OK;
}

/* Signals are let in only while waiting, so none is missed; the second one ends the program at once. */
static void prepare_signals(sigset_t *ret_during)
{
    struct sigaction on_stop = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND};
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, ret_during);
    sigdelset(ret_during, SIGINT);
    sigdelset(ret_during, SIGTERM);
    sigaction(SIGINT, &on_stop, NULL);
    sigaction(SIGTERM, &on_stop, NULL);
}

static int write_results(struct cd_watch *watch, struct cd_error *e)
{
    const struct cd_watch_options *options = watch->options;
    cd_inventory_resolve(watch->whole);
    int failed = options->json ? cd_output_json(watch->whole, options->json, e) : CD_OK;
    bool to_standard_output = options->json && strcmp(options->json, "-") == 0;
    if (!failed && !options->quiet && !to_standard_output)
        failed = cd_output_summary(watch->whole, e);
    return failed;
}

static int watch_until_end(struct cd_watch *watch, struct cd_error *e)
{
    sigset_t during;
    prepare_signals(&during);
    int failed = cd_watch_start(watch, e);
    if (failed)
        return failed;
    watch->start_ms = cd_monotonic_ms();
    failed = run(watch, &during, e);
    sigprocmask(SIG_SETMASK, &during, NULL);
    cd_watch_stop(watch);
    cd_watch_show(watch);
    if (failed)
        return failed;
    struct cd_error unkept = {0};
    int not_kept = keep(watch, &unkept);
    failed = write_results(watch, e);
    if (!failed && not_kept) {
        failed = not_kept;
        *e = unkept;
    }
    return failed;
}

int cd_cmd_watch(int argc, char **argv)
{
    struct cd_watch_options options = {.interval_ms = 10000, .naming = true};
    struct cd_error e = {0};
    int failed = read_options(argc, argv, &options, &e);
    if (!failed && options.help) {
        fputs(help, stdout);
        return CD_OK;
    }
    if (!failed && options.json)
        failed = cd_output_check(options.json, &e);
    if (!failed && options.store)
        failed = cd_persist_check(options.store, &e);
    if (!failed) {
        const char *terminal = getenv("TERM");
        static struct cd_watch watch;
        watch.options = &options;
        watch.terminal = !options.quiet && isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
        watch.whole = cd_inventory_new("default");
        watch.unkept = options.store ? cd_inventory_new("default") : NULL;
        failed = watch_until_end(&watch, &e);
        cd_watch_drop(&watch);
        cd_inventory_free(watch.whole);
        cd_inventory_free(watch.unkept);
    }
    cd_output_complain(&e);
    return failed;
}
