/* From a frame to a flow key. Ethernet, up to two VLAN tags, IPv4 with options, IPv6 with extension headers, fragments. */
#ifndef WEIR_PARSE_BPF_H
#define WEIR_PARSE_BPF_H

#include "platform.bpf.h"

#define WEIR_VLAN_TAGS 2
#define WEIR_EXT_HEADERS 4
#define WEIR_MAX_FRAME 0xffff

enum { WEIR_TCP_FIN = 0x01, WEIR_TCP_SYN = 0x02, WEIR_TCP_RST = 0x04, WEIR_TCP_PSH = 0x08, WEIR_TCP_ACK = 0x10, WEIR_TCP_URG = 0x20 };
enum {
	WEIR_IP_ICMP = 1, WEIR_IP_TCP = 6, WEIR_IP_UDP = 17, WEIR_IP_ROUTING = 43, WEIR_IP_FRAGMENT = 44, WEIR_IP_AH = 51,
	WEIR_IP_ICMP6 = 58, WEIR_IP_DSTOPTS = 60, WEIR_IP_SCTP = 132, WEIR_IP_UDPLITE = 136,
};

WEIR_INLINE u64 weir_load64(const void *at) { return weir_load32(at) | (u64)weir_load32(at + 4) << 32; }

WEIR_INLINE int weir_is_extension(u8 proto)
{
	return proto == 0 || proto == WEIR_IP_ROUTING || proto == WEIR_IP_FRAGMENT || proto == WEIR_IP_AH ||
	       proto == WEIR_IP_DSTOPTS;
}

/* l4 points at the transport header, l4_len is what the IP header says follows. */
WEIR_INLINE int weir_parse_l4(const struct weir_frame *f, struct weir_packet *p, void *l4, u32 l4_len)
{
	u32 header = 0, off, room;
	u64 distance = (char *)l4 - (char *)f->data;

	WEIR_HIDE(distance);	/* else clang may subtract in 32 bits, which verifiers refuse for pointers */
	off = distance;

	switch (p->later_fragment ? 0 : p->proto) {	/* a later fragment has no transport header: ports 0, all payload */
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
	return WEIR_DECODED;
}

WEIR_INLINE int weir_parse_ip4(const struct weir_frame *f, struct weir_packet *p, void *ip)
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
	p->later_fragment = (weir_load16(ip + 6) & weir_htons(0x1fff)) != 0;
	return weir_parse_l4(f, p, ip + header, total - header);
}

WEIR_INLINE int weir_parse_ip6(const struct weir_frame *f, struct weir_packet *p, void *ip)
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

	for (int i = 0; i < WEIR_EXT_HEADERS && weir_is_extension(proto); i++) {
		if (at + 8 > f->end)
			return WEIR_SHORT_L3;
		u8 next = *(u8 *)at;
		u32 size = (*(u8 *)(at + 1) + 1u) * 8;
		if (proto == WEIR_IP_FRAGMENT) {
			size = 8;
			p->later_fragment = (weir_load16(at + 2) & weir_htons(0xfff8)) != 0;
		} else if (proto == WEIR_IP_AH) {
			size = (*(u8 *)(at + 1) + 2u) * 4;
		}
		if (size > left)
			return WEIR_BAD_L3;
		left -= size;
		at += size;
		proto = next;
		if (p->later_fragment)	/* what follows is the middle of a payload */
			break;
	}
	if (!p->later_fragment && weir_is_extension(proto))
		return WEIR_EXT_CHAIN;
	p->proto = proto;
	return weir_parse_l4(f, p, at, left);
}

/* *p must be zero on entry but for wire_len. Returns an enum weir_undecoded. */
WEIR_INLINE int weir_parse(const struct weir_frame *f, struct weir_packet *p)
{
	if (f->data + 14 > f->end)
		return WEIR_SHORT_L2;
	u16 type = weir_load16(f->data + 12);
	void *at = f->data + 14;

	for (int i = 0; i < WEIR_VLAN_TAGS; i++) {
		if (type != weir_htons(0x8100) && type != weir_htons(0x88a8))
			break;
		if (at + 4 > f->end)
			return WEIR_SHORT_L2;
		p->vlan = weir_ntohs(weir_load16(at)) & WEIR_ORIGIN_VLAN_MASK;
		type = weir_load16(at + 2);
		at += 4;
	}
	if (type == weir_htons(0x0800))
		return weir_parse_ip4(f, p, at);
	if (type == weir_htons(0x86dd))
		return weir_parse_ip6(f, p, at);
	return WEIR_NOT_IP;
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
	if (p->proto != WEIR_IP_TCP || p->later_fragment || (flags & ~WEIR_TCP_PSH) == WEIR_TCP_ACK)
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
