/*
 * One packet into the tables: hash, flow slots, histograms, overflow. Each function updates one region, that is the
 * memory of one CPU and generation. Needs from the includer: maps flows4, flows6, touched4, touched6, hosts, states, ports;
 * weir_config.
 */
#ifndef WEIR_ACCOUNT_BPF_H
#define WEIR_ACCOUNT_BPF_H

#include "parse.bpf.h"

/* --- hash: NH, a keyed universal family (RFC 4418, UMAC); its products do not wait for each other --- */

WEIR_INLINE u64 weir_nh(u32 a, u32 b, u64 key)
{
	return (u64)(u32)(a + (u32)key) * (u32)(b + (u32)(key >> 32));
}

WEIR_INLINE u64 weir_finish(u64 h)
{
	h ^= h >> 32;
	h *= 0xD6E8FEB86659FD93ULL;
	return h ^ h >> 29;
}

WEIR_INLINE u64 weir_hash(const struct weir_packet *p, u32 origin)
{
	u32 rest = p->proto | origin << 8;

	if (p->family == 4)
		return weir_finish(weir_nh(p->src[0], p->dst[0], weir_config.key[0]) + weir_nh(p->ports, rest, weir_config.key[1]));
	return weir_finish(weir_nh(p->src[0], p->src[0] >> 32, weir_config.key[0]) +
			   weir_nh(p->src[1], p->src[1] >> 32, weir_config.key[1]) +
			   weir_nh(p->dst[0], p->dst[0] >> 32, weir_config.key[2]) +
			   weir_nh(p->dst[1], p->dst[1] >> 32, weir_config.key[3]) + weir_nh(p->ports, rest, weir_config.key[4]));
}

WEIR_INLINE u64 weir_hash_host(u64 a, u64 b)
{
	return weir_finish(weir_nh(a, a >> 32, weir_config.key[5]) + weir_nh(b, b >> 32, weir_config.key[6]));
}

/* One of n things from first on, by 32 bits of a hash: n need not be a power of two. */
WEIR_INLINE u32 weir_pick(u32 hash, u32 first, u32 n) { return first + ((u64)hash * n >> 32); }

/* --- one record --- */

WEIR_INLINE u8 weir_tag_proto(u64 tag) { return tag >> WEIR_TAG_PROTO_SHIFT; }

#define WEIR_EACH_BYTE 0x0101010101010101ULL

/* Bit k of marks becomes 1 in byte k. */
WEIR_INLINE u64 weir_spread(u8 marks)
{
	u64 bits = (marks & WEIR_MARK_EVENTS) * WEIR_EACH_BYTE & 0x8040201008040201ULL;

	return (bits + 0x7f * WEIR_EACH_BYTE) >> 7 & WEIR_EACH_BYTE;
}

/* Adds one to the counter of each event, all at once; counters at 255 stay there. */
WEIR_INLINE void weir_count_events(struct weir_state *st, struct weir_counters *c, const struct weir_entry *e)
{
	u64 *events = (u64 *)c->events, now = *events, add = weir_spread(e->marks);
	u64 full = (((now & 0x7f * WEIR_EACH_BYTE) + WEIR_EACH_BYTE) & now) >> 7 & add;

	st->saturated += (full | -full) >> 63;
	/* The product gathers bit 0 of byte k into bit k of the top byte. */
	*events = (now + (add & ~full)) | (full * 0x0102040810204080ULL & 0xffULL << 56) | e->tcp_flags;
}

WEIR_INLINE void weir_start(struct weir_counters *c, const struct weir_entry *e, u32 stamp)
{
	u32 len = e->len;

	c->packets = 1;
	c->first = c->last = stamp;
	c->overhead_bytes = e->overhead;
	c->bytes = len;
	c->sum_sq_len = (u64)len * len;
	c->sum_sq_gap = 0;
	*(u64 *)c->events = weir_spread(e->marks) | e->tcp_flags;
}

WEIR_INLINE void weir_add(struct weir_state *st, struct weir_counters *c, const struct weir_entry *e, u32 stamp)
{
	u32 len = e->len, gap = stamp - c->last;

	c->packets++;
	c->last = stamp;
	c->overhead_bytes += e->overhead;
	c->bytes += len;
	c->sum_sq_len += (u64)len * len;
	c->sum_sq_gap += (u64)gap * gap;
	weir_count_events(st, c, e);
}

/* --- overflow: totals always, per host where that table has room --- */

WEIR_INLINE void weir_host_add(struct weir_host *h, const struct weir_entry *e, u32 stamp)
{
	u8 proto = weir_tag_proto(e->tag);
	u32 len = e->len;

	h->packets++;
	h->bytes += len;
	h->sum_sq_len += (u64)len * len;
	h->last = stamp;
	h->tcp += proto == WEIR_IP_TCP;
	h->udp += proto == WEIR_IP_UDP;
	h->icmp += proto == WEIR_IP_ICMP || proto == WEIR_IP_ICMP6;
	h->syn += (e->marks >> WEIR_EVENT_SYN & 1) && h->syn != 0xffff;
	h->rst += (e->marks >> WEIR_EVENT_RST & 1) && h->rst != 0xffff;
}

/* Returns 1 if there was no slot for the host. */
WEIR_INLINE int weir_overflow_host(const struct weir_state *st, const struct weir_entry *e, u32 stamp, u64 a, u64 b, u32 role)
{
	u32 epoch = e->tag >> WEIR_TAG_EPOCH_SHIFT;
	u32 tag = epoch << 16 | role << 8 | (e->marks & WEIR_MARK_V6 ? 6 : 4);
	u32 index = weir_pick(weir_hash_host(a, b + role), st->share.first_host, st->share.host_sets);
	struct weir_host_set *set = weir_lookup(hosts, &index);

	if (!set)
		return 1;
	for (int i = 0; i < WEIR_HOST_WAYS; i++) {
		struct weir_host *h = &set->way[i];
		if (h->tag >> 16 != epoch) {
			h->addr[0] = a;
			h->addr[1] = b;
			h->tag = tag;
			h->packets = h->tcp = h->udp = h->icmp = 0;
			h->bytes = h->sum_sq_len = 0;
			h->syn = h->rst = 0;
			h->first = stamp;
		} else if (h->tag != tag || h->addr[0] != a || h->addr[1] != b) {
			continue;
		}
		weir_host_add(h, e, stamp);
		return 0;
	}
	return 1;
}

/* Atomic: CPUs may share a histogram, so that 64 of them do not cost 64. */
WEIR_INLINE void weir_overflow_port(const struct weir_state *st, const struct weir_entry *e)
{
	u8 proto = weir_tag_proto(e->tag);
	u32 index = st->share.ports, port = weir_ntohs((u16)(e->tag >> 16));
	struct weir_ports *hist = weir_lookup(ports, &index);

	if (!hist || (proto != WEIR_IP_TCP && proto != WEIR_IP_UDP))
		return;
	WEIR_HIDE(port);	/* clang knows 16 bits suffice; verifiers before 6.13 forget bounds at a byte swap */
	port &= 0xffff;
	__sync_fetch_and_add(&hist->packets[(proto == WEIR_IP_UDP ? WEIR_PORTS_UDP : 0) + port], 1);
}

/* Packets of these are counted apart, wherever they end. */
WEIR_INLINE int weir_is_answer(u32 origin)
{
	return origin & WEIR_ORIGIN_LEAVING &&
	       weir_control.answer_slots >> (origin >> WEIR_ORIGIN_INTERFACE_SHIFT & (WEIR_INTERFACES - 1)) & 1;
}

/* Global and cold: keeps the hot body small for verifier, JIT and instruction cache. */
WEIR_GLOBAL int weir_overflow(const struct weir_entry *e, const struct weir_addr6 *a, u32 region, u32 stamp)
{
	if (!e || !a)
		return 0;
	struct weir_state *st = weir_lookup(states, &region);
	if (!st)
		return 0;
	if (weir_is_answer(e->tag >> WEIR_TAG_ORIGIN_SHIFT & 0xffff)) {
		st->answer_overflow++;
		return 0;
	}
	st->overflow_packets++;
	st->overflow_bytes += e->len;
	st->overflow_proto[weir_tag_proto(e->tag)]++;
	weir_overflow_port(st, e);
	u64 s0 = (u32)e->addr, s1 = 0, d0 = e->addr >> 32, d1 = 0;
	if (e->marks & WEIR_MARK_V6) {
		s0 = a->src[0];
		s1 = a->src[1];
		d0 = a->dst[0];
		d1 = a->dst[1];
	}
	st->host_overflow += weir_overflow_host(st, e, stamp, s0, s1, WEIR_ROLE_SOURCE);
	st->host_overflow += weir_overflow_host(st, e, stamp, d0, d1, WEIR_ROLE_DESTINATION);
	return 0;
}

/* --- flow tables; both return 0 when the packet found its slot --- */

/* The daemon scans only groups of sets where a flow began. */
#define WEIR_TOUCH_GROUP(map, set) do {							\
	u32 line = (set) / (WEIR_GROUP_SETS * 64);					\
	struct weir_touched *touched = weir_lookup(map, &line);				\
	if (touched)									\
		touched->group[(set) / WEIR_GROUP_SETS % 64] = 1;			\
} while (0)

WEIR_INLINE int weir_count4(struct weir_state *st, const struct weir_entry *e, u32 stamp)
{
	u32 index = e->slot / WEIR_WAYS, way = e->slot;
	struct weir_set4 *set = weir_lookup(flows4, &index);
	u64 tag = e->tag, addr = e->addr;

	if (!set)
		return 1;
	struct weir_flow4 *s;
	for (int i = 0; i < WEIR_WAYS; i++) {
		s = &set->way[(way ^ i) % WEIR_WAYS];
		if (s->tag == tag && s->addr == addr)
			goto known;
		if ((s->tag ^ tag) >> WEIR_TAG_EPOCH_SHIFT)	/* left by another epoch: free */
			goto fresh;
	}
	return 1;
known:	/* one exit for all ways: updating inside of the loop doubles the verifier's work */
	weir_add(st, &s->c, e, stamp);
	return 0;
fresh:
	WEIR_TOUCH_GROUP(touched4, index);
	s->addr = addr;
	s->tag = tag;
	weir_start(&s->c, e, stamp);
	return 0;
}

WEIR_INLINE int weir_count6(struct weir_state *st, const struct weir_entry *e, const struct weir_addr6 *a, u32 stamp)
{
	u32 index = e->slot / WEIR_WAYS, way = e->slot;
	struct weir_set6 *set = weir_lookup(flows6, &index);
	u64 tag = e->tag;

	if (!set)
		return 1;
	struct weir_flow6 *s;
	for (int i = 0; i < WEIR_WAYS; i++, way++) {
		s = &set->way[way % WEIR_WAYS];
		if (s->tag == tag && s->addr[0] == a->src[0] && s->addr[1] == a->src[1] && s->addr[2] == a->dst[0] &&
		    s->addr[3] == a->dst[1])
			goto known;
		if ((s->tag ^ tag) >> WEIR_TAG_EPOCH_SHIFT)	/* left by another epoch: free */
			goto fresh;
	}
	return 1;
known:	/* one exit for all ways: updating inside of the loop doubles the verifier's work */
	weir_add(st, &s->c, e, stamp);
	return 0;
fresh:
	WEIR_TOUCH_GROUP(touched6, index);
	s->addr[0] = a->src[0];
	s->addr[1] = a->src[1];
	s->addr[2] = a->dst[0];
	s->addr[3] = a->dst[1];
	s->tag = tag;
	weir_start(&s->c, e, stamp);
	return 0;
}

WEIR_INLINE void weir_count(struct weir_state *st, const struct weir_entry *e, const struct weir_addr6 *a, u32 region, u32 stamp)
{
	int full = e->marks & WEIR_MARK_V6 ? weir_count6(st, e, a, stamp) : weir_count4(st, e, stamp);

	if (full)
		weir_overflow(e, a, region, stamp);
}

#endif
