/* cordon analyze: capture files in, devices and what was done to them out. */
#include "base/error.h"
#include "base/log.h"
#include "cmd/capture_run.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/persist.h"
#include "cmd/progress.h"
#include "hub/inventory/inventory.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "usage: cordon analyze [OPTIONS] CAPTURE...\n"
    "\n"
    "Reads pcap and pcapng files (also .gz, .zst; - is standard input) and tells which devices are there, what they "
    "are,\n"
    "who talks to whom, and what was done to them.\n"
    "\n"
    "  --json FILE      write one JSON document (docs/analyze.schema.json) to FILE; - is standard output\n"
    "  --store DIR      add everything to the store in DIR as well; a capture it has already changes nothing\n"
    "  --workers N      parse with N processes (default: by size and machine); the result is the same for any N\n"
    "  --oui FILE       use this newer list of MAC address blocks besides the ieee-data package's\n"
    "  --no-naming      do not name other IT applications\n"
    "  --max-flows N    most flows kept at a time (default 1000000)\n"
    "  --quiet          no progress and no summary\n"
    "  --help           this text\n"
    "\n"
    "A capture that can't be used is told and left out; the others are analysed all the same.\n"
    "Exit codes: 0 all was read; 2 usage; 3 a capture that is none or can't be used; 4 no access; 5, 6 the store or "
    "its\n"
    "key; 7 no space; 1, 9 a fault of our own or of the system. The first that happened is told.\n";

struct options {
    const char *json, *store;
    struct cd_run_options run;
    bool quiet, help;
};

static int read_option(int option, struct options *ret, struct cd_error *e)
{
    uint64_t number = 0;
    int failed = CD_OK;
    switch (option) {
    case 'j': ret->json = optarg; break;
    case 's': ret->store = optarg; break;
    case 'w':
        failed = cd_output_number("--workers", optarg, 1, 32, &number, e);
        ret->run.workers = (uint32_t)number;
        break;
    case 'f':
        failed = cd_output_number("--max-flows", optarg, 16, 100000000, &number, e);
        ret->run.max_flows = (uint32_t)number;
        break;
    case 'n': ret->run.naming = false; break;
    case 'q': ret->quiet = true; break;
    case 'h': ret->help = true; break;
    case 'o': failed = cd_oui_load(optarg, e); break;
    default: failed = cd_error_set(e, CD_ERROR_USAGE, "\"cordon analyze --help\" lists the options");
    }
    return failed;
}

static int read_options(int argc, char **argv, struct options *ret, struct cd_error *e)
{
    static const struct option names[] = {
        {"json", required_argument, NULL, 'j'},
        {"store", required_argument, NULL, 's'},
        {"workers", required_argument, NULL, 'w'},
        {"oui", required_argument, NULL, 'o'},
        {"no-naming", no_argument, NULL, 'n'},
        {"max-flows", required_argument, NULL, 'f'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    ret->run.naming = true;
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "qh", names, NULL)) != -1;) {
        int failed = read_option(c, ret, e);
        if (failed)
            return failed;
    }
    if (optind == argc && !ret->help)
        return cd_error_set(e, CD_ERROR_USAGE, "analyze needs a capture file; \"cordon analyze --help\" tells more");
    return CD_OK;
}

static void show_progress(void *context, uint64_t frames, uint64_t read_bytes, uint64_t total_bytes)
{
    cd_progress_show(context, frames, read_bytes, total_bytes);
}

static int persist(struct cd_inventory *inventory, const struct cd_run_capture *capture, const char *directory,
                   struct cd_error *e)
{
    char digest[CD_DIGEST_TEXT];
    struct stat info;
    bool known = false;
    struct cd_inventory_source source = {
        .digest = digest, .name = capture->path, .kind = "file", .now_ns = cd_persist_now_ns()};
    if (stat(capture->path, &info) == 0 && S_ISREG(info.st_mode)) {
        int failed = cd_persist_digest(capture->path, digest, e);
        if (failed)
            return failed;
    } else
        cd_persist_random(digest);
    int failed = cd_persist(inventory, directory, &source, &known, e);
    if (known)
        cd_log(CD_LOG_WARNING, "%s: the store has this capture already; nothing was added", capture->path);
    return failed;
}

/* One capture into the whole. With a store each has an inventory of its own, for it is kept by source. */
static int analyze(struct cd_inventory *whole, const struct cd_run_capture *capture, const struct options *options,
                   struct cd_error *e)
{
    struct cd_inventory *own = options->store ? cd_inventory_new("default") : NULL;
    struct cd_progress progress;
    cd_progress_start(&progress, capture->path);
    progress.wanted = progress.wanted && !options->quiet;
    int failed =
        cd_run_capture(own ? own : whole, capture, &options->run, progress.wanted ? show_progress : NULL, &progress, e);
    cd_progress_end(&progress);
    if (!own)
        return failed;
    cd_inventory_add(whole, own);
    if (failed != CD_ERROR_INPUT && failed != CD_ERROR_ACCESS) { /* else there is nothing of it */
        struct cd_error here = {0};
        int unkept = persist(own, capture, options->store, &here);
        if (unkept && !failed) {
            failed = unkept;
            *e = here;
        }
    }
    cd_inventory_free(own);
    return failed;
}

/* Returns the first failure; *ret_used counts the captures that could be used. */
static int analyze_all(struct cd_inventory *whole, char **paths, int n, const struct options *options, int *ret_used)
{
    int result = CD_OK;
    *ret_used = 0;
    for (int i = 0; i < n; i++) {
        struct cd_run_capture capture = {.path = paths[i], .number = (uint32_t)i};
        struct cd_error e = {0};
        int failed = analyze(whole, &capture, options, &e);
        cd_output_complain(&e);
        *ret_used += failed != CD_ERROR_INPUT && failed != CD_ERROR_ACCESS;
        if (!result)
            result = failed;
    }
    return result;
}

/* What can't be written is found out before the work is done. */
static int check_outputs(const struct options *options, struct cd_error *e)
{
    int failed = options->json ? cd_output_check(options->json, e) : CD_OK;
    return failed || !options->store ? failed : cd_persist_check(options->store, e);
}

/* A summary of nothing would only hide the reason. */
static int write_results(struct cd_inventory *inventory, const struct options *options, int used, struct cd_error *e)
{
    cd_inventory_resolve(inventory);
    int failed = options->json ? cd_output_json(inventory, options->json, e) : CD_OK;
    bool to_standard_output = options->json && strcmp(options->json, "-") == 0;
    if (!failed && used && !options->quiet && !to_standard_output)
        failed = cd_output_summary(inventory, e);
    return failed;
}

int cd_cmd_analyze(int argc, char **argv)
{
    struct options options = {0};
    struct cd_error e = {0};
    int failed = read_options(argc, argv, &options, &e);
    if (!failed && options.help) {
        fputs(help, stdout);
        return CD_OK;
    }
    if (!failed)
        failed = check_outputs(&options, &e);
    if (failed) {
        cd_output_complain(&e);
        return failed;
    }
    struct cd_inventory *inventory = cd_inventory_new("default");
    int used, result = analyze_all(inventory, argv + optind, argc - optind, &options, &used);
    failed = write_results(inventory, &options, used, &e);
    cd_output_complain(&e);
    cd_inventory_free(inventory);
    return failed ? failed : result;
}
