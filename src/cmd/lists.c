/* cordon assets, conversations, operations: what the store knows, as a table for people, JSON or CSV. */
#include "cmd/commands.h"
#include "cmd/output.h"
#include "hub/inventory/inventory.h"
#include "store/store.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char help[] =
    "usage: cordon %s --store DIR [OPTIONS] [FILTER...]\n"
    "\n"
    "Lists the %s of a site in the store.\n"
    "\n"
    "  --store DIR      the store that `cordon analyze --store DIR` or `cordon watch --store DIR` filled\n"
    "  --site NAME      the site (default: default)\n"
    "  --json, --csv    instead of a table\n"
    "  --sort COLUMN    order by this column; -COLUMN: the other way\n"
    "  --limit N        at most N rows (default 1000 for tables, all otherwise)\n"
    "  --offset N       leave out the first N rows\n"
    "  --help           this text\n"
    "\n"
    "A FILTER is column=value, column!=value, column~part, column>number, column<number, or any text that a row must "
    "hold;\n"
    "all must hold. The key comes from CORDON_KEY_FILE, CORDON_PASSPHRASE_FILE, a systemd credential, or "
    "DIR/cordon.key.\n";

enum { TABLE_ROWS = 1000 };

struct arguments {
    const char *store, *site;
    struct cd_list_options list;
    bool help, limited;
};

static int read_number(const char *option, const char *text, uint64_t *ret_value, struct cd_error *e)
{
    return cd_output_number(option, text, 0, INT64_MAX, ret_value, e);
}

static int read_arguments(int argc, char **argv, struct arguments *ret, struct cd_error *e)
{
    static const struct option names[] = {
        {"store", required_argument, NULL, 's'},
        {"site", required_argument, NULL, 'S'},
        {"json", no_argument, NULL, 'j'},
        {"csv", no_argument, NULL, 'c'},
        {"sort", required_argument, NULL, 'o'},
        {"limit", required_argument, NULL, 'l'},
        {"offset", required_argument, NULL, 'O'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int failed = CD_OK;
    optind = 1;
    for (int c; !failed && (c = getopt_long(argc, argv, "s:h", names, NULL)) != -1;) {
        switch (c) {
        case 's': ret->store = optarg; break;
        case 'S': ret->site = optarg; break;
        case 'j': ret->list.format = CD_LIST_JSON; break;
        case 'c': ret->list.format = CD_LIST_CSV; break;
        case 'o': ret->list.sort = optarg; break;
        case 'l':
            failed = read_number("--limit", optarg, &ret->list.limit, e);
            ret->limited = true;
            break;
        case 'O': failed = read_number("--offset", optarg, &ret->list.offset, e); break;
        case 'h': ret->help = true; break;
        default: failed = cd_error_set(e, CD_ERROR_USAGE, "\"cordon %s --help\" lists the options", argv[0]); break;
        }
    }
    ret->list.filters = (const char *const *)argv + optind;
    ret->list.n_filters = (size_t)(argc - optind);
    if (!failed && !ret->help && !ret->store)
        failed =
            cd_error_set(e, CD_ERROR_USAGE, "%s needs --store DIR; \"cordon %s --help\" tells more", argv[0], argv[0]);
    return failed;
}

static void fit_terminal(struct arguments *a)
{
    struct winsize window = {0};
    if (!isatty(STDOUT_FILENO))
        return;
    a->list.colour = getenv("NO_COLOR") == NULL;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0)
        a->list.columns = window.ws_col;
}

static int list(enum cd_list_kind kind, int argc, char **argv)
{
    struct arguments a = {.site = "default", .list.kind = kind};
    struct cd_store_options options = {.read_only = true};
    struct cd_store *store = NULL;
    struct cd_error e = {0};
    int failed = read_arguments(argc, argv, &a, &e);
    if (!failed && a.help) {
        printf(help, argv[0], argv[0]);
        return CD_OK;
    }
    if (a.list.format == CD_LIST_TABLE && !a.limited)
        a.list.limit = TABLE_ROWS;
    fit_terminal(&a);
    if (!failed)
        failed = cd_store_open(a.store, &options, &store, &e);
    if (!failed)
        failed = cd_inventory_list(store, a.site, &a.list, STDOUT_FILENO, &e);
    cd_store_close(store);
    if (failed)
        cd_output_complain(&e);
    return failed;
}

int cd_cmd_assets(int argc, char **argv)
{
    return list(CD_LIST_ASSETS, argc, argv);
}

int cd_cmd_conversations(int argc, char **argv)
{
    return list(CD_LIST_CONVERSATIONS, argc, argv);
}

int cd_cmd_operations(int argc, char **argv)
{
    return list(CD_LIST_OPERATIONS, argc, argv);
}
