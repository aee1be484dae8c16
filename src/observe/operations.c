/* Operations: (pair, protocol, code, target) -> counts. This is on the hot path: one hash over a few words and the target. */
#include "observe/tables.h"

#include "base/hash.h"
#include "observe/grow.h"

#include <string.h>

static const char others[] = "(others)", other_code[] = "(other)";

void cd_operation_code_text(struct cd_text *t, const char *code_space, const char *code_text, uint32_t code)
{
    if (code_text) {
        cd_text_str(t, code_text);
        return;
    }
    if (code_space) {
        cd_text_str(t, code_space);
        cd_text_char(t, ':');
    }
    cd_text_u64(t, code);
}

/* Everything of the key but the target. Literals are told apart by address: the same literal at two addresses makes two entries, which the hub adds up. */
static uint64_t hash_code(cd_pair pair, const char *protocol, const struct cd_operation *op)
{
    uint64_t h = cd_hash_u64((uint64_t)pair << 32 | op->code, (uint64_t)(uintptr_t)protocol);
    if (op->code_space || op->code_text)
        h = cd_hash_u64(h, (uint64_t)(uintptr_t)op->code_space ^ (uint64_t)(uintptr_t)op->code_text << 1);
    return h;
}

static bool same_code(const struct cd_operation_entry *e, cd_pair pair, const char *protocol,
                      const struct cd_operation *op)
{
    return e->pair == pair && e->code == op->code && e->protocol == protocol && e->code_space == op->code_space &&
           e->code_text == op->code_text && e->class == op->class;
}

/* Counts one more target of this code and tells whether it is one too many. */
static bool too_many_targets(struct cd_observer *o, uint64_t key)
{
    struct cd_probe probe = cd_index_probe(&o->target_index, key);
    for (uint32_t at; (at = cd_index_next(&o->target_index, &probe)) != CD_INDEX_NONE;) {
        if (o->target_counts[at].key != key)
            continue;
        if (o->target_counts[at].count >= o->limits.targets_per_code)
            return true;
        o->target_counts[at].count++;
        return false;
    }
    if (o->n_target_counts == o->target_counts_size) {
        o->target_counts_size = o->target_counts_size ? o->target_counts_size * 2 : 64;
        o->target_counts = cd_realloc(o->target_counts, o->target_counts_size, sizeof *o->target_counts);
    }
    o->target_counts[o->n_target_counts].key = key;
    o->target_counts[o->n_target_counts].count = 1;
    cd_index_insert(&o->target_index, key, o->n_target_counts++);
    return false;
}

static uint32_t find_operation(struct cd_observer *o, uint64_t hash, cd_pair pair, const char *protocol,
                               const struct cd_operation *op, const char *target)
{
    struct cd_probe probe = cd_index_probe(&o->operation_index, hash);
    for (uint32_t at; (at = cd_index_next(&o->operation_index, &probe)) != CD_INDEX_NONE;)
        if (same_code(&o->operations.items[at], pair, protocol, op) &&
            strcmp(o->operations.items[at].target, target) == 0)
            return at;
    return CD_INDEX_NONE;
}

static uint32_t add_operation(struct cd_observer *o, uint64_t hash, cd_pair pair, const char *protocol,
                              const struct cd_operation *op, const char *target, uint64_t time_ns)
{
    CD_GROW(o->operations);
    struct cd_operation_entry *e = &o->operations.items[o->operations.count];
    *e = (struct cd_operation_entry){.protocol = protocol,
                                     .name = op->name,
                                     .code_space = op->code_space,
                                     .code_text = op->code_text,
                                     .code = op->code,
                                     .class = op->class,
                                     .pair = pair,
                                     .first_ns = time_ns,
                                     .last_ns = time_ns};
    e->target = cd_observer_text(o, target, strlen(target));
    cd_index_insert(&o->operation_index, hash, o->operations.count);
    return o->operations.count++;
}

/* Whether a target is kept as it stands: short, and nothing in it to make safe. */
static bool is_plain(const char *target, size_t len)
{
    unsigned odd = 0;
    for (size_t i = 0; i < len; i++)
        odd |= (unsigned char)(target[i] - 0x20) >= 0x5f;
    return !odd && len <= CD_TEXT_MAX && (len == 0 || target[len - 1] != ' ');
}

static uint32_t look_up(struct cd_observer *o, cd_pair pair, const char *protocol, const struct cd_operation *op,
                        const char *target, uint64_t time_ns)
{
    uint64_t code_hash = hash_code(pair, protocol, op);
    uint64_t hash = cd_hash_bytes(code_hash, target, strlen(target));
    uint32_t at = find_operation(o, hash, pair, protocol, op, target);
    if (at != CD_INDEX_NONE)
        return at;
    if (o->operations.count >= o->limits.operations) {
        o->counters.dropped_operations++;
        return UINT32_MAX;
    }
    if (*target && too_many_targets(o, code_hash)) {
        o->counters.collapsed_targets++;
        target = others;
        hash = cd_hash_bytes(code_hash, target, sizeof others - 1);
        at = find_operation(o, hash, pair, protocol, op, target);
        if (at != CD_INDEX_NONE)
            return at;
    }
    return add_operation(o, hash, pair, protocol, op, target, time_ns);
}

/* The entry of this operation, made where it is new; UINT32_MAX where there is no room for it or for its pair. The target is made safe to show before it is
 * looked for, as that is how entries keep it. */
static uint32_t operation_entry(struct cd_observer *o, cd_pair pair, const char *protocol,
                                const struct cd_operation *op, uint64_t time_ns)
{
    const char *target = op->target ? op->target : "";
    char shown[CD_TEXT_MAX + 1];
    size_t len = strlen(target);
    if (pair >= o->pairs.count) {
        o->counters.dropped_operations++;
        return UINT32_MAX;
    }
    if (!is_plain(target, len)) {
        struct cd_text text = cd_text_of(shown, sizeof shown);
        cd_text_device(&text, target, len);
        target = shown;
    }
    return look_up(o, pair, protocol, op, target, time_ns);
}

static bool dangerous(enum cd_class class)
{
    return class == CD_CLASS_PROGRAM || class == CD_CLASS_FIRMWARE || class == CD_CLASS_MODE ||
           class == CD_CLASS_CONTROL || class == CD_CLASS_CONFIGURE;
}

static void announce(struct cd_observer *o, cd_pair pair, const char *protocol, const struct cd_operation *op,
                     uint64_t time_ns, uint64_t frame)
{
    char detail[CD_TEXT_MAX + 1];
    struct cd_text text = cd_text_of(detail, sizeof detail);
    cd_text_str(&text, op->name);
    if (op->target && *op->target) {
        cd_text_str(&text, ": ");
        cd_text_str(&text, op->target);
    }
    cd_observe_event(o, CD_EVENT_DANGEROUS_OPERATION, protocol, pair, detail, time_ns, frame);
}

static void seen_at(struct cd_operation_entry *e, uint64_t time_ns)
{
    if (time_ns > e->last_ns)
        e->last_ns = time_ns;
    if (time_ns < e->first_ns)
        e->first_ns = time_ns;
}

uint32_t cd_observe_request(struct cd_observer *o, cd_pair pair, const char *protocol, const struct cd_operation *op,
                            uint64_t time_ns, uint64_t frame)
{
    uint32_t at = operation_entry(o, pair, protocol, op, time_ns);
    if (dangerous(op->class))
        announce(o, pair, protocol, op, time_ns, frame);
    if (at == UINT32_MAX)
        return at;
    o->operations.items[at].requests++;
    seen_at(&o->operations.items[at], time_ns);
    return at;
}

bool cd_observe_again(struct cd_observer *o, uint32_t entry, const char *protocol, uint64_t time_ns)
{
    if (entry >= o->operations.count || o->operations.items[entry].protocol != protocol)
        return false;
    o->operations.items[entry].requests++;
    seen_at(&o->operations.items[entry], time_ns);
    return true;
}

void cd_observe_response(struct cd_observer *o, uint32_t entry, const char *error, uint64_t time_ns)
{
    if (entry >= o->operations.count)
        return;
    struct cd_operation_entry *e = &o->operations.items[entry];
    e->responses++;
    if (error) {
        e->errors++;
        e->last_error = error;
    }
    seen_at(e, time_ns);
}

void cd_observe_error(struct cd_observer *o, uint32_t entry, const char *error, uint64_t time_ns)
{
    if (entry >= o->operations.count)
        return;
    o->operations.items[entry].errors++;
    o->operations.items[entry].last_error = error;
    seen_at(&o->operations.items[entry], time_ns);
}

const char *cd_observe_code(struct cd_observer *o, const char *bytes, size_t len)
{
    enum { CODE_LEN_MAX = 63 };
    if (len == 0 || len > CODE_LEN_MAX || memchr(bytes, '\0', len))
        return other_code;
    for (uint32_t i = 0; i < o->n_codes; i++)
        if (strncmp(o->codes[i], bytes, len) == 0 && o->codes[i][len] == '\0')
            return o->codes[i];
    if (o->n_codes == CD_OBSERVER_CODES_MAX)
        return other_code;
    const char *code = cd_observer_text(o, bytes, len);
    if (*code == '\0')
        return other_code;
    o->codes[o->n_codes++] = code;
    return code;
}

uint32_t cd_observe_lone_response(struct cd_observer *o, cd_pair pair, const char *protocol,
                                  const struct cd_operation *op, const char *error, uint64_t time_ns)
{
    uint32_t at = operation_entry(o, pair, protocol, op, time_ns);
    cd_observe_response(o, at, error, time_ns);
    return at;
}
