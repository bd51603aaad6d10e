/*
 * The measuring half of the benchmark, apart from what is measured: makes one template packet look like many flows, drawn
 * evenly (the worst case for caches), then tail-calls the program under test, or sends it.
 */
#include <linux/bpf.h>
#include <linux/in.h>
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

/*
 * 16 flows a host; ports differ between flows of a host as well as between hosts. proto: of IPv4; 0 = leave it as it is.
 * Returns 0 if the frame is too short.
 */
static __always_inline int write_flow(struct xdp_md *ctx, __u32 flow, __u8 proto)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 ports = (flow * 2654435761u & 0xffff0000) | (20000 + (flow & 15));

	if (data + 14 + 40 + 4 > end)
		return 0;
	if (knobs.is_v6) {
		*(__u32 *)(data + 14 + 20) = flow >> 4;
		*(__u32 *)(data + 14 + 40) = ports;
	} else {
		*(__u32 *)(data + 14 + 12) = bpf_htonl(0x0a000000 + (flow >> 4));
		*(__u32 *)(data + 14 + 20) = ports;
		if (proto)
			*(__u8 *)(data + 14 + 9) = proto;
	}
	return 1;
}

SEC("xdp.frags") int vary(struct xdp_md *ctx)
{
	if (write_flow(ctx, next_flow(), 0))
		bpf_tail_call(ctx, &subject, 0);
	return XDP_ABORTED;
}

/* For live frames (IPv4): half of the flows TCP, half UDP, out through a real device. */
SEC("xdp") int send_mixed(struct xdp_md *ctx)
{
	__u32 flow = next_flow();

	if (!write_flow(ctx, flow, flow & 1 ? IPPROTO_UDP : IPPROTO_TCP))
		return XDP_ABORTED;
	knobs.sent++;
	return bpf_redirect(knobs.ifindex, 0);
}

/* With fragments, as the product attaches; programs of one tail-call table must agree on that. */
SEC("xdp.frags") int empty(struct xdp_md *ctx __attribute__((unused)))
{
	return XDP_PASS;
}
