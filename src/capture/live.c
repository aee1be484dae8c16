/* Live capture from a ring shared with the kernel (packet(7), AF_PACKET with TPACKET_V3).
 *
 *   ring    block | block | block ...        the kernel fills a block, hands it over when it is full or BLOCK_TIMEOUT_MS old
 *   block   header | frame -> frame -> ...   we read it and hand it back at the read after its last frame was given out
 *
 * So frames stay valid until the next read, and a read never crosses from one block to another. Reading is memory access
 * alone while frames come; read(2) asks after the interface when none do, getsockopt(2) for drops. The structs here are the kernel's, not the network's. */
#include "capture/capture.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>

#include "base/memory.h"
#include "capture/source.h"

#define RING_DEFAULT ((size_t)64 << 20)
#define BLOCK_BYTES ((size_t)1 << 20)
#define BLOCKS_MIN 4u
#define BLOCKS_MAX 16384u
#define FRAME_SLOT 2048u /* only a unit for the kernel's arithmetic in version 3 */
#define BLOCK_TIMEOUT_MS 50u
#define VLAN_TAG_BYTES 4u
#define VLAN_TAG_AT 12u /* after both MAC addresses */

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

struct live {
    char name[IF_NAMESIZE];
    int index;
    int hardware; /* ARPHRD_ */
    uint16_t link_type;
    uint8_t *ring;
    size_t ring_len;
    uint32_t block_count;
    uint32_t block;       /* the one being read */
    uint32_t frames_left; /* in it; 0 where it was not begun */
    bool held;            /* its frames were given out: hand it back at the next read */
    uint8_t *frame;       /* the next one in it */
};

/* --- opening --- */

static int fail(struct cd_error *e, const char *interface, const char *what)
{
    enum cd_code code = errno == EPERM || errno == EACCES || errno == ENODEV ? CD_ERROR_ACCESS : CD_ERROR_SYSTEM;
    return cd_error_errno(e, code, "interface %s: %s", interface, what);
}

static bool link_type_of(int hardware, uint16_t *ret_link_type)
{
    switch (hardware) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK: *ret_link_type = CD_LINK_ETHERNET; return true;
    case ARPHRD_NONE:
    case ARPHRD_RAWIP:
    case ARPHRD_PPP:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT: *ret_link_type = CD_LINK_RAW; return true;
    default: return false;
    }
}

static int find_interface(int fd, const char *interface, struct live *live, struct cd_error *e)
{
    struct ifreq request = {0};
    size_t len = strlen(interface);
    if (len == 0 || len >= sizeof request.ifr_name)
        return cd_error_set(e, CD_ERROR_USAGE, "interface %s: not the name of an interface", interface);
    memcpy(request.ifr_name, interface, len);
    memcpy(live->name, interface, len);
    if (ioctl(fd, SIOCGIFINDEX, &request) < 0)
        return fail(e, interface, "not found");
    live->index = request.ifr_ifindex;
    if (ioctl(fd, SIOCGIFHWADDR, &request) < 0)
        return fail(e, interface, "its type can't be asked for");
    live->hardware = request.ifr_hwaddr.sa_family;
    if (!link_type_of(live->hardware, &live->link_type))
        return cd_error_set(e, CD_ERROR_INPUT,
                            "interface %s: its hardware type %d is not supported, expected Ethernet or IP", interface,
                            live->hardware);
    return CD_OK;
}

/* libpcap compiles for an open handle of the interface, as only then it knows that the kernel takes VLAN tags out of
 * the bytes and looks for them where the kernel keeps them. */
static int compile_filter(const char *interface, const char *filter, struct bpf_program *ret_program,
                          struct cd_error *e)
{
    char text[PCAP_ERRBUF_SIZE] = "";
    pcap_t *handle = pcap_create(interface, text);
    if (!handle)
        return cd_error_set(e, CD_ERROR_SYSTEM, "interface %s: %s", interface, text);
    (void)pcap_set_snaplen(handle, (int)CD_FRAME_MAX);
    (void)pcap_set_buffer_size(handle, 1 << 20);
    if (pcap_activate(handle) < 0) {
        cd_error_set(e, CD_ERROR_ACCESS, "interface %s: %s", interface, pcap_geterr(handle));
        pcap_close(handle);
        return CD_ERROR_ACCESS;
    }
    int rc = CD_OK;
    if (pcap_compile(handle, ret_program, filter, 1, PCAP_NETMASK_UNKNOWN) < 0)
        rc = cd_error_set(e, CD_ERROR_USAGE, "filter \"%s\": %s", filter, pcap_geterr(handle));
    pcap_close(handle);
    return rc;
}

static int attach_filter(int fd, const char *interface, const char *filter, struct cd_error *e)
{
    struct bpf_program program = {0};
    int rc = compile_filter(interface, filter, &program, e);
    if (rc != CD_OK)
        return rc;
    struct sock_filter *code = cd_alloc(program.bf_len, sizeof *code);
    for (unsigned i = 0; i < program.bf_len; i++) {
        const struct bpf_insn *from = &program.bf_insns[i];
        code[i] = (struct sock_filter){.code = from->code, .jt = from->jt, .jf = from->jf, .k = from->k};
    }
    struct sock_fprog attached = {.len = (unsigned short)program.bf_len, .filter = code};
    if (program.bf_len > BPF_MAXINSNS)
        rc = cd_error_set(e, CD_ERROR_USAGE, "filter \"%s\": too long for the kernel", filter);
    else if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached) < 0)
        rc = fail(e, interface, "the kernel refused the filter");
    cd_free(code);
    pcap_freecode(&program);
    return rc;
}

static int make_ring(int fd, const char *interface, size_t ring_bytes, struct live *live, struct cd_error *e)
{
    int version = TPACKET_V3;
    unsigned reserve = VLAN_TAG_BYTES; /* room before each frame to put a VLAN tag back */
    size_t blocks = (ring_bytes ? ring_bytes : RING_DEFAULT) / BLOCK_BYTES;
    blocks = blocks < BLOCKS_MIN ? BLOCKS_MIN : blocks > BLOCKS_MAX ? BLOCKS_MAX : blocks;
    struct tpacket_req3 request = {.tp_block_size = BLOCK_BYTES,
                                   .tp_block_nr = (unsigned)blocks,
                                   .tp_frame_size = FRAME_SLOT,
                                   .tp_frame_nr = (unsigned)(blocks * (BLOCK_BYTES / FRAME_SLOT)),
                                   .tp_retire_blk_tov = BLOCK_TIMEOUT_MS};
    if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version) < 0)
        return fail(e, interface, "the kernel has no capture rings of version 3");
    if (setsockopt(fd, SOL_PACKET, PACKET_RESERVE, &reserve, sizeof reserve) < 0)
        return fail(e, interface, "no room can be reserved in the ring");
    if (setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) < 0)
        return fail(e, interface, "no memory for the capture ring");
    size_t len = blocks * BLOCK_BYTES;
    void *ring = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (ring == MAP_FAILED)
        return fail(e, interface, "the capture ring can't be mapped");
    live->ring = ring;
    live->ring_len = len;
    live->block_count = (uint32_t)blocks;
    return CD_OK;
}

/* Frames start to come with bind(2), so everything else is in place before. */
static int start(int fd, const struct live *live, struct cd_error *e)
{
    struct packet_mreq member = {.mr_ifindex = live->index, .mr_type = PACKET_MR_PROMISC};
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = live->index};
    int one = 1;
    if (live->hardware == ARPHRD_LOOPBACK) /* each frame would be seen going out and coming in */
        (void)setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
    if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &member, sizeof member) < 0)
        return fail(e, live->name, "promiscuous mode is refused");
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
        return fail(e, live->name, "can't listen");
    return CD_OK;
}

/* --- reading --- */

static struct tpacket_block_desc *block_at(const struct live *live)
{
    return (struct tpacket_block_desc *)(void *)(live->ring + (size_t)live->block * BLOCK_BYTES);
}

static void hand_back(struct live *live)
{
    __atomic_store_n(&block_at(live)->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    live->block = (live->block + 1) % live->block_count;
    live->frames_left = 0;
    live->held = false;
}

/* Stands on a block with frames; false where the kernel has none for us yet. */
static bool find_block(struct live *live)
{
    if (live->held && live->frames_left == 0)
        hand_back(live);
    for (uint32_t tried = 0; live->frames_left == 0; tried++) {
        struct tpacket_block_desc *block = block_at(live);
        uint32_t status = __atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE);
        if (!(status & TP_STATUS_USER) || tried == live->block_count)
            return false;
        live->frames_left = block->hdr.bh1.num_pkts;
        live->frame = (uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;
        live->held = true;
        if (live->frames_left == 0)
            hand_back(live);
    }
    return true;
}

/* The kernel takes the outer VLAN tag out of the bytes (IEEE 802.1Q 9.3 has it after the addresses): puts it back. */
static void restore_vlan(const struct tpacket3_hdr *head, struct cd_frame *frame, uint8_t *bytes)
{
    if (!(head->tp_status & TP_STATUS_VLAN_VALID) || frame->captured_len < VLAN_TAG_AT)
        return;
    unsigned tpid = head->tp_status & TP_STATUS_VLAN_TPID_VALID ? head->hv1.tp_vlan_tpid : ETH_P_8021Q;
    unsigned tci = head->hv1.tp_vlan_tci;
    uint8_t *start_at = bytes - VLAN_TAG_BYTES;
    memmove(start_at, bytes, VLAN_TAG_AT);
    start_at[VLAN_TAG_AT] = (uint8_t)(tpid >> 8);
    start_at[VLAN_TAG_AT + 1] = (uint8_t)tpid;
    start_at[VLAN_TAG_AT + 2] = (uint8_t)(tci >> 8);
    start_at[VLAN_TAG_AT + 3] = (uint8_t)tci;
    frame->bytes = start_at;
    frame->captured_len += VLAN_TAG_BYTES;
    frame->wire_len += VLAN_TAG_BYTES;
}

/* The interface may have gone down or away. The socket says so once, as the error of the next call; frames go to the
 * ring, so there is never one to receive here. Until it is asked, poll(2) returns at once. Frames that come later clear
 * the problem. */
static void ask_for_trouble(struct cd_capture *c, const struct live *live)
{
    uint8_t unused;
    if (read(c->fd, &unused, 1) < 0 && errno != EAGAIN && errno != EINTR)
        (void)snprintf(c->problem, sizeof c->problem, "interface %s: %s", live->name,
                       errno == ENETDOWN ? "went down or away" : strerror(errno));
}

static size_t live_read(struct cd_capture *c, struct cd_frame *frames, size_t max)
{
    struct live *live = c->state;
    if (!find_block(live)) {
        ask_for_trouble(c, live);
        return 0;
    }
    c->problem[0] = '\0';
    size_t n = 0;
    for (; n < max && live->frames_left > 0; n++, live->frames_left--) {
        const struct tpacket3_hdr *head = (const struct tpacket3_hdr *)(const void *)live->frame;
        uint8_t *bytes = live->frame + head->tp_mac;
        frames[n] = (struct cd_frame){.bytes = bytes,
                                      .captured_len = head->tp_snaplen,
                                      .wire_len = head->tp_len,
                                      .time_ns = (uint64_t)head->tp_sec * 1000000000u + head->tp_nsec,
                                      .number = c->counters.frames + 1,
                                      .link_type = live->link_type};
        if (live->link_type == CD_LINK_ETHERNET)
            restore_vlan(head, &frames[n], bytes);
        cd_source_count(c, &frames[n]);
        live->frame += head->tp_next_offset;
        __builtin_prefetch(live->frame);
    }
    return n;
}

/* Asking resets the kernel's counter. */
static void live_refresh(struct cd_capture *c)
{
    struct tpacket_stats_v3 stats = {0};
    socklen_t len = sizeof stats;
    if (getsockopt(c->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
        c->counters.dropped += stats.tp_drops;
}

static void live_close(struct cd_capture *c)
{
    struct live *live = c->state;
    if (live->ring)
        (void)munmap(live->ring, live->ring_len);
    cd_free(live);
}

static const struct cd_source_type live_type = {.read = live_read, .refresh = live_refresh, .close = live_close};

int cd_capture_open_live(const char *interface, const char *filter, size_t ring_bytes, struct cd_capture **ret_capture,
                         struct cd_error *e)
{
    int fd =
        socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); /* protocol 0: nothing comes before bind() */
    if (fd < 0)
        return cd_error_errno(e, CD_ERROR_ACCESS, "interface %s: capturing needs the right CAP_NET_RAW", interface);
    struct cd_capture *c = cd_alloc(1, sizeof *c);
    struct live *live = cd_alloc(1, sizeof *live);
    c->type = &live_type;
    c->state = live;
    c->fd = fd;
    c->live = true;
    int rc = find_interface(fd, interface, live, e);
    if (rc == CD_OK && filter)
        rc = attach_filter(fd, interface, filter, e);
    if (rc == CD_OK)
        rc = make_ring(fd, interface, ring_bytes, live, e);
    if (rc == CD_OK)
        rc = start(fd, live, e);
    if (rc != CD_OK) {
        cd_capture_close(c);
        return rc;
    }
    *ret_capture = c;
    return CD_OK;
}
