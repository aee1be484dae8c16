#include "hub/inventory/show.h"

#include "hub/inventory/oui.h"
#include "observe/observer.h"

void cd_text_address(struct cd_text *t, const struct cd_inventory *inv, address_id address)
{
    cd_mac mac;
    const struct cd_ip *ip = ip_of(inv, address);
    if (!address)
        return;
    if (cd_ip_get_mac(ip, &mac))
        cd_text_mac(t, mac);
    else
        cd_text_ip(t, ip);
}

const char *cd_asset_kind_name(enum asset_kind kind)
{
    return kind == KIND_MODULE ? "module" : kind == KIND_UNIT ? "unit" : "device";
}

struct teller {
    void (*tell)(void *context, const char *text);
    void *context;
};

/* "12 345 frames (1.2 %) <what>" where there are any. */
static void tell_count(const struct teller *to, uint64_t count, uint64_t whole, const char *unit, const char *what)
{
    char buffer[300];
    struct cd_text t = cd_text_of(buffer, sizeof buffer);
    if (!count)
        return;
    cd_text_u64(&t, count);
    cd_text_char(&t, ' ');
    cd_text_str(&t, unit);
    if (whole && count <= whole) {
        uint64_t tenths = (uint64_t)((unsigned __int128)count * 1000 / whole);
        cd_text_str(&t, tenths ? " (" : " (under ");
        tenths = tenths ? tenths : 1;
        cd_text_u64(&t, tenths / 10);
        cd_text_char(&t, '.');
        cd_text_u64(&t, tenths % 10);
        cd_text_str(&t, " %)");
    }
    cd_text_char(&t, ' ');
    cd_text_str(&t, what);
    to->tell(to->context, t.at);
}

void cd_inventory_limitations(const struct cd_inventory *inv, void (*tell)(void *context, const char *text),
                              void *context)
{
    const struct cd_health *c = &inv->counters;
    const struct teller to = {tell, context};
    uint64_t dropped =
        c->dropped_pairs + c->dropped_operations + c->dropped_facts + c->dropped_conversations + c->dropped_texts;
    tell_count(&to, c->dropped_frames, c->frames + c->dropped_frames, "frames", "were lost before they could be read");
    tell_count(&to, c->skipped_frames, c->frames, "frames", "are of a link type that is not decoded");
    tell_count(&to, c->undecoded_frames, c->frames, "frames", "are in an encapsulation that is not decoded");
    tell_count(&to, c->cut_frames, c->frames, "frames", "are cut short in the capture: their ends could not be read");
    tell_count(&to, c->bad_frames, c->frames, "frames", "have a header that does not fit");
    tell_count(&to, c->one_sided_flows, c->flows, "flows",
               "were seen in one direction only: the mirror may be incomplete");
    tell_count(&to, c->gaps, 0, "gaps", "in TCP streams: segments are missing from the capture");
    tell_count(&to, c->incomplete_datagrams, 0, "fragmented datagrams", "could not be put together");
    tell_count(&to, c->overlap_conflicts, 0, "TCP segments", "were sent again with other content");
    tell_count(&to, c->evicted_flows, c->flows, "flows", "were let go early for want of room");
    tell_count(&to, c->evicted_stream_bytes, 0, "bytes", "of TCP streams were let go for want of room");
    tell_count(&to, dropped, 0, "entries", "did not fit the tables of the sensor");
    tell_count(&to, c->collapsed_targets, 0, "operations", "count on a shared target: too many different ones");
    tell_count(&to, c->dropped_events, 0, "events", "of the same kind between the same two are counted but not listed");
    tell_count(&to, inv->dropped, 0, "entries", "did not fit the tables of the inventory");
    if (!cd_oui_count())
        tell(context,
             "no list of MAC address assignments was found (package ieee-data): makers are told by protocols only");
}
