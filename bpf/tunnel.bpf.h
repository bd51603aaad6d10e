/*
 * What lies in a tunnel, and what a frame is that is no IP. All of it is cold: called once the checks for plain IP have
 * failed, or where a tunnel that is to be opened has been found.
 *
 * The packet that counts is the innermost one that can be decoded whole. Where a tunnel that has an outer IP flow cannot be
 * opened, that flow counts; where it has none (MPLS, PPPoE), the frame is undecoded, by its reason. Lengths stay those of
 * the whole frame, and the VLAN stays that of the outer Ethernet: both belong to the wire that was watched.
 */
#ifndef WEIR_TUNNEL_BPF_H
#define WEIR_TUNNEL_BPF_H

#include "parse.bpf.h"

/*
 * A line's PPPoE or MPLS, a GRE between sites, a VXLAN in it and a network of containers: more than that in one packet is
 * no plan. To the verifier each more is next to nothing, for each part below is checked once.
 */
#define WEIR_TUNNELS 4
#define WEIR_LABELS 8
#define WEIR_DEEPEST 0x3fff	/* bytes: an offset that verifiers accept, with all that may be added to it */
#define WEIR_GRE_ROUTING 0x4000
#define WEIR_GRE_VERSION 0x0007
#define WEIR_SMALLEST_TYPE 0x600	/* below it an ethertype is a length */

WEIR_INLINE int weir_is_neighbours_own(const u8 *destination)	/* 01:80:c2:00:00:0x, which no bridge passes on */
{
	return weir_load16(destination) == weir_htons(0x0180) && weir_load16(destination + 2) == weir_htons(0xc200) &&
	       destination[4] == 0 && destination[5] < 16;
}

/* The layer that an Ethernet header announces, or why it is not followed. */
WEIR_INLINE u32 weir_announced(u32 type, const u8 *destination, u32 tunnels)
{
	switch (type) {
	case WEIR_TYPE_IP4:
		return WEIR_LAYER_IP4;
	case WEIR_TYPE_IP6:
		return WEIR_LAYER_IP6;
	case WEIR_TYPE_MPLS:
	case WEIR_TYPE_MPLS_UPSTREAM:
		return weir_opens(tunnels, WEIR_DECAPSULATE_MPLS) ? WEIR_LAYER_MPLS : WEIR_MPLS;
	case WEIR_TYPE_PPPOE:
		return weir_opens(tunnels, WEIR_DECAPSULATE_PPPOE) ? WEIR_LAYER_PPPOE : WEIR_PPPOE;
	case WEIR_TYPE_PPPOE_DISCOVERY:
		return WEIR_PPPOE;
	case WEIR_TYPE_ARP:
	case WEIR_TYPE_RARP:
		return WEIR_ARP;
	case WEIR_TYPE_VLAN:
	case WEIR_TYPE_SERVICE_VLAN:
		return WEIR_VLAN_STACK;
	case WEIR_TYPE_LLDP:
	case WEIR_TYPE_8021X:
		return WEIR_LINK_CONTROL;
	}
	if (weir_is_neighbours_own(destination))
		return WEIR_LINK_CONTROL;
	return type < WEIR_SMALLEST_TYPE ? WEIR_LLC : WEIR_ETHERTYPE;
}

/* --- one header each: moves *at behind it; returns the next layer, or why there is none --- */

WEIR_INLINE u32 weir_ethernet(const struct weir_frame *f, void **at, u16 *vlan, u32 tunnels)
{
	void *header = *at;

	if (header + 14 > f->end)
		return WEIR_SHORT_L2;
	*at += 14;
	u32 type = weir_behind_tags(f, at, weir_load16(header + 12), vlan);
	return type == WEIR_TYPE_CUT ? (u32)WEIR_SHORT_L2 : weir_announced(weir_ntohs(type), header, tunnels);
}

WEIR_INLINE u32 weir_vxlan(const struct weir_frame *f, void **at)
{
	u8 *header = *at;

	if (*at + 8 > f->end)
		return WEIR_SHORT_L2;
	*at += 8;
	return *header & 0x08 ? WEIR_LAYER_LINK : WEIR_ETHERTYPE;	/* without the flag I it has no network, so is none */
}

/* RFC 2784 and 2890. Version 1 is PPTP's; source routes were abandoned, and Linux drops them. */
WEIR_INLINE u32 weir_gre(const struct weir_frame *f, void **at, u32 tunnels)
{
	if (*at + 4 > f->end)
		return WEIR_SHORT_L2;
	u32 flags = weir_ntohs(weir_load16(*at)), type = weir_ntohs(weir_load16(*at + 2));
	u32 size = 4 * ((flags >> 15 & 1) + (flags >> 13 & 1) + (flags >> 12 & 1));	/* checksum, key, sequence */

	if (flags & (WEIR_GRE_ROUTING | WEIR_GRE_VERSION))
		return WEIR_ETHERTYPE;
	WEIR_HIDE(size);	/* clang masks other bits than these first; the verifier of 6.1 then knows no bound */
	*at += 4 + (size & 12);
	switch (type) {
	case WEIR_TYPE_ETHERNET:
		return WEIR_LAYER_LINK;
	case WEIR_TYPE_IP4:
		return WEIR_LAYER_IP4;
	case WEIR_TYPE_IP6:
		return WEIR_LAYER_IP6;
	case WEIR_TYPE_MPLS:
	case WEIR_TYPE_MPLS_UPSTREAM:
		return weir_opens(tunnels, WEIR_DECAPSULATE_MPLS) ? WEIR_LAYER_MPLS : WEIR_MPLS;
	}
	return WEIR_ETHERTYPE;
}

/*
 * Nothing names what is under the labels but its first four bits, and those of an Ethernet pseudowire may be a card's
 * address: so its length must fit into the frame as well.
 */
WEIR_INLINE u32 weir_under_labels(const struct weir_frame *f, const struct weir_packet *p, void *ip)
{
	u32 room = p->wire_len - weir_offset(f, ip);

	if (ip + 8 > f->end)
		return WEIR_SHORT_L3;
	switch (*(u8 *)ip >> 4) {
	case 4:
		return weir_ntohs(weir_load16(ip + 2)) <= room ? WEIR_LAYER_IP4 : WEIR_MPLS;
	case 6:
		return 40u + weir_ntohs(weir_load16(ip + 4)) <= room ? WEIR_LAYER_IP6 : WEIR_MPLS;
	}
	return WEIR_MPLS;
}

WEIR_INLINE u32 weir_mpls(const struct weir_frame *f, const struct weir_packet *p, void **at)
{
	for (int i = 0; i < WEIR_LABELS; i++) {
		u8 *label = *at;
		if (*at + 4 > f->end)
			return WEIR_SHORT_L2;
		*at += 4;
		if (label[2] & 1)	/* bottom of the stack */
			return weir_under_labels(f, p, *at);
	}
	return WEIR_LABEL_STACK;
}

WEIR_INLINE u32 weir_pppoe(const struct weir_frame *f, void **at)
{
	if (*at + 8 > f->end)
		return WEIR_SHORT_L2;
	u32 version_code = weir_load16(*at), first = *(u8 *)(*at + 6);
	u32 is_short = first & 1;	/* protocol numbers are odd, so an odd first byte is all of it (RFC 1661, 6.5) */
	u32 protocol = is_short ? first : first << 8 | *(u8 *)(*at + 7);

	if (version_code != weir_htons(0x1100))
		return WEIR_PPPOE;
	*at += 8 - is_short;
	return protocol == 0x21 ? (u32)WEIR_LAYER_IP4 : protocol == 0x57 ? (u32)WEIR_LAYER_IP6 : (u32)WEIR_PPPOE;
}

/* --- the steps of weir_open(); where they begin and end stands in p->payload_off --- */

/* From a tunnel's header, or the frame's beginning, to the IP header in it: returns its layer, or why there is none. */
WEIR_INLINE int weir_link(const struct weir_frame *f, struct weir_packet *p, u32 layer, u32 tunnels)
{
	u32 off = p->payload_off;
	void *at = f->data + off;
	u16 vlan = p->vlan;

	if (off > WEIR_DEEPEST)
		return WEIR_SHORT_L2;
	if (layer == WEIR_LAYER_VXLAN)
		layer = weir_vxlan(f, &at);
	else if (layer == WEIR_LAYER_GRE)
		layer = weir_gre(f, &at, tunnels);
	if (layer == WEIR_LAYER_LINK)
		layer = weir_ethernet(f, &at, &vlan, tunnels);
	if (layer == WEIR_LAYER_MPLS)
		layer = weir_mpls(f, p, &at);
	else if (layer == WEIR_LAYER_PPPOE)
		layer = weir_pppoe(f, &at);
	if (off == 0)
		p->vlan = vlan;
	p->payload_off = weir_offset(f, at);
	return layer;
}

/* The IP packet at hand. Returns what weir_parse() does. */
WEIR_INLINE int weir_network(const struct weir_frame *f, struct weir_packet *p, u32 layer, u32 tunnels)
{
	u32 off = p->payload_off;
	void *ip = f->data + off;

	if (off > WEIR_DEEPEST)
		return WEIR_SHORT_L3;
	*p = (struct weir_packet){ .wire_len = p->wire_len, .vlan = p->vlan, .is_inner = 1 };
	return layer == WEIR_LAYER_IP4 ? weir_parse_ip4(f, p, ip, tunnels) : weir_parse_ip6(f, p, ip, tunnels);
}

WEIR_INLINE u32 weir_is_short(u32 reason) { return reason == WEIR_SHORT_L2 || reason == WEIR_SHORT_L3 || reason == WEIR_SHORT_L4; }

/* Nothing can be decoded any further: the flow that was found so far, or why there is none. */
WEIR_INLINE int weir_fall_back(struct weir_packet *p, const struct weir_packet *outer, u32 reason)
{
	*p = *outer;
	p->cut = weir_is_short(reason);
	if (outer->family)
		return WEIR_DECODED;
	return reason == WEIR_SHORT_L3 || reason == WEIR_SHORT_L4 || reason == WEIR_BAD_L3 ? (u32)WEIR_BAD_INNER : reason;
}

/*
 * weir_open_SUFFIX(where, packet, what weir_parse() found, tunnels to open) for each kind of context: BPF's global functions
 * take no pointer into a packet. Each step is one of its own, so that the verifier need not multiply their paths.
 */
#define WEIR_OPEN_FOR(suffix, context)								\
WEIR_GLOBAL int weir_link_##suffix(context *where, struct weir_packet *p, u32 layer, u32 tunnels)	\
{												\
	struct weir_frame f = WEIR_FRAME_IN(where);						\
												\
	return p ? weir_link(&f, p, layer, tunnels) : WEIR_SHORT_L2;				\
}												\
WEIR_GLOBAL int weir_network_##suffix(context *where, struct weir_packet *p, u32 layer, u32 tunnels) \
{												\
	struct weir_frame f = WEIR_FRAME_IN(where);						\
												\
	return p ? weir_network(&f, p, layer, tunnels) : WEIR_SHORT_L3;				\
}												\
WEIR_GLOBAL int weir_open_##suffix(context *where, struct weir_packet *p, u32 found, u32 tunnels)	\
{												\
	if (!p)											\
		return WEIR_SHORT_L2;								\
	for (int i = 0; i < WEIR_TUNNELS; i++) {						\
		struct weir_packet outer = *p;							\
		found = weir_link_##suffix(where, p, found, tunnels);				\
		if (found >= WEIR_LAYER_LINK)							\
			found = weir_network_##suffix(where, p, found, tunnels);			\
		if (found == WEIR_DECODED)							\
			return WEIR_DECODED;							\
		if (found < WEIR_LAYER_LINK)							\
			return weir_fall_back(p, &outer, found);				\
	}											\
	return WEIR_DECODED;	/* deeper than we follow: a flow, though of a tunnel */		\
}


#ifdef __bpf__
#define WEIR_FRAME_IN(where) { .data = (void *)(long)where->data, .end = (void *)(long)where->data_end }
WEIR_OPEN_FOR(xdp, struct xdp_md)
WEIR_OPEN_FOR(skb, struct __sk_buff)
#define weir_open(f, p, found, tunnels) weir_open_xdp(f->ctx, p, found, tunnels)
#else
#define WEIR_FRAME_IN(where) *where
WEIR_OPEN_FOR(native, const struct weir_frame)
#define weir_open(f, p, found, tunnels) weir_open_native(f, p, found, tunnels)
#endif

/* A frame at XDP, or in memory: *p must be zero on entry but for wire_len. Returns an enum weir_undecoded. */
WEIR_INLINE u32 weir_decode(const struct weir_frame *f, struct weir_packet *p)
{
	u32 found = weir_parse(f, p, WEIR_AS_CONFIGURED);

	return found < WEIR_LAYER_LINK ? found : (u32)weir_open(f, p, found, WEIR_AS_CONFIGURED);
}

#endif
