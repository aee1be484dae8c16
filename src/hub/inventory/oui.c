/* The files stay mapped and an entry only remembers where its name stands, so that 45 000 assignments are ready within a few
 * milliseconds. Each line of the CSV files reads  Registry,Assignment,"Organization Name",Address  with the assignment as 6, 7 or 9
 * hexadecimal digits; of the text files the lines with "(base 16)" or "(hex)" are not needed where the CSV is there. */
#include "hub/inventory/oui.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/index.h"
#include "base/memory.h"
#include "hub/inventory/inventory.h"
#include "observe/grow.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 256 << 20, ENTRIES_MAX = 4000000 };

struct entry {
    uint64_t prefix; /* as many bits as `bits` says */
    const char *name;
    uint16_t name_len;
    uint8_t bits;
};

static struct {
    bool loaded;
    struct cd_index index;
    struct {
        struct entry *items;
        uint32_t count, size;
    } entries;
} table;

static void prepare(void)
{
    if (!table.index.slots)
        cd_index_init(&table.index, 65536);
}

static uint32_t find(uint64_t prefix, uint8_t bits)
{
    struct cd_probe probe = cd_index_probe(&table.index, cd_hash_u64(bits, prefix));
    for (uint32_t at; (at = cd_index_next(&table.index, &probe)) != CD_INDEX_NONE;)
        if (table.entries.items[at].prefix == prefix && table.entries.items[at].bits == bits)
            return at;
    return CD_INDEX_NONE;
}

static void put(uint64_t prefix, uint8_t bits, const char *name, size_t len)
{
    uint32_t at = find(prefix, bits);
    if (at == CD_INDEX_NONE) {
        if (table.entries.count >= ENTRIES_MAX)
            return;
        CD_GROW(table.entries);
        at = table.entries.count++;
        cd_index_insert(&table.index, cd_hash_u64(bits, prefix), at);
    }
    table.entries.items[at] = (struct entry){prefix, name, (uint16_t)(len > 200 ? 200 : len), bits};
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* One line of the CSV form; false where it is none. */
static bool take_csv_line(const char *line, const char *end)
{
    const char *at = memchr(line, ',', (size_t)(end - line));
    uint64_t prefix = 0;
    uint8_t bits = 0;
    if (!at)
        return false;
    for (at++; at < end && hex_value(*at) >= 0 && bits < 48; at++, bits = (uint8_t)(bits + 4))
        prefix = prefix << 4 | (uint64_t)hex_value(*at);
    if ((bits != 24 && bits != 28 && bits != 36) || at == end || *at != ',')
        return false;
    const char *name = ++at;
    if (at < end && *at == '"') {
        name = ++at;
        while (at < end && !(*at == '"' && (at + 1 == end || at[1] != '"')))
            at += *at == '"' ? 2 : 1;
        at = at > end ? end : at;
    } else {
        while (at < end && *at != ',')
            at++;
    }
    put(prefix, bits, name, (size_t)(at - name));
    return true;
}

/* One line of the text form: "00-22-72   (hex)\t\tName", for 24 bits. */
static bool take_text_line(const char *line, const char *end)
{
    const char *mark = memmem(line, (size_t)(end - line), "(hex)", 5);
    uint64_t prefix = 0;
    unsigned digits = 0;
    if (!mark)
        return false;
    for (const char *at = line; at < mark; at++) {
        if (hex_value(*at) >= 0) {
            prefix = prefix << 4 | (uint64_t)hex_value(*at);
            digits++;
        }
    }
    for (mark += 5; mark < end && (*mark == ' ' || *mark == '\t'); mark++)
        ;
    while (end > mark && (end[-1] == '\r' || end[-1] == ' '))
        end--;
    if (digits != 6)
        return false;
    put(prefix, 24, mark, (size_t)(end - mark));
    return true;
}

static uint32_t take_lines(const char *bytes, size_t len)
{
    uint32_t taken = 0;
    for (const char *line = bytes, *stop = bytes + len, *end; line < stop; line = end + 1) {
        end = memchr(line, '\n', (size_t)(stop - line));
        if (!end)
            end = stop;
        taken += take_csv_line(line, end) || take_text_line(line, end);
    }
    return taken;
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
    char *bytes =
        mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0); /* stays: names point into it */
    close(fd);
    if (bytes == MAP_FAILED)
        return cd_error_errno(e, CD_ERROR_ACCESS, "%s: can't be read", path);
    prepare();
    *ret_taken = take_lines(bytes, (size_t)st.st_size);
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

uint32_t cd_oui_count(void)
{
    if (!table.loaded)
        load_package();
    return table.entries.count;
}

static bool is_no_name(const struct entry *e)
{
    static const char *const none[] = {"Private", "IEEE Registration Authority"};
    for (unsigned i = 0; i < sizeof none / sizeof none[0]; i++)
        if (e->name_len == strlen(none[i]) && memcmp(e->name, none[i], e->name_len) == 0)
            return true;
    return e->name_len == 0;
}

bool cd_oui_vendor(cd_mac mac, struct cd_text *ret_name)
{
    static const uint8_t lengths[] = {36, 28, 24};
    if (!cd_mac_is_device(mac) || (mac >> 41 & 1)) /* the second bit: given locally, not assigned */
        return false;
    if (!table.loaded)
        load_package();
    for (unsigned i = 0; i < sizeof lengths; i++) {
        uint32_t at = find(mac >> (48 - lengths[i]), lengths[i]);
        if (at == CD_INDEX_NONE)
            continue;
        const struct entry *e = &table.entries.items[at];
        if (is_no_name(e))
            return false;
        char name[256];
        size_t len = 0;
        for (size_t k = 0; k < e->name_len; k++) { /* a doubled quote stands for one */
            name[len++] = e->name[k];
            k += e->name[k] == '"';
        }
        while (len && (name[len - 1] == ',' || name[len - 1] == ' ')) /* as some are registered: "Siemens AG," */
            len--;
        cd_text_device(ret_name, name, len);
        return true;
    }
    return false;
}
