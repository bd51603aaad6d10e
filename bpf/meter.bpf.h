/*
 * A packet's whole way: parse, sample, stash. Needs from the includer, besides the maps of stash.bpf.h: map filter;
 * weir_control; weir_now, weir_now_coarse, weir_jiffies, weir_cpu, weir_send_sample.
 */
#ifndef WEIR_METER_BPF_H
#define WEIR_METER_BPF_H

#include "stash.bpf.h"
#include "tunnel.bpf.h"

/*
 * The first payload packets of a flow in a generation (2-bit counters, keyed by the flow hash), then 1 in 2^k, both
 * under a cap in time. A flow that the cap refuses keeps its claim.
 */
WEIR_INLINE int weir_wants_sample(struct weir_state *st, u64 hash)
{
	u32 word = weir_pick(hash >> 8, st->share.first_word, st->share.words);
	u32 shift = (hash >> 2) & 62;
	u64 *seen = weir_lookup(filter, &word);

	if (!seen)
		return 0;
	u32 sequence = st->payload_packets++;
	u32 first = (*seen >> shift & 3) != WEIR_SAMPLE_FIRST;
	if (!first && (sequence & weir_config.sample_mask))
		return 0;
	if (st->credit < weir_config.sample_cost) {
		st->sample_capped++;
		return 0;
	}
	st->credit -= weir_config.sample_cost;
	*seen += (u64)first << shift;
	return 1;
}

WEIR_INLINE u32 weir_time(u64 ns) { return (ns - weir_control.base_ns) >> WEIR_TIME_SHIFT; }

/*
 * The coarse clock, in WEIR_TIME units. It moves when jiffies have moved (timekeeping_advance() after jiffies_64 in
 * tick_do_update_jiffies64()), and jiffies are one load where the clock is three calls: 12 ns where returns are guarded
 * (SRSO). The clock may follow jiffies late, so it is asked until it has moved.
 */
WEIR_INLINE u32 weir_tick(struct weir_state *st)
{
	u64 jiffies = weir_jiffies();
	u32 tick;

	if (st->jiffies == jiffies)
		return st->tick;
	tick = weir_time(weir_now_coarse());
	if (tick != st->tick)
		st->jiffies = jiffies;
	return tick;
}

/* A new tick: time that passed becomes credit for samples. */
WEIR_INLINE void weir_refill(struct weir_state *st, u32 tick)
{
	u32 passed = tick - st->tick;
	u32 room = weir_config.sample_burst - st->credit;

	if ((s32)passed < 0)	/* the coarse clock lags behind the flip that set st->tick */
		passed = 0;
	st->credit += passed < room ? passed : room;
	st->tick = tick;
}

WEIR_INLINE void weir_undecoded(struct weir_state *st, u32 reason, u32 len)
{
	reason &= WEIR_UNDECODED_REASONS - 1;
	st->undecoded_packets[reason]++;
	st->undecoded_bytes[reason] += len;
}

WEIR_INLINE u64 weir_make_tag(const struct weir_packet *p, u32 origin, u32 epoch)
{
	return p->ports | (u64)p->proto << WEIR_TAG_PROTO_SHIFT | (u64)origin << WEIR_TAG_ORIGIN_SHIFT |
	       (u64)epoch << WEIR_TAG_EPOCH_SHIFT;
}

/* Leaves the packet's entry in place n of the stash. */
WEIR_INLINE void weir_stash(struct weir_state *st, u32 n, const struct weir_packet *p, u64 hash, u64 tag, u32 tick)
{
	struct weir_entry *e = &st->entry[n];
	u32 first = st->share.first4, sets = st->share.sets4, overhead = p->wire_len - p->payload_len;

	e->addr = p->src[0] | p->dst[0] << 32;
	if (p->family == 6) {
		struct weir_addr6 *a = &st->addr6[n];
		first = st->share.first6;
		sets = st->share.sets6;
		a->src[0] = p->src[0];
		a->src[1] = p->src[1];
		a->dst[0] = p->dst[0];
		a->dst[1] = p->dst[1];
	}
	e->tag = tag;
	e->slot = weir_pick(hash, first, sets) * WEIR_WAYS + (hash >> 61);
	e->tick = tick;
	e->len = p->wire_len;
	e->overhead = overhead < 0xffff ? overhead : 0xffff;
	e->tcp_flags = p->tcp_flags;
	e->marks = weir_marks(p);
}

/* The generation and the part of it that this CPU writes to. */
struct weir_here {
	u32 epoch, region;
	u32 is_foreign;		/* not sized for: its own region would be the other generation's */
};

WEIR_INLINE struct weir_here weir_here(void)
{
	struct weir_here here = { .epoch = weir_control.epoch & WEIR_EPOCH_MASK };
	u32 cpu = weir_cpu();

	here.is_foreign = cpu >= weir_config.cpus;
	here.region = (here.epoch & 1) * weir_config.cpus + (here.is_foreign ? 0 : cpu);
	return here;
}

/* A decoded packet: into the stash, and the batch accounted if it is due. */
WEIR_INLINE void weir_accept(struct weir_state *st, const struct weir_frame *f, const struct weir_packet *p, u32 epoch, u32 region)
{
	u32 origin = p->vlan | f->interface << WEIR_ORIGIN_INTERFACE_SHIFT;
	u64 hash = weir_hash(p, origin), tag = weir_make_tag(p, origin, epoch);
	u32 tick = weir_tick(st);
	u32 n = st->pending & (WEIR_BATCH - 1);
	weir_stash(st, n, p, hash, tag, tick);

	u32 fresh = n == 0 || st->tick == tick;	/* nothing in the stash is older than this tick */
	if (st->tick != tick)
		weir_refill(st, tick);
	if (weir_config.sample && !f->unsampled && p->payload_len && !weir_is_later_fragment(p) && weir_wants_sample(st, hash))
		weir_send_sample(st, f, p, tag, tick);
	if (n == WEIR_BATCH - 1 || !fresh)
		weir_flush(region, n + 1, tick, weir_time(weir_now()));
	else
		st->pending = n + 1;
}

/* IPv4 without VLAN tag or options that can be no tunnel to open. */
WEIR_INLINE int weir_is_plain4(const struct weir_frame *f)
{
	return !weir_opens(WEIR_AS_CONFIGURED, WEIR_DECAPSULATE_VXLAN | WEIR_DECAPSULATE_GRE | WEIR_DECAPSULATE_IPIP) &&
	       f->data + 14 + 20 <= f->end && weir_load16(f->data + 12) == weir_htons(WEIR_TYPE_IP4) && *(u8 *)(f->data + 14) == 0x45;
}

WEIR_INLINE void weir_packet_in(const struct weir_frame *f)
{
	struct weir_here here = weir_here();
	struct weir_state *st = weir_lookup(states, &here.region);

	if (!st)
		return;
	st->seen_packets++;
	st->seen_bytes += f->wire_len;
	if (f->wire_len > f->limit)
		st->merged_frames[f->interface & (WEIR_INTERFACES - 1)]++;
	if (here.is_foreign)
		return weir_undecoded(st, WEIR_NO_STATE, f->wire_len);
	if (weir_is_plain4(f)) {	/* nearly every frame: in registers, 3 ns less */
		struct weir_packet plain = { .wire_len = f->wire_len };
		u32 reason = weir_parse_ip4(f, &plain, f->data + 14, 0);
		if (reason)
			return weir_undecoded(st, reason, f->wire_len);
		return weir_accept(st, f, &plain, here.epoch, here.region);
	}
	struct weir_packet *p = &st->packet;	/* map memory: there bounds are forgotten, so that the verifier's paths join */
	*p = (struct weir_packet){ .wire_len = f->wire_len };
	u32 reason = weir_decode(f, p);
	if (reason)
		return weir_undecoded(st, reason, f->wire_len);
	weir_accept(st, f, p, here.epoch, here.region);
}

#endif
