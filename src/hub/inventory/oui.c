/* The files stay mapped, and the index holds no more than where each assignment's line stands: 45 000 are ready within a millisecond or two, and a
 * name is read when it is asked for. Each line of the CSV files reads  Registry,Assignment,"Organization Name",Address  with the assignment
 * as 6, 7 or 9 hexadecimal digits; of the text files the lines with "(base 16)" or "(hex)" are not needed where the CSV is there. */
#include "hub/inventory/oui.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/index.h"
#include "hub/inventory/inventory.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 256 << 20, FILES_MAX = 12, EXPECTED = 48000 };

struct assignment {
    uint64_t prefix; /* as many bits as `bits` says */
    uint8_t bits;
};

/* Lines are numbered by where they stand when the files are laid one after another. */
struct file {
    const char *bytes;
    uint32_t first, len;
};

static struct {
    bool loaded;
    struct cd_index index; /* assignment -> number of its line */
    struct file files[FILES_MAX];
    uint32_t n_files, end; /* end: the number after the last file's last byte */
} table;

static void prepare(void)
{
    if (!table.index.slots)
        cd_index_init(&table.index, EXPECTED);
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* The assignment of a line in the CSV form, and where the name begins; NULL where it is none. */
static const char *read_csv(const char *line, const char *end, struct assignment *ret)
{
    const char *at = memchr(line, ',', (size_t)(end - line));
    struct assignment a = {0};
    if (!at)
        return NULL;
    for (at++; at < end && hex_value(*at) >= 0 && a.bits < 48; at++, a.bits = (uint8_t)(a.bits + 4))
        a.prefix = a.prefix << 4 | (uint64_t)hex_value(*at);
    if ((a.bits != 24 && a.bits != 28 && a.bits != 36) || at == end || *at != ',')
        return NULL;
    *ret = a;
    return at + 1;
}

/* The same of a line in the text form: "00-22-72   (hex)\t\tName", for 24 bits. */
static const char *read_text(const char *line, const char *end, struct assignment *ret)
{
    const char *mark = memmem(line, (size_t)(end - line), "(hex)", 5);
    struct assignment a = {.bits = 24};
    unsigned digits = 0;
    if (!mark)
        return NULL;
    for (const char *at = line; at < mark; at++) {
        if (hex_value(*at) >= 0) {
            a.prefix = a.prefix << 4 | (uint64_t)hex_value(*at);
            digits++;
        }
    }
    for (mark += 5; mark < end && (*mark == ' ' || *mark == '\t'); mark++)
        ;
    if (digits != 6)
        return NULL;
    *ret = a;
    return mark;
}

/* A line with its end, which is not part of it. */
struct line {
    const char *begin, *end;
};

static const char *end_of_line(const char *line, const char *stop)
{
    const char *end = memchr(line, '\n', (size_t)(stop - line));
    return end ? end : stop;
}

static struct line line_of(uint32_t number)
{
    const struct file *f = table.files;
    while (number - f->first >= f->len)
        f++;
    const char *begin = f->bytes + (number - f->first);
    return (struct line){begin, end_of_line(begin, f->bytes + f->len)};
}

static uint64_t hash_of(const struct assignment *a)
{
    return cd_hash_u64(a->bits, a->prefix);
}

/* The number of the line of this assignment, or CD_INDEX_NONE. */
static uint32_t find(const struct assignment *wanted)
{
    struct cd_probe probe = cd_index_probe(&table.index, hash_of(wanted));
    for (uint32_t at; (at = cd_index_next(&table.index, &probe)) != CD_INDEX_NONE;) {
        struct line line = line_of(at);
        struct assignment a;
        if ((read_csv(line.begin, line.end, &a) || read_text(line.begin, line.end, &a)) && a.prefix == wanted->prefix &&
            a.bits == wanted->bits)
            return at;
    }
    return CD_INDEX_NONE;
}

/* The last line of an assignment counts. */
static void put(const struct assignment *a, uint32_t number)
{
    uint32_t known = find(a);
    if (known != CD_INDEX_NONE)
        cd_index_remove(&table.index, hash_of(a), known);
    cd_index_insert(&table.index, hash_of(a), number);
}

static uint32_t take_lines(const struct file *f)
{
    uint32_t taken = 0;
    for (const char *line = f->bytes, *stop = line + f->len, *end; line < stop; line = end + 1) {
        struct assignment a;
        end = end_of_line(line, stop);
        if (!read_csv(line, end, &a) && !read_text(line, end, &a))
            continue;
        put(&a, f->first + (uint32_t)(line - f->bytes));
        taken++;
    }
    return taken;
}

/* The name of a line as it stands there: of the CSV form without its quotes, where doubled ones stand for one. */
static struct line name_of(struct line line)
{
    struct assignment a;
    const char *name = read_csv(line.begin, line.end, &a), *end = name;
    if (!name) {
        name = read_text(line.begin, line.end, &a);
        if (!name) /* somebody changed the file meanwhile */
            return (struct line){line.end, line.end};
        for (end = line.end; end > name && (end[-1] == '\r' || end[-1] == ' ');)
            end--;
    } else if (end < line.end && *end == '"') {
        end = ++name;
        while (end < line.end && !(*end == '"' && (end + 1 == line.end || end[1] != '"')))
            end += *end == '"' ? 2 : 1;
        end = end > line.end ? line.end : end;
    } else {
        while (end < line.end && *end != ',')
            end++;
    }
    return (struct line){name, end - name > 200 ? name + 200 : end};
}

static int load(const char *path, uint32_t *ret_taken, struct cd_error *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cd_error_errno(e, CD_ERROR_ACCESS, "%s: can't be opened", path);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0 || st.st_size > FILE_BYTES_MAX) {
        close(fd);
        return cd_error_set(e, CD_ERROR_INPUT,
                            "%s: not a file of MAC assignments (a regular file up to 256 MiB is expected)", path);
    }
    if (table.n_files == FILES_MAX) {
        close(fd);
        return cd_error_set(e, CD_ERROR_USAGE, "%s: more than %d files of MAC assignments", path, FILES_MAX);
    }
    char *bytes =
        mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0); /* stays: names point into it */
    close(fd);
    if (bytes == MAP_FAILED)
        return cd_error_errno(e, CD_ERROR_ACCESS, "%s: can't be read", path);
    prepare();
    struct file *f = &table.files[table.n_files++];
    *f = (struct file){.bytes = bytes, .first = table.end, .len = (uint32_t)st.st_size};
    table.end += f->len;
    *ret_taken = take_lines(f);
    return 0;
}

static void load_package(void)
{
    static const char *const csv[] = {"/usr/share/ieee-data/oui.csv", "/usr/share/ieee-data/mam.csv",
                                      "/usr/share/ieee-data/iab.csv", "/usr/share/ieee-data/oui36.csv"};
    uint32_t taken = 0, all = 0;
    table.loaded = true;
    prepare();
    for (unsigned i = 0; i < sizeof csv / sizeof csv[0]; i++)
        if (load(csv[i], &taken, NULL) == 0)
            all += taken;
    if (!all)
        (void)load("/usr/share/ieee-data/oui.txt", &taken, NULL);
}

int cd_oui_load(const char *path, struct cd_error *e)
{
    uint32_t taken = 0;
    if (!table.loaded)
        load_package();
    int result = load(path, &taken, e);
    if (!result && !taken)
        return cd_error_set(e, CD_ERROR_INPUT,
                            "%s: holds no MAC assignments (lines Registry,Assignment,Organization are expected)", path);
    return result;
}

void cd_oui_prepare(void)
{
    if (!table.loaded)
        load_package();
}

uint32_t cd_oui_count(void)
{
    cd_oui_prepare();
    return table.index.count;
}

static bool is_no_name(const char *name, size_t len)
{
    static const char *const none[] = {"Private", "IEEE Registration Authority"};
    for (unsigned i = 0; i < sizeof none / sizeof none[0]; i++)
        if (len == strlen(none[i]) && memcmp(name, none[i], len) == 0)
            return true;
    return len == 0;
}

bool cd_oui_vendor(cd_mac mac, struct cd_text *ret_name)
{
    static const uint8_t lengths[] = {36, 28, 24};
    if (!cd_mac_is_device(mac) || (mac >> 41 & 1)) /* the second bit: given locally, not assigned */
        return false;
    cd_oui_prepare();
    for (unsigned i = 0; i < sizeof lengths; i++) {
        struct assignment wanted = {.prefix = mac >> (48 - lengths[i]), .bits = lengths[i]};
        uint32_t at = find(&wanted);
        if (at == CD_INDEX_NONE)
            continue;
        struct line told = name_of(line_of(at));
        if (is_no_name(told.begin, (size_t)(told.end - told.begin)))
            return false;
        char name[256];
        size_t len = 0;
        for (const char *c = told.begin; c < told.end; c++) { /* a doubled quote stands for one */
            name[len++] = *c;
            c += *c == '"';
        }
        while (len && (name[len - 1] == ',' || name[len - 1] == ' ')) /* as some are registered: "Siemens AG," */
            len--;
        cd_text_device(ret_name, name, len);
        return true;
    }
    return false;
}
