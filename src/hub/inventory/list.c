/* Lists of what the store holds. Filters become conditions with parameters, so that the store filters, sorts and pages. */
#include "hub/inventory/persist.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/time.h"

#include <string.h>

enum { COLUMNS_MOST = 32, FILTERS_MOST = 32, SQL_BYTES = 8192, COLUMN_WIDTH_MOST = 44, PAGE_ROWS = 512 };

enum column_type { TEXT, NUMBER, TIME, LIST /* texts with a comma between */ };

struct column {
    const char *name; /* as in filters, JSON and CSV */
    const char *sql;
    enum column_type type;
    bool in_table; /* shown to people */
};

static const struct column asset_columns[] = {
    {"id", "id", TEXT, false},
    {"ip", "ips", LIST, true},
    {"mac", "macs", LIST, true},
    {"name", "name", TEXT, true},
    {"type", "type", TEXT, true},
    {"vendor", "vendor", TEXT, true},
    {"model", "model", TEXT, true},
    {"order_number", "order_number", TEXT, false},
    {"firmware", "firmware", TEXT, true},
    {"hardware", "hardware", TEXT, false},
    {"serial", "serial", TEXT, false},
    {"os", "os", TEXT, false},
    {"kind", "kind", TEXT, false},
    {"category", "category", TEXT, true},
    {"role", "role", TEXT, false},
    {"purdue", "purdue", TEXT, true},
    {"criticality", "criticality", NUMBER, false},
    {"parent", "parent_id", TEXT, false},
    {"slot", "slot", TEXT, true},
    {"protocol", "protocols", LIST, false},
    {"reason", "reason", TEXT, false},
    {"first", "first_ns", TIME, false},
    {"last", "last_ns", TIME, true},
};

static const struct column conversation_columns[] = {
    {"client", "client", TEXT, true},
    {"server", "server", TEXT, true},
    {"transport", "transport", TEXT, true},
    {"port", "port", NUMBER, true},
    {"protocol", "protocol", TEXT, true},
    {"packets", "client_packets + server_packets", NUMBER, true},
    {"bytes", "client_bytes + server_bytes", NUMBER, true},
    {"flows", "flows", NUMBER, false},
    {"one_sided", "one_sided", NUMBER, false},
    {"retransmissions", "retransmissions", NUMBER, false},
    {"gaps", "gaps", NUMBER, false},
    {"gap_bytes", "gap_bytes", NUMBER, false},
    {"resets", "resets", NUMBER, false},
    {"refused", "refused", NUMBER, false},
    {"first", "first_ns", TIME, true},
    {"last", "last_ns", TIME, true},
};

static const struct column operation_columns[] = {
    {"client", "client", TEXT, true},
    {"server", "server", TEXT, true},
    {"protocol", "protocol", TEXT, true},
    {"operation", "operation", TEXT, true},
    {"code", "code", TEXT, true},
    {"class", "class", TEXT, true},
    {"target", "target", TEXT, true},
    {"requests", "requests", NUMBER, true},
    {"responses", "responses", NUMBER, true},
    {"errors", "errors", NUMBER, true},
    {"last_error", "last_error", TEXT, true},
    {"first", "first_ns", TIME, false},
    {"last", "last_ns", TIME, true},
};

struct listing {
    const char *name, *table, *condition, *order;
    const struct column *columns;
    unsigned n;
};

#define COLUMNS(table) table, sizeof table / sizeof table[0]
static const struct listing listings[] = {
    [CD_LIST_ASSETS] = {"assets", "asset", " AND removed_at_ns IS NULL", "ip_order, parent_id IS NOT NULL, slot, id",
                        COLUMNS(asset_columns)},
    [CD_LIST_CONVERSATIONS] = {"conversations", "conversation", "", "client, server, transport, port",
                               COLUMNS(conversation_columns)},
    [CD_LIST_OPERATIONS] = {"operations", "operation", "", "client, server, protocol, code, operation, class, target",
                            COLUMNS(operation_columns)},
};

/* ---- filters ---- */

enum comparison { EQUAL, UNEQUAL, HOLDS, ABOVE, BELOW, ANYWHERE };

struct filter {
    const struct column *column; /* NULL: any of the texts */
    enum comparison comparison;
    char value[256];
};

static const struct column *find_column(const struct listing *l, const char *name, size_t len)
{
    for (unsigned i = 0; i < l->n; i++)
        if (strlen(l->columns[i].name) == len && strncmp(l->columns[i].name, name, len) == 0)
            return &l->columns[i];
    return NULL;
}

static int no_such_column(const struct listing *l, const char *name, size_t len, struct cd_error *e)
{
    char known[400];
    struct cd_text t = cd_text_of(known, sizeof known);
    for (unsigned i = 0; i < l->n; i++) {
        cd_text_str(&t, i ? ", " : "");
        cd_text_str(&t, l->columns[i].name);
    }
    return cd_error_set(e, CD_ERROR_USAGE, "%s have no \"%.*s\"; there are %s", l->name, (int)(len > 40 ? 40 : len),
                        name, known);
}

/* field=value, field!=value, field~part, field>value, field<value; anything else is searched for everywhere. A comparison begins right after
 * a word of letters and underscores. */
static int parse_filter(const struct listing *l, const char *text, struct filter *ret, struct cd_error *e)
{
    struct filter f = {.comparison = ANYWHERE};
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz_");
    const char *value = text;
    if (len && text[len] && strchr("=~<>!", text[len]) && (text[len] != '!' || text[len + 1] == '=')) {
        f.comparison = text[len] == '='   ? EQUAL
                       : text[len] == '~' ? HOLDS
                       : text[len] == '>' ? ABOVE
                       : text[len] == '<' ? BELOW
                                          : UNEQUAL;
        f.column = find_column(l, text, len);
        if (!f.column)
            return no_such_column(l, text, len, e);
        value = text + len + (text[len] == '!' ? 2 : 1);
    }
    struct cd_text t = cd_text_of(f.value, sizeof f.value);
    cd_text_str(&t, value);
    if (t.cut)
        return cd_error_set(e, CD_ERROR_USAGE, "the filter \"%.40s...\" is longer than %zu bytes", text,
                            sizeof f.value - 1);
    bool numeric = f.column && f.column->type == NUMBER;
    if (numeric && (!*f.value || f.value[strspn(f.value, "0123456789")] || strlen(f.value) > 18))
        return cd_error_set(e, CD_ERROR_USAGE, "%s: a number is expected after %s", text, f.column->name);
    if (f.column && f.column->type == TIME && f.comparison != ABOVE && f.comparison != BELOW)
        return cd_error_set(e, CD_ERROR_USAGE, "%s: times are compared with > or <", text);
    *ret = f;
    return 0;
}

/* % _ and \ stand for themselves in the part that is looked for. */
static void like_pattern(const char *part, struct cd_text *t)
{
    cd_text_char(t, '%');
    for (; *part; part++) {
        if (strchr("%_\\", *part))
            cd_text_char(t, '\\');
        cd_text_char(t, *part);
    }
    cd_text_char(t, '%');
}

/* "2024-03-01", "2024-03-01T09:30", ... as nanoseconds; 0 where it is no time. */
static uint64_t time_of(const char *text)
{
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%d", &tm);
    if (rest && (*rest == 'T' || *rest == ' ')) {
        const char *after = strptime(rest + 1, "%H:%M:%S", &tm);
        rest = after ? after : strptime(rest + 1, "%H:%M", &tm);
    }
    if (!rest || (*rest && strcmp(rest, "Z") != 0))
        return 0;
    time_t seconds = timegm(&tm);
    return seconds <= 0 ? 0 : (uint64_t)seconds * 1000000000;
}

static void one_condition(struct cd_text *sql, const struct column *column, enum comparison comparison, int parameter)
{
    static const char *const operators[] = {[EQUAL] = " = ", [UNEQUAL] = " <> ", [ABOVE] = " > ", [BELOW] = " < "};
    if (column->type == LIST && (comparison == EQUAL || comparison == UNEQUAL)) { /* one of the list */
        cd_text_str(sql, comparison == EQUAL ? "(',' || " : "NOT (',' || ");
        cd_text_str(sql, column->sql);
        cd_text_format(sql, " || ',') LIKE ?%d ESCAPE '\\'", parameter);
        return;
    }
    bool like = comparison == HOLDS || comparison == ANYWHERE;
    cd_text_str(sql, like ? "LOWER(" : "(");
    cd_text_str(sql, column->type == NUMBER && like ? "CAST(" : "");
    cd_text_str(sql, column->sql);
    cd_text_str(sql, column->type == NUMBER && like ? " AS TEXT)" : "");
    if (like)
        cd_text_format(sql, ") LIKE LOWER(?%d) ESCAPE '\\'", parameter);
    else
        cd_text_format(sql, ")%s?%d", operators[comparison], parameter);
}

static void add_condition(struct cd_text *sql, const struct listing *l, const struct filter *f, int parameter)
{
    cd_text_str(sql, " AND (");
    if (f->column) {
        one_condition(sql, f->column, f->comparison, parameter);
    } else {
        bool first = true;
        for (unsigned i = 0; i < l->n; i++) {
            if (l->columns[i].type != TEXT && l->columns[i].type != LIST)
                continue;
            cd_text_str(sql, first ? "" : " OR ");
            one_condition(sql, &l->columns[i], ANYWHERE, parameter);
            first = false;
        }
    }
    cd_text_char(sql, ')');
}

/* The pattern buffers live as long as the query runs. */
static int bind_filter(struct cd_query *q, const struct filter *f, int parameter, char pattern[520], struct cd_error *e)
{
    struct cd_text t = cd_text_of(pattern, 520);
    enum column_type type = f->column ? f->column->type : TEXT;
    if (f->comparison == HOLDS || f->comparison == ANYWHERE) {
        like_pattern(f->value, &t);
    } else if (type == LIST) {
        char whole[260];
        struct cd_text w = cd_text_of(whole, sizeof whole);
        cd_text_char(&w, ',');
        cd_text_str(&w, f->value);
        cd_text_char(&w, ',');
        like_pattern(whole, &t);
    } else if (type == TIME) {
        uint64_t time_ns = time_of(f->value);
        if (!time_ns)
            return cd_error_set(e, CD_ERROR_USAGE, "\"%s\" is no time; one looks like 2024-03-01T09:30:00", f->value);
        cd_query_u64(q, parameter, time_ns);
        return 0;
    } else if (type == NUMBER) {
        cd_query_i64(q, parameter, strtoll(f->value, NULL, 10));
        return 0;
    } else {
        cd_text_str(&t, f->value);
    }
    cd_query_text(q, parameter, pattern);
    return 0;
}

/* ---- output ---- */

struct output {
    struct cd_json out;
    const struct listing *listing;
    const struct cd_list_options *options;
    uint64_t rows;
};

static void cell_text(struct cd_query *q, const struct column *column, unsigned at, struct cd_text *t)
{
    if (column->type == TIME)
        cd_text_time_short(t, cd_query_get_u64(q, (int)at));
    else
        cd_text_str(t, cd_query_get_text(q, (int)at));
}

static void put_json_list(struct cd_json *j, const char *texts)
{
    cd_json_open(j, '[');
    while (*texts) {
        size_t len = strcspn(texts, ",");
        cd_json_text_len(j, texts, len);
        texts += len + (texts[len] == ',');
    }
    cd_json_close(j, ']');
}

static void put_json_row(struct output *o, struct cd_query *q)
{
    struct cd_json *j = &o->out;
    cd_json_line(j);
    cd_json_open(j, '{');
    for (unsigned i = 0; i < o->listing->n; i++) {
        const struct column *column = &o->listing->columns[i];
        cd_json_key(j, column->type == LIST ? column->sql : column->name);
        switch (column->type) {
        case LIST: put_json_list(j, cd_query_get_text(q, (int)i)); break;
        case NUMBER: cd_json_u64(j, cd_query_get_u64(q, (int)i)); break;
        case TIME: cd_json_time(j, cd_query_get_u64(q, (int)i)); break;
        case TEXT: cd_json_text(j, cd_query_get_text(q, (int)i)); break;
        }
    }
    cd_json_close(j, '}');
}

static void raw(struct output *o, const char *text)
{
    size_t len = strlen(text);
    for (size_t n; len; text += n, len -= n) {
        n = len < CD_JSON_RESERVE ? len : CD_JSON_RESERVE;
        cd_json_raw(&o->out, text, n);
    }
}

/* RFC 4180. A field that a spreadsheet would take for a formula gets an apostrophe in front: names come from the network. */
static void put_csv_field(struct output *o, const char *text)
{
    bool formula = *text && strchr("=+-@", *text) && (text[strspn(text, "-0123456789.")] != '\0');
    bool quoted = formula || strpbrk(text, ",\"\r\n");
    raw(o, quoted ? "\"" : "");
    raw(o, formula ? "'" : "");
    for (const char *at = text; *at; at++) {
        cd_json_raw(&o->out, at, 1);
        if (quoted && *at == '"')
            cd_json_raw(&o->out, at, 1);
    }
    raw(o, quoted ? "\"" : "");
}

static void put_csv_row(struct output *o, struct cd_query *q)
{
    for (unsigned i = 0; i < o->listing->n; i++) {
        char time[64];
        struct cd_text t = cd_text_of(time, sizeof time);
        raw(o, i ? "," : "");
        if (!q)
            raw(o, o->listing->columns[i].name);
        else if (o->listing->columns[i].type == TIME)
            cd_text_time(&t, cd_query_get_u64(q, (int)i));
        else
            put_csv_field(o, cd_query_get_text(q, (int)i));
        raw(o, t.at);
    }
    raw(o, "\r\n");
}

/* Tables come in pages: of each the widths are measured, so that memory stays the same however long the list. */
struct table_page {
    struct cd_arena arena;
    const char *cells[PAGE_ROWS][COLUMNS_MOST];
    unsigned widths[COLUMNS_MOST];
    unsigned rows;
    bool headed;
};

static unsigned characters(const char *text)
{
    unsigned n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void put_cell(struct output *o, const char *text, unsigned width, bool last, unsigned *used)
{
    unsigned limit = o->options->columns ? o->options->columns : UINT32_MAX, n = 0;
    bool cut = characters(text) > width;
    while (*text && n < width - cut && *used < limit) {
        size_t len = 1;
        while (((unsigned char)text[len] & 0xc0) == 0x80)
            len++;
        cd_json_raw(&o->out, text, len);
        text += len;
        n++, (*used)++;
    }
    if (cut && *used < limit) {
        raw(o, "…");
        n++, (*used)++;
    }
    for (; n < width + 2 && *used < limit && !last; n++, (*used)++)
        raw(o, " ");
}

static void measure(struct table_page *p, unsigned column, const char *text)
{
    unsigned n = characters(text);
    if (n > p->widths[column])
        p->widths[column] = n > COLUMN_WIDTH_MOST ? COLUMN_WIDTH_MOST : n;
}

static void put_page(struct output *o, struct table_page *p)
{
    unsigned last = 0;
    for (unsigned i = 0; i < o->listing->n; i++)
        last = o->listing->columns[i].in_table ? i : last;
    for (unsigned r = p->headed ? 1 : 0; r <= p->rows; r++) {
        unsigned used = 0;
        if (r == 0 && o->options->colour)
            raw(o, "\033[2m");
        for (unsigned i = 0; i < o->listing->n; i++)
            if (o->listing->columns[i].in_table)
                put_cell(o, r ? p->cells[r - 1][i] : o->listing->columns[i].name, p->widths[i], i == last, &used);
        raw(o, r == 0 && o->options->colour ? "\033[0m\n" : "\n");
    }
    p->headed = true;
    p->rows = 0;
    cd_arena_free(&p->arena);
}

static void add_table_row(struct output *o, struct table_page *p, struct cd_query *q)
{
    for (unsigned i = 0; i < o->listing->n; i++) {
        char text[4096];
        struct cd_text t = cd_text_of(text, sizeof text);
        cell_text(q, &o->listing->columns[i], i, &t);
        p->cells[p->rows][i] = cd_arena_text(&p->arena, t.at, t.len);
        measure(p, i, t.at);
    }
    if (++p->rows == PAGE_ROWS)
        put_page(o, p);
}

/* ---- the query ---- */

static int make_sql(const struct listing *l, const struct cd_list_options *options, const struct filter *filters,
                    struct cd_text *sql, struct cd_error *e)
{
    cd_text_str(sql, "SELECT ");
    for (unsigned i = 0; i < l->n; i++) {
        cd_text_str(sql, i ? ", " : "");
        cd_text_str(sql, l->columns[i].sql);
    }
    cd_text_format(sql, " FROM %s WHERE site_id = ?1%s", l->table, l->condition);
    for (size_t i = 0; i < options->n_filters; i++)
        add_condition(sql, l, &filters[i], (int)i + 4);
    cd_text_str(sql, " ORDER BY ");
    if (options->sort) {
        const char *name = options->sort + (*options->sort == '-');
        const struct column *column = find_column(l, name, strlen(name));
        if (!column)
            return no_such_column(l, name, strlen(name), e);
        cd_text_format(sql, "%s%s, ", column->sql, *options->sort == '-' ? " DESC" : "");
    }
    cd_text_format(sql, "%s LIMIT ?2 OFFSET ?3", l->order);
    return sql->cut ? cd_error_set(e, CD_ERROR_USAGE, "too many filters") : 0;
}

static void start(struct output *o, int fd)
{
    cd_json_start(&o->out, fd);
    if (o->options->format == CD_LIST_JSON)
        cd_json_open(&o->out, '[');
    else if (o->options->format == CD_LIST_CSV)
        put_csv_row(o, NULL);
}

static int run(struct output *o, struct cd_query *q, struct cd_error *e)
{
    bool row;
    int r;
    struct table_page *page = NULL;
    if (o->options->format == CD_LIST_TABLE) {
        page = cd_alloc(1, sizeof *page);
        for (unsigned i = 0; i < o->listing->n; i++)
            measure(page, i, o->listing->columns[i].name);
    }
    for (; !(r = cd_query_step(q, &row, e)) && row; o->rows++) {
        if (page)
            add_table_row(o, page, q);
        else if (o->options->format == CD_LIST_JSON)
            put_json_row(o, q);
        else
            put_csv_row(o, q);
    }
    if (page && (page->rows || !page->headed))
        put_page(o, page);
    if (page)
        cd_arena_free(&page->arena);
    cd_free(page);
    if (o->options->format == CD_LIST_JSON) {
        cd_json_close(&o->out, ']');
        raw(o, "\n");
    }
    return r;
}

int cd_inventory_list(struct cd_store *store, const char *site_name, const struct cd_list_options *options, int fd,
                      struct cd_error *e)
{
    const struct listing *l = &listings[options->kind];
    struct filter *filters = cd_alloc(options->n_filters, sizeof *filters);
    char(*patterns)[520] = cd_alloc(options->n_filters, sizeof *patterns), *buffer = cd_alloc(SQL_BYTES, 1);
    struct cd_text sql = cd_text_of(buffer, SQL_BYTES);
    struct output output = {.listing = l, .options = options};
    struct cd_query *q = NULL;
    int64_t site = 0;
    int r =
        options->n_filters > FILTERS_MOST ? cd_error_set(e, CD_ERROR_USAGE, "more than %d filters", FILTERS_MOST) : 0;
    for (size_t i = 0; i < options->n_filters && !r; i++)
        r = parse_filter(l, options->filters[i], &filters[i], e);
    if (!r && !(r = make_sql(l, options, filters, &sql, e)) && !(r = cd_site_find(store, site_name, false, &site, e)))
        r = cd_query_prepare(store, sql.at, &q, e);
    if (!r) {
        cd_query_i64(q, 1, site);
        cd_query_i64(q, 2, options->limit ? (int64_t)options->limit : INT64_MAX);
        cd_query_i64(q, 3, (int64_t)options->offset);
    }
    for (size_t i = 0; i < options->n_filters && !r; i++)
        r = bind_filter(q, &filters[i], (int)i + 4, patterns[i], e);
    if (!r) {
        start(&output, fd);
        r = run(&output, q, e);
        int written = cd_json_finish(&output.out, "the list", r ? NULL : e);
        r = r ? r : written;
    }
    cd_query_done(q);
    cd_free(buffer);
    cd_free(patterns);
    cd_free(filters);
    return r;
}
