/*
 * Entry points at tc: what leaves an interface, and what arrives where XDP cannot attach. They write to the same tables as
 * XDP; all of them run with softirqs off, so none interrupts another on its CPU. TC_ACT_UNSPEC leaves the verdict to
 * whoever comes next.
 *
 * The stack merges packets: one frame here is what the wire carries as many (TSO, GSO, GRO). Each counts as what it is on
 * the wire.
 */
#ifndef WEIR_TRAFFIC_CONTROL_BPF_H
#define WEIR_TRAFFIC_CONTROL_BPF_H

#include <linux/pkt_cls.h>

#define WEIR_VLAN_BYTES 4
#define WEIR_PULL_BYTES 512	/* covers any chain of headers that the parser follows, but for the longest extensions */
#define WEIR_TCP_CWR 0x80
#define WEIR_SIZES_VARY 0xffff	/* GSO_BY_FRAGS of the kernel: SCTP's segments have sizes of their own */
#define WEIR_DIRECTION_LEAVING (WEIR_ORIGIN_LEAVING >> WEIR_ORIGIN_INTERFACE_SHIFT)

/*
 * A frame as it is on the wire: `count` packets of header + size bytes, but the last, which has the rest. Small: with it on
 * the stack, verifiers before 6.10 (which round each function's part up to 32 bytes) just let the programs through.
 */
struct weir_merged {
	struct __sk_buff *skb;
	struct weir_state *st;
	u32 epoch, region;
	u32 len;		/* of the frame in memory */
	u32 count, header, size;
	u8 interface, unsampled;	/* see struct weir_frame */
	u8 tag_bytes;		/* of a VLAN tag that stands beside the frame until the device puts it in */
	u8 tcp_flags;
};

WEIR_GLOBAL int weir_parse_skb(struct __sk_buff *skb, struct weir_packet *p)
{
	struct weir_frame f = { .data = (void *)(long)skb->data, .end = (void *)(long)skb->data_end };

	if (!p)
		return WEIR_SHORT_L2;
	*p = (struct weir_packet){ .wire_len = skb->len };
	if (skb->vlan_present)	/* outermost: a tag inside of the frame takes its place in the parser */
		p->vlan = skb->vlan_tci & WEIR_ORIGIN_VLAN_MASK;
	u32 found = weir_parse(&f, p, WEIR_AS_CONFIGURED);
	return found < WEIR_LAYER_LINK ? (int)found : weir_open_skb(skb, p, found, WEIR_AS_CONFIGURED);
}

/* Returns 0 if all headers can be read now. It may copy, so it is asked only where some are missing: mostly none are. */
WEIR_INLINE int weir_pull_headers(struct __sk_buff *skb)
{
	u32 len = skb->len;

	return bpf_skb_pull_data(skb, len < WEIR_PULL_BYTES ? len : WEIR_PULL_BYTES);
}

WEIR_INLINE u32 weir_decode_skb(struct __sk_buff *skb, struct weir_packet *p)
{
	u32 reason = weir_parse_skb(skb, p);

	if ((!weir_is_short(reason) && !p->cut) || weir_pull_headers(skb))
		return reason;
	return weir_parse_skb(skb, p);
}

/*
 * Of a tunnel that is not to be opened: the headers in it, with its own. 0 if it is none, or nobody can tell. Global for its
 * stack: the programs have no more.
 */
WEIR_GLOBAL int weir_tunnel_header(struct __sk_buff *skb, struct weir_packet *p)
{
	u32 tunnel = p ? weir_tunnel_of(p, WEIR_DECAPSULATE_ALL) : WEIR_DECODED, header = 0;

	if (!tunnel)
		return 0;
	weir_open_skb(skb, p, tunnel, WEIR_DECAPSULATE_ALL);
	if (p->cut && !weir_pull_headers(skb)) {
		weir_parse_skb(skb, p);
		weir_open_skb(skb, p, tunnel, WEIR_DECAPSULATE_ALL);
	}
	if (p->proto == WEIR_IP_TCP || (p->proto == WEIR_IP_UDP && p->is_inner && !weir_tunnel_of(p, WEIR_DECAPSULATE_ALL)))
		header = p->payload_off;
	weir_parse_skb(skb, p);		/* as it was */
	return header;
}

/*
 * What each segment of a merged frame repeats. TCP's segments have all headers up to the payload, whatever is around them;
 * others may have fewer (fragments), which wire_len tells where the stack sends (qdisc_pkt_len_init()). Of tunnels it tells
 * the outer headers only, before 6.10 or so; where the stack receives nobody has asked yet.
 */
WEIR_INLINE u32 weir_segment_header(struct __sk_buff *skb, struct weir_packet *p, u32 len)
{
	u32 segments = skb->gso_segs, inner;

	if (p->proto == WEIR_IP_TCP || p->is_inner)
		return p->payload_off;
	inner = weir_tunnel_header(skb, p);
	if (inner)
		return inner;
	return segments > 1 && skb->wire_len > len ? (skb->wire_len - len) / (segments - 1) : p->payload_off;
}

/* gso_segs is 0 in frames of virtual machines, so the number follows from the sizes, as in the segmentation itself. */
WEIR_INLINE void weir_unmerge(struct __sk_buff *skb, struct weir_merged *m)
{
	u32 segments = skb->gso_segs, size = skb->gso_size;

	m->count = 1;
	m->header = m->size = 0;
	if (!size)
		return;
	u32 header = weir_segment_header(skb, &m->st->packet, m->len);
	if (header >= m->len)
		return;
	u32 payload = m->len - header;
	if (size == WEIR_SIZES_VARY)
		size = segments > 1 ? (payload + segments - 1) / segments : payload;
	m->count = (payload + size - 1) / size;
	m->header = header;
	m->size = size;
}

/* Flags as tcp_gso_segment() leaves them: FIN and PSH with the last one, CWR with the first. */
WEIR_INLINE u8 weir_segment_flags(u8 flags, u32 is_first, u32 is_last)
{
	if (!is_last)
		flags &= ~(WEIR_TCP_FIN | WEIR_TCP_PSH);
	return is_first ? flags : flags & ~WEIR_TCP_CWR;
}

/*
 * Payload is sampled once a frame: what follows the first segment's is the same stream's next bytes. Not inlined: it stands
 * for the loop's body and for frames of one packet alike.
 */
static __attribute__((noinline)) long weir_count_segment(u32 i, struct weir_merged *m)
{
	struct weir_packet *p = &m->st->packet;
	u32 is_last = i + 1 >= m->count, overhead = p->payload_off + m->tag_bytes;
	struct weir_frame f = { .ctx = m->skb, .interface = m->interface, .is_skb = 1, .unsampled = m->unsampled | i };

	p->wire_len = (is_last ? m->len - m->size * i : m->header + m->size) + m->tag_bytes;
	if (m->count > 1) {	/* else there may be padding, which the parser has left out */
		p->payload_len = p->wire_len > overhead ? p->wire_len - overhead : 0;
		p->tcp_flags = weir_segment_flags(m->tcp_flags, i == 0, is_last);
	}
	weir_accept(m->st, &f, p, m->epoch, m->region);
	return 0;
}

/* Counted with the totals, or apart if it is for matching only. */
WEIR_INLINE void weir_see(struct weir_state *st, u32 is_answer, u32 packets, u32 bytes)
{
	if (is_answer) {
		st->answer_packets += packets;
		st->answer_bytes += bytes;
	} else {
		st->seen_packets += packets;
		st->seen_bytes += bytes;
	}
}

/* Segments of a frame that has no flow; without its headers only the stack's own word tells how many there are. */
WEIR_INLINE void weir_see_undecoded(struct __sk_buff *skb, const struct weir_merged *m, u32 is_answer, u32 reason)
{
	u32 packets = skb->gso_segs > 1 ? skb->gso_segs : 1;
	u32 bytes = (skb->wire_len > m->len ? skb->wire_len : m->len) + packets * m->tag_bytes;

	if (is_answer)		/* answers nobody */
		return;
	weir_see(m->st, 0, packets, bytes);
	reason &= WEIR_UNDECODED_REASONS - 1;
	m->st->undecoded_packets[reason] += packets;
	m->st->undecoded_bytes[reason] += bytes;
}

WEIR_INLINE int weir_count_skb(struct __sk_buff *skb, u32 direction)
{
	struct weir_here here = weir_here();
	u32 slot = weir_interface_of(skb->ifindex) & (WEIR_INTERFACES - 1);
	u32 is_answer = weir_is_answer((slot | direction) << WEIR_ORIGIN_INTERFACE_SHIFT);
	struct weir_merged m = {
		.skb = skb, .interface = slot | direction, .unsampled = is_answer, .epoch = here.epoch, .region = here.region,
		.len = skb->len, .tag_bytes = skb->vlan_present ? WEIR_VLAN_BYTES : 0,
	};

	m.st = weir_lookup(states, &here.region);
	if (!m.st)
		return TC_ACT_UNSPEC;
	u32 reason = here.is_foreign ? WEIR_NO_STATE : weir_decode_skb(skb, &m.st->packet);
	if (reason) {
		weir_see_undecoded(skb, &m, is_answer, reason);
		return TC_ACT_UNSPEC;
	}
	weir_unmerge(skb, &m);
	m.tcp_flags = m.st->packet.tcp_flags;
	weir_see(m.st, is_answer, m.count, m.len + (m.count - 1) * m.header + m.count * m.tag_bytes);
	if (m.count > 1)
		bpf_loop(m.count, weir_count_segment, &m, 0);
	else
		weir_count_segment(0, &m);
	return TC_ACT_UNSPEC;
}

SEC("tc") int weir_egress(struct __sk_buff *skb)
{
	return weir_count_skb(skb, WEIR_DIRECTION_LEAVING);
}

SEC("tc") int weir_ingress(struct __sk_buff *skb)
{
	return weir_count_skb(skb, 0);
}

#endif
