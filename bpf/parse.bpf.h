/*
 * From a frame to a flow key. Ethernet, up to two VLAN tags, IPv4 with options, IPv6 with extension headers, fragments.
 * Whatever else there is, is only found here: tunnel.bpf.h knows what to make of it. Needs from the includer: weir_config.
 */
#ifndef WEIR_PARSE_BPF_H
#define WEIR_PARSE_BPF_H

#include "platform.bpf.h"

#define WEIR_VLAN_TAGS 2
#define WEIR_EXT_HEADERS 4
#define WEIR_MAX_FRAME 0xffff

enum { WEIR_TCP_FIN = 0x01, WEIR_TCP_SYN = 0x02, WEIR_TCP_RST = 0x04, WEIR_TCP_PSH = 0x08, WEIR_TCP_ACK = 0x10, WEIR_TCP_URG = 0x20 };
enum {
	WEIR_IP_ICMP = 1, WEIR_IP_IP4 = 4, WEIR_IP_TCP = 6, WEIR_IP_UDP = 17, WEIR_IP_IP6 = 41, WEIR_IP_ROUTING = 43,
	WEIR_IP_FRAGMENT = 44, WEIR_IP_GRE = 47, WEIR_IP_AH = 51, WEIR_IP_ICMP6 = 58, WEIR_IP_DSTOPTS = 60, WEIR_IP_SCTP = 132,
	WEIR_IP_UDPLITE = 136,
};
enum {		/* ethertypes; GRE's are the same */
	WEIR_TYPE_IP4 = 0x0800, WEIR_TYPE_ARP = 0x0806, WEIR_TYPE_ETHERNET = 0x6558, WEIR_TYPE_RARP = 0x8035,
	WEIR_TYPE_VLAN = 0x8100, WEIR_TYPE_IP6 = 0x86dd, WEIR_TYPE_MPLS = 0x8847, WEIR_TYPE_MPLS_UPSTREAM = 0x8848,
	WEIR_TYPE_PPPOE_DISCOVERY = 0x8863, WEIR_TYPE_PPPOE = 0x8864, WEIR_TYPE_8021X = 0x888e, WEIR_TYPE_SERVICE_VLAN = 0x88a8,
	WEIR_TYPE_LLDP = 0x88cc,
};
#define WEIR_TYPE_CUT 0x10000	/* no ethertype: the frame ends before it */
#define WEIR_VXLAN_PORT 4789
#define WEIR_FRAGMENT_MORE 0x2000	/* bits of IPv4's field */
#define WEIR_FRAGMENT_OFFSET 0x1fff

/* Beyond enum weir_undecoded: what comes next in a frame whose flow is not found yet. It begins at p->payload_off. */
enum weir_layer {
	WEIR_LAYER_LINK = WEIR_UNDECODED_REASONS,	/* Ethernet */
	WEIR_LAYER_IP4, WEIR_LAYER_IP6, WEIR_LAYER_MPLS, WEIR_LAYER_PPPOE, WEIR_LAYER_GRE, WEIR_LAYER_VXLAN,
};

WEIR_INLINE u64 weir_load64(const void *at) { return weir_load32(at) | (u64)weir_load32(at + 4) << 32; }

WEIR_INLINE int weir_is_extension(u8 proto)
{
	return proto == 0 || proto == WEIR_IP_ROUTING || proto == WEIR_IP_FRAGMENT || proto == WEIR_IP_AH ||
	       proto == WEIR_IP_DSTOPTS;
}

WEIR_INLINE u32 weir_offset(const struct weir_frame *f, void *at)
{
	u64 distance = (char *)at - (char *)f->data;

	WEIR_HIDE(distance);	/* else clang may subtract in 32 bits, which verifiers refuse for pointers */
	return distance;
}

/* Of a fragmented packet, and not its first: what follows the IP header is the middle of a payload. */
WEIR_INLINE u32 weir_is_later_fragment(const struct weir_packet *p) { return p->fragment & weir_htons(WEIR_FRAGMENT_OFFSET); }

/* A set of tunnels: WEIR_AS_CONFIGURED is asked late, and is constant: verifiers leave out what is switched off. */
#define WEIR_AS_CONFIGURED 0x80000000u
WEIR_INLINE u32 weir_opens(u32 tunnels, u32 kinds)
{
	return (tunnels == WEIR_AS_CONFIGURED ? weir_config.decapsulate : tunnels) & kinds;
}

/* The tunnel that this IP packet is and that is to be opened; WEIR_DECODED if there is none. */
WEIR_INLINE int weir_tunnel_of(const struct weir_packet *p, u32 tunnels)
{
	if (!weir_opens(tunnels, WEIR_DECAPSULATE_VXLAN | WEIR_DECAPSULATE_GRE | WEIR_DECAPSULATE_IPIP))
		return WEIR_DECODED;
	if (p->fragment & weir_htons(WEIR_FRAGMENT_MORE | WEIR_FRAGMENT_OFFSET))
		return WEIR_DECODED;
	switch (p->proto) {
	case WEIR_IP_UDP:
		if (p->ports >> 16 != weir_htons(WEIR_VXLAN_PORT))
			return WEIR_DECODED;
		return weir_opens(tunnels, WEIR_DECAPSULATE_VXLAN) ? (int)WEIR_LAYER_VXLAN : (int)WEIR_DECODED;
	case WEIR_IP_GRE:
		return weir_opens(tunnels, WEIR_DECAPSULATE_GRE) ? (int)WEIR_LAYER_GRE : (int)WEIR_DECODED;
	case WEIR_IP_IP4:
		return weir_opens(tunnels, WEIR_DECAPSULATE_IPIP) ? (int)WEIR_LAYER_IP4 : (int)WEIR_DECODED;
	case WEIR_IP_IP6:
		return weir_opens(tunnels, WEIR_DECAPSULATE_IPIP) ? (int)WEIR_LAYER_IP6 : (int)WEIR_DECODED;
	}
	return WEIR_DECODED;
}

/*
 * l4 points at the transport header, l4_len is what the IP header says follows. No fragment can be opened, not even the
 * first: the others of its packet have no inner headers, and all count in one flow.
 */
WEIR_INLINE int weir_parse_l4(const struct weir_frame *f, struct weir_packet *p, void *l4, u32 l4_len, u32 tunnels)
{
	u32 header = 0, off = weir_offset(f, l4), room;

	switch (weir_is_later_fragment(p) ? 0 : p->proto) {	/* a later fragment has no transport header: ports 0, all payload */
	case WEIR_IP_TCP:
		if (l4 + 20 > f->end)
			return WEIR_SHORT_L4;
		p->ports = weir_load32(l4);
		p->tcp_flags = *(u8 *)(l4 + 13);
		header = (*(u8 *)(l4 + 12) >> 4) * 4;
		break;
	case WEIR_IP_SCTP:
	case WEIR_IP_UDP:
	case WEIR_IP_UDPLITE:
		if (l4 + 8 > f->end)
			return WEIR_SHORT_L4;
		p->ports = weir_load32(l4);
		header = 8;
		break;
	case WEIR_IP_ICMP:
	case WEIR_IP_ICMP6:
		if (l4 + 4 > f->end)
			return WEIR_SHORT_L4;
		p->ports = (u32)weir_load16(l4) << 16;
		header = 8;
		break;
	}
	l4_len = l4_len > header ? l4_len - header : 0;
	off += header;
	room = p->wire_len > off ? p->wire_len - off : 0;	/* a length field may promise more than the frame holds */
	p->payload_len = l4_len < room ? l4_len : room;
	p->payload_off = off;
	return weir_tunnel_of(p, tunnels);
}

WEIR_INLINE int weir_parse_ip4(const struct weir_frame *f, struct weir_packet *p, void *ip, u32 tunnels)
{
	if (ip + 20 > f->end)
		return WEIR_SHORT_L3;
	u8 version_ihl = *(u8 *)ip;
	u32 header = (version_ihl & 15) * 4, total = weir_ntohs(weir_load16(ip + 2));
	if (total == 0)		/* a frame merged by the sender's segmentation offload: as long as it is */
		total = header + WEIR_MAX_FRAME;
	if (version_ihl >> 4 != 4 || header < 20 || total < header)
		return WEIR_BAD_L3;
	p->family = 4;
	p->proto = *(u8 *)(ip + 9);
	p->src[0] = weir_load32(ip + 12);
	p->dst[0] = weir_load32(ip + 16);
	p->fragment = weir_load16(ip + 6);
	return weir_parse_l4(f, p, ip + header, total - header, tunnels);
}

/* A fragment header's field as IPv4 would write it. */
WEIR_INLINE u16 weir_fragment6(u16 field)
{
	u16 host = weir_ntohs(field);

	return weir_htons(host >> 3 | (host & 1) << 13);
}

WEIR_INLINE int weir_parse_ip6(const struct weir_frame *f, struct weir_packet *p, void *ip, u32 tunnels)
{
	if (ip + 40 > f->end)
		return WEIR_SHORT_L3;
	if (*(u8 *)ip >> 4 != 6)
		return WEIR_BAD_L3;
	p->family = 6;
	p->src[0] = weir_load64(ip + 8);
	p->src[1] = weir_load64(ip + 16);
	p->dst[0] = weir_load64(ip + 24);
	p->dst[1] = weir_load64(ip + 32);
	u8 proto = *(u8 *)(ip + 6);
	u32 left = weir_ntohs(weir_load16(ip + 4));
	void *at = ip + 40;

	for (int i = 0; weir_is_extension(proto); i++) {
		if (i == WEIR_EXT_HEADERS)
			return WEIR_EXT_CHAIN;
		if (at + 8 > f->end)
			return WEIR_SHORT_L3;
		u8 next = *(u8 *)at;
		u32 size = (*(u8 *)(at + 1) + 1u) * 8;
		if (proto == WEIR_IP_FRAGMENT) {
			size = 8;
			p->fragment |= weir_fragment6(weir_load16(at + 2));
		} else if (proto == WEIR_IP_AH) {
			size = (*(u8 *)(at + 1) + 2u) * 4;
		}
		if (size > left)
			return WEIR_BAD_L3;
		left -= size;
		at += size;
		proto = next;
		if (weir_is_later_fragment(p))
			break;
	}
	p->proto = proto;
	return weir_parse_l4(f, p, at, left, tunnels);
}

/* The ethertype behind the VLAN tags, in network order, or WEIR_TYPE_CUT. Moves *at behind the tags. */
WEIR_INLINE u32 weir_behind_tags(const struct weir_frame *f, void **at, u16 type, u16 *vlan)
{
	for (int i = 0; i < WEIR_VLAN_TAGS; i++) {
		if (type != weir_htons(WEIR_TYPE_VLAN) && type != weir_htons(WEIR_TYPE_SERVICE_VLAN))
			break;
		if (*at + 4 > f->end)
			return WEIR_TYPE_CUT;
		*vlan = weir_ntohs(weir_load16(*at)) & WEIR_ORIGIN_VLAN_MASK;
		type = weir_load16(*at + 2);
		*at += 4;
	}
	return type;
}

/*
 * *p must be zero on entry but for wire_len. Returns an enum weir_undecoded, or as an enum weir_layer what is to be opened:
 * with WEIR_LAYER_LINK all of the frame.
 */
WEIR_INLINE int weir_parse(const struct weir_frame *f, struct weir_packet *p, u32 tunnels)
{
	if (f->data + 14 > f->end)
		return WEIR_SHORT_L2;
	u32 type = weir_load16(f->data + 12);
	void *at = f->data + 14;

	if (type != weir_htons(WEIR_TYPE_IP4) && type != weir_htons(WEIR_TYPE_IP6))
		type = weir_behind_tags(f, &at, type, &p->vlan);
	if (type == weir_htons(WEIR_TYPE_IP4))
		return weir_parse_ip4(f, p, at, tunnels);
	if (type == weir_htons(WEIR_TYPE_IP6))
		return weir_parse_ip6(f, p, at, tunnels);
	return type == WEIR_TYPE_CUT ? (int)WEIR_SHORT_L2 : (int)WEIR_LAYER_LINK;
}

WEIR_INLINE int weir_is_odd(u8 flags)
{
	flags &= 0x3f;
	return flags == 0 || flags == WEIR_TCP_FIN || (flags & (WEIR_TCP_FIN | WEIR_TCP_SYN)) == (WEIR_TCP_FIN | WEIR_TCP_SYN) ||
	       (flags & (WEIR_TCP_SYN | WEIR_TCP_RST)) == (WEIR_TCP_SYN | WEIR_TCP_RST) ||
	       (flags & (WEIR_TCP_FIN | WEIR_TCP_PSH | WEIR_TCP_URG)) == (WEIR_TCP_FIN | WEIR_TCP_PSH | WEIR_TCP_URG);
}

/* Which events this packet is; see enum weir_event. */
WEIR_INLINE u8 weir_marks(const struct weir_packet *p)
{
	u8 marks = p->family == 6 ? WEIR_MARK_V6 : 0, flags = p->tcp_flags;

	if (p->wire_len <= WEIR_SMALL_FRAME)
		marks |= 1 << WEIR_EVENT_SMALL;
	if (p->proto != WEIR_IP_TCP || weir_is_later_fragment(p) || (flags & ~WEIR_TCP_PSH) == WEIR_TCP_ACK)
		return marks;	/* nearly always */
	if (flags & WEIR_TCP_SYN)
		marks |= 1 << (flags & WEIR_TCP_ACK ? WEIR_EVENT_SYNACK : WEIR_EVENT_SYN);
	if (flags & WEIR_TCP_RST)
		marks |= 1 << WEIR_EVENT_RST;
	if (flags & WEIR_TCP_FIN)
		marks |= 1 << WEIR_EVENT_FIN;
	if (weir_is_odd(flags))
		marks |= 1 << WEIR_EVENT_ODD;
	return marks;
}

#endif
