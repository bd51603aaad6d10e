/*
 * The bytes that kernel and daemon share. Read as BPF C, as host C and as C++; nothing describes them a second time.
 * Change a layout: bump WEIR_ABI_VERSION, the loader compares it with the object's.
 */
#ifndef WEIR_ABI_H
#define WEIR_ABI_H

#include <linux/types.h>

#define WEIR_ABI_VERSION 4

#define WEIR_WAYS 8		/* slots per set: at load 0.5 less than 1 % of packets find their set full */
#define WEIR_HOST_WAYS 4
#define WEIR_BATCH 16		/* power of two; 8 loses the overlap of cache misses; 32 gains 3 ns at 64k flows, for 214k verified instructions */
#define WEIR_SAMPLE_BYTES 128	/* power of two; 64 end in most requests before their User-Agent */
#define WEIR_SAMPLE_FIRST 3	/* payload packets of a flow and generation that are sampled before 1 in 2^k */
#define WEIR_SMALL_FRAME 74	/* bytes: a frame that carries next to nothing */
#define WEIR_INTERFACES 8	/* as many as an origin can tell apart */
#define WEIR_INTERFACE_PLACES 64

/* What each possible CPU has of its own where it has no share of the tables: sets (words of the filter). */
#define WEIR_SPILL_SETS4 8
#define WEIR_SPILL_SETS6 4
#define WEIR_SPILL_HOST_SETS 4
#define WEIR_SPILL_WORDS 16

/* Sets whose use one byte of weir_touched tells: a page of IPv4 slots. */
#define WEIR_GROUP_SETS 8

/* One unit of time is 1,024 ns: a shift instead of a division, and 32 bits last 73 minutes. */
#define WEIR_TIME_SHIFT 10

/*
 * A slot's tag holds all of the key that is no address, and the epoch that wrote it, so that one 64-bit compare
 * answers "same flow, this generation":
 *   0..15 source port, 16..31 destination port (network order; ICMP: type and code as destination), 32..39 protocol,
 *   40..55 origin, 56..63 epoch.
 * The drain zeroes the tags that it takes, so an epoch that comes round again meets no old record. Epoch 0 is never
 * used: fresh map memory is zero. The epoch's parity is the generation.
 */
#define WEIR_TAG_PROTO_SHIFT 32
#define WEIR_TAG_ORIGIN_SHIFT 40
#define WEIR_TAG_EPOCH_SHIFT 56
#define WEIR_EPOCH_MASK 0xffu

/* Origin: where a packet was seen. 0..11 innermost VLAN id outside of any tunnel, 12..14 interface slot, 15 direction (0 = arriving). */
#define WEIR_ORIGIN_VLAN_MASK 0xfffu
#define WEIR_ORIGIN_INTERFACE_SHIFT 12
#define WEIR_ORIGIN_LEAVING 0x8000u

enum weir_undecoded {		/* why a packet is in no flow; 0 = decoded */
	WEIR_DECODED,
	WEIR_SHORT_L2,		/* cut within a link header: Ethernet, VLAN tags, MPLS labels, PPPoE */
	WEIR_ETHERTYPE,		/* an ethertype that has no name here */
	WEIR_SHORT_L3,
	WEIR_BAD_L3,		/* wrong version, header length below 20, total length below header */
	WEIR_SHORT_L4,
	WEIR_EXT_CHAIN,		/* more IPv6 extension headers than we follow */
	WEIR_NO_STATE,		/* CPU number outside of what was sized at load: must stay 0 */
	WEIR_ARP,		/* and RARP */
	WEIR_LINK_CONTROL,	/* between neighbours, never forwarded: STP, LACP, LLDP, 802.1X, pause */
	WEIR_LLC,		/* other 802.3 frames, with a length where the ethertype would be: IS-IS, CDP */
	WEIR_VLAN_STACK,	/* more VLAN tags than we follow */
	WEIR_MPLS,		/* not asked for, or no IP under the labels */
	WEIR_LABEL_STACK,	/* more labels than we follow */
	WEIR_PPPOE,		/* not asked for, or no IP in it: discovery, LCP, authentication */
	WEIR_BAD_INNER,		/* IP in MPLS or PPPoE whose headers are cut or wrong */
	WEIR_UNDECODED_REASONS
};

/* Tunnels that are opened: what is in them is counted, not they. Bits of weir_config.decapsulate. */
enum weir_decapsulate {
	WEIR_DECAPSULATE_VXLAN = 1,
	WEIR_DECAPSULATE_GRE = 2,
	WEIR_DECAPSULATE_IPIP = 4,	/* IPv4 and IPv6 in either */
	WEIR_DECAPSULATE_MPLS = 8,
	WEIR_DECAPSULATE_PPPOE = 16,
	WEIR_DECAPSULATE_ALL = 31
};

/*
 * Events of a packet, one bit each, are counted in the byte of the same number. A counter stops at 255 and sets its bit
 * in WEIR_EVENT_SATURATED: more than that from one flow in one tick is a flood anyway.
 */
enum weir_event {
	WEIR_EVENT_FLAGS,	/* no event: byte 0 is the OR of all TCP flags */
	WEIR_EVENT_SYN,		/* SYN without ACK */
	WEIR_EVENT_SYNACK,
	WEIR_EVENT_RST,
	WEIR_EVENT_FIN,
	WEIR_EVENT_ODD,		/* none, FIN alone, FIN+PSH+URG, SYN+FIN, SYN+RST: no stack sends these */
	WEIR_EVENT_SMALL,	/* frame of at most WEIR_SMALL_FRAME bytes */
	WEIR_EVENT_SATURATED,
	WEIR_EVENTS
};

struct weir_counters {
	__u32 packets;
	__u32 first, last;	/* WEIR_TIME units since control.base_ns, modulo 2^32 */
	__u32 overhead_bytes;	/* bytes minus transport payload: headers and padding */
	__u64 bytes;		/* frame on the wire: Ethernet header in, FCS out */
	__u64 sum_sq_len;
	__u64 sum_sq_gap;	/* over the gaps between packets of this flow */
	__u8 events[WEIR_EVENTS];
};

struct weir_flow4 {
	__u64 addr;		/* source | destination << 32, network byte order each */
	__u64 tag;
	struct weir_counters c;
};

struct weir_flow6 {
	__u64 addr[4];		/* source, destination */
	__u64 tag;
	__u64 pad0;
	struct weir_counters c;
	__u64 pad1[4];
};

struct weir_set4 { struct weir_flow4 way[WEIR_WAYS]; };
struct weir_set6 { struct weir_flow6 way[WEIR_WAYS]; };

enum weir_role { WEIR_ROLE_SOURCE = 1, WEIR_ROLE_DESTINATION = 2 };

/* Packets whose flow found no slot, per address and role. */
struct weir_host {
	__u64 addr[2];		/* IPv4: in the low half of [0] */
	__u32 tag;		/* epoch << 16 | role << 8 | family (4 or 6) */
	__u32 packets;
	__u64 bytes;
	__u64 sum_sq_len;
	__u32 first, last;
	__u32 tcp, udp;
	__u32 icmp;
	__u16 syn, rst;		/* saturate */
};
struct weir_host_set { struct weir_host way[WEIR_HOST_WAYS]; };

/* What a packet leaves behind until its batch is accounted. 32 bytes suffice for IPv4; IPv6 addresses lie apart. */
struct weir_entry {
	__u64 addr;
	__u64 tag;
	__u32 slot;		/* set * WEIR_WAYS + first way to try */
	__u32 tick;		/* coarse clock on arrival, WEIR_TIME units */
	__u32 len;
	__u16 overhead;
	__u8 tcp_flags;
	__u8 marks;		/* bits of enum weir_event; WEIR_MARK_V6 */
};
#define WEIR_MARK_EVENTS 0x7e
#define WEIR_MARK_V6 0x80
struct weir_addr6 { __u64 src[2], dst[2]; };

/* What the parser makes of a frame. */
struct weir_packet {
	__u64 src[2], dst[2];	/* IPv4: in the low half of [0] */
	__u32 ports;		/* source | destination << 16, network order; ICMP: type and code as destination; else 0 */
	__u32 wire_len;
	__u16 payload_off, payload_len;
	__u16 vlan;		/* innermost VLAN id outside of any tunnel */
	__u8 proto, tcp_flags;
	__u8 family;		/* 4 or 6 */
	__u8 cut;		/* more would have been decoded, had more of the frame been in reach */
	__u8 is_inner;		/* lay in a tunnel */
	__u8 pad;
	__be16 fragment;	/* as IPv4's header has it */
	__u8 pad1[2];
};

/*
 * The part of the tables that a CPU may write in a generation: n sets (or words) from a first one. The daemon deals the
 * tables out anew while a generation is quiet, to the CPUs that see packets.
 */
struct weir_share {
	__u32 first4, sets4;
	__u32 first6, sets6;
	__u32 first_host, host_sets;
	__u32 first_word, words;
	__u32 ports;		/* which weir_ports; CPUs may share one */
	__u32 is_spill;		/* no share, only the little of its own */
};

/* One per generation and CPU ("region"). Only its CPU writes while its generation is live, only the daemon after. */
struct weir_state {
	__u32 pending;		/* entries waiting */
	__u32 tick;		/* coarse clock of the latest packet */
	__u32 last_stamp;	/* latest stamp given: stamps of a CPU never run backwards */
	__u32 credit;		/* sampling: time saved up */
	__u64 jiffies;		/* when tick was read */
	struct weir_share share;
	__u64 seen_packets, seen_bytes;
	__u32 payload_packets;
	__u32 sampled, sample_capped, sample_lost;	/* sent, refused by the cap, ring full */
	__u64 saturated;	/* packets with an event that a full counter could not take */

	__u64 overflow_packets, overflow_bytes;
	__u64 host_overflow;	/* host records that found no slot either */
	__u64 sink;		/* keeps the touching loads alive */
	__u64 pad1[8];
	struct weir_packet packet;	/* being parsed: here, not on the stack, its bounds are forgotten and the verifier's paths join */

	__u64 undecoded_packets[WEIR_UNDECODED_REASONS];
	__u64 undecoded_bytes[WEIR_UNDECODED_REASONS];

	__u32 merged_frames[WEIR_INTERFACES];	/* seen by XDP as one packet, though the wire carried several */
	__u64 answer_packets, answer_bytes;	/* left by an interface of control.answer_slots; in none of the sums above */
	__u64 answer_overflow;			/* of these: found no slot */
	__u64 pad2;

	struct weir_entry entry[WEIR_BATCH];
	struct weir_addr6 addr6[WEIR_BATCH];
	__u32 overflow_proto[256];	/* packets; 32 bits outlast any tick */
};

#define WEIR_PORTS 65536
#define WEIR_PORTS_UDP WEIR_PORTS	/* offset of the UDP half */
/* Overflow by destination port, host byte order. All other packets are in flow records, which hold their port. */
struct weir_ports { __u32 packets[2 * WEIR_PORTS]; };

/* Bytes, so that CPUs whose shares meet within a group may set one at once. */
struct weir_touched { __u8 group[64]; };

struct weir_sample {
	__u64 src[2], dst[2];
	__u64 tag;
	__u32 len, payload_len;
	__u32 tick;
	__u16 copied;		/* bytes in data; 0 if they could not be read */
	__u8 family;		/* 4 or 6 */
	__u8 pad;
	__u8 data[WEIR_SAMPLE_BYTES];
};

/* Fixed at load (.rodata): the verifier knows the values and drops dead branches. */
struct weir_config {
	__u32 cpus;		/* possible CPUs */
	__u32 sets4, sets6, host_sets;	/* of a generation, to be shared by all CPUs; each CPU's spill comes on top */
	__u32 filter_words;	/* 64-bit words of the first-packets filter, likewise */
	__u32 port_histograms;	/* of a generation */
	__u32 sample;		/* 0 = never */
	__u32 sample_mask;	/* after the first of a flow: 1 packet in mask + 1 */
	__u32 sample_cost;	/* WEIR_TIME units one sample costs: 1 s / rate */
	__u32 sample_burst;	/* credit is capped here */
	__u32 test_clock;	/* read control.test_now_ns instead of the clocks */
	__u32 decapsulate;	/* enum weir_decapsulate */
	__u64 key[7];		/* of the hash: random at each load */
};

/* Live knobs (.data.control, mapped by the daemon). Read by every packet, written once a tick: a shared clean line. */
struct weir_control {
	__u32 epoch;
	__u32 interface_rule;	/* see weir_interface_of(): all of it changes in one store */
	__u64 base_ns;		/* CLOCK_MONOTONIC at which stamps begin */
	__u64 quiet_epoch;	/* the daemon's: before the latest flip, drained unless a daemon died; 0: none yet */
	__u64 test_now_ns;	/* precise */
	__u64 test_coarse_ns;
	__u32 mirror;		/* one bit a slot: drop after counting (a SPAN port's copies); written at any time */
	__u32 answer_slots;	/* one bit a slot: what leaves there is for matching only */
	__u64 pad[2];
	__u32 frame_limit[WEIR_INTERFACES];	/* bytes, by slot: a longer frame was merged after it arrived */
	__u8 interface_slot[2 * WEIR_INTERFACE_PLACES];	/* two tables; WEIR_INTERFACES = not listed */
	__u64 pad1[4];
};

#ifdef __cplusplus
#define WEIR_ASSERT_SIZE(type, size) static_assert(sizeof(type) == (size), #type)
#else
#define WEIR_ASSERT_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)
#endif
WEIR_ASSERT_SIZE(struct weir_counters, 48);
WEIR_ASSERT_SIZE(struct weir_flow4, 64);
WEIR_ASSERT_SIZE(struct weir_flow6, 128);
WEIR_ASSERT_SIZE(struct weir_host, 64);
WEIR_ASSERT_SIZE(struct weir_entry, 32);
WEIR_ASSERT_SIZE(struct weir_packet, 56);
WEIR_ASSERT_SIZE(struct weir_state, 192 + 64 + 256 + 64 + 512 + 512 + 1024);
WEIR_ASSERT_SIZE(struct weir_sample, 184);
WEIR_ASSERT_SIZE(struct weir_config, 104);
WEIR_ASSERT_SIZE(struct weir_control, 256);

#endif
