/*
 * The usual design, to compare with: the kernel's own LRU per-CPU hash maps hold flows and hosts, per-CPU arrays the
 * histograms, and each packet reads the precise clock. The product's parser, and statistics as many as the product keeps.
 */
#include "platform.bpf.h"

#define weir_config ((struct weir_config){})	/* opens no tunnels */
#include "parse.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct flow_key {
	u64 src[2], dst[2];
	u32 ports, rest;	/* protocol, VLAN */
};

struct flow_key4 {
	u32 src, dst, ports, rest;
};

struct host_counters {
	u64 packets, bytes, sum_sq_len;
	u32 first, last, tcp, udp, icmp, syn;
};

/* The benchmark sets the sizes. */
#define LRU(name, key_type, value_type)					\
	struct {							\
		__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);		\
		__uint(max_entries, 1);					\
		__type(key, key_type);					\
		__type(value, value_type);				\
	} name SEC(".maps")
#define HISTOGRAM(name, entries)					\
	struct {							\
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);		\
		__uint(max_entries, entries);				\
		__type(key, u32);					\
		__type(value, u64);					\
	} name SEC(".maps")

LRU(lru_flows4, struct flow_key4, struct weir_counters);
LRU(lru_flows6, struct flow_key, struct weir_counters);
LRU(lru_hosts4, u32, struct host_counters);
LRU(lru_hosts6, struct weir_addr6, struct host_counters);
HISTOGRAM(protocols, 256);
HISTOGRAM(tcp_ports, WEIR_PORTS);
HISTOGRAM(udp_ports, WEIR_PORTS);

static __always_inline void count_in(void *histogram, u32 key)
{
	u64 *count = bpf_map_lookup_elem(histogram, &key);

	if (count)
		++*count;
}

static __always_inline void *find_or_add(void *map, const void *key, const void *zero)
{
	void *found = bpf_map_lookup_elem(map, key);

	if (found)
		return found;
	bpf_map_update_elem(map, key, zero, BPF_NOEXIST);
	return bpf_map_lookup_elem(map, key);
}

static __always_inline void count_flow(struct weir_counters *c, const struct weir_packet *p, u32 now)
{
	u64 len = p->wire_len;

	if (!c)
		return;
	if (c->packets++) {
		u64 gap = now - c->last;
		c->sum_sq_gap += gap * gap;
	} else {
		c->first = now;
	}
	c->last = now;
	c->bytes += len;
	c->sum_sq_len += len * len;
	c->overhead_bytes += p->wire_len - p->payload_len;
	c->events[WEIR_EVENT_FLAGS] |= p->tcp_flags;
	c->events[WEIR_EVENT_SYN] += (p->tcp_flags & (WEIR_TCP_SYN | WEIR_TCP_ACK)) == WEIR_TCP_SYN;
	c->events[WEIR_EVENT_RST] += (p->tcp_flags & WEIR_TCP_RST) != 0;
	c->events[WEIR_EVENT_FIN] += (p->tcp_flags & WEIR_TCP_FIN) != 0;
	c->events[WEIR_EVENT_SMALL] += p->wire_len <= WEIR_SMALL_FRAME;
}

static __always_inline void count_host(struct host_counters *h, const struct weir_packet *p, u32 now)
{
	if (!h)
		return;
	if (!h->packets++)
		h->first = now;
	h->last = now;
	h->bytes += p->wire_len;
	h->sum_sq_len += (u64)p->wire_len * p->wire_len;
	h->tcp += p->proto == WEIR_IP_TCP;
	h->udp += p->proto == WEIR_IP_UDP;
	h->icmp += p->proto == WEIR_IP_ICMP || p->proto == WEIR_IP_ICMP6;
	h->syn += (p->tcp_flags & (WEIR_TCP_SYN | WEIR_TCP_ACK)) == WEIR_TCP_SYN;
}

static __always_inline void count4(const struct weir_packet *p, u32 now, u32 rest)
{
	struct flow_key4 key = { .src = p->src[0], .dst = p->dst[0], .ports = p->ports, .rest = rest };
	struct weir_counters no_flow = {};
	struct host_counters no_host = {};

	count_flow(find_or_add(&lru_flows4, &key, &no_flow), p, now);
	count_host(find_or_add(&lru_hosts4, &key.src, &no_host), p, now);
}

static __always_inline void count6(const struct weir_packet *p, u32 now, u32 rest)
{
	struct flow_key key = {
		.src = { p->src[0], p->src[1] }, .dst = { p->dst[0], p->dst[1] }, .ports = p->ports, .rest = rest,
	};
	struct weir_addr6 host = { .src = { p->src[0], p->src[1] } };
	struct weir_counters no_flow = {};
	struct host_counters no_host = {};

	count_flow(find_or_add(&lru_flows6, &key, &no_flow), p, now);
	count_host(find_or_add(&lru_hosts6, &host, &no_host), p, now);
}

SEC("xdp.frags") int count_all(struct xdp_md *ctx)
{
	struct weir_frame f = { .data = (void *)(long)ctx->data, .end = (void *)(long)ctx->data_end };
	struct weir_packet p = { .wire_len = ctx->data_end - ctx->data };

	if (weir_parse(&f, &p, 0))
		return XDP_PASS;
	u32 now = bpf_ktime_get_ns() >> WEIR_TIME_SHIFT, rest = p.proto | (u32)p.vlan << 8;
	if (p.family == 4)
		count4(&p, now, rest);
	else
		count6(&p, now, rest);
	count_in(&protocols, p.proto);
	if (p.proto == WEIR_IP_TCP)
		count_in(&tcp_ports, weir_ntohs(p.ports >> 16));
	else if (p.proto == WEIR_IP_UDP)
		count_in(&udp_ports, weir_ntohs(p.ports >> 16));
	return XDP_PASS;
}
