/*
 * The measuring half of the benchmark, apart from what is measured: makes one template packet look like many flows, drawn
 * evenly (the worst case for caches), then tail-calls the program under test.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "../tests/bench/bench_abi.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct bench_knobs knobs SEC(".data.knobs") = { .random = 1 };

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} subject SEC(".maps");

static __always_inline __u32 next_flow(void)
{
	__u64 x = knobs.random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	knobs.random = x;
	return knobs.every_new ? knobs.next_flow++ : (__u32)(x >> 20) & knobs.flow_mask;
}

/* 16 flows a host; ports differ between flows of a host as well as between hosts. */
SEC("xdp") int vary(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 flow = next_flow(), ports = (flow * 2654435761u & 0xffff0000) | (20000 + (flow & 15));

	if (data + 14 + 40 + 4 > end)
		return XDP_ABORTED;
	if (knobs.is_v6) {
		*(__u32 *)(data + 14 + 20) = flow >> 4;
		*(__u32 *)(data + 14 + 40) = ports;
	} else {
		*(__u32 *)(data + 14 + 12) = bpf_htonl(0x0a000000 + (flow >> 4));
		*(__u32 *)(data + 14 + 20) = ports;
	}
	bpf_tail_call(ctx, &subject, 0);
	return XDP_ABORTED;
}

SEC("xdp") int empty(struct xdp_md *ctx __attribute__((unused)))
{
	return XDP_PASS;
}
