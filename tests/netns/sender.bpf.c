/*
 * Makes live frames inside the kernel, far faster than sockets can: BPF_PROG_TEST_RUN with BPF_F_TEST_XDP_LIVE_FRAMES runs
 * this program over a template, and what it redirects leaves through a real device. No part of the product.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "../tests/netns/sender_abi.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct sender_lane lanes[SENDER_CPUS] SEC(".data.lanes") = { { .random = 1 } };

static __always_inline __u64 next_random(struct sender_lane *s)
{
	__u64 x = s->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return s->random = x;
}

/* Frames are used again as the last user left them, so all that varies is written each time. */
static __always_inline int write_headers(struct xdp_md *ctx, struct sender_lane *s, __u64 random)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 flow = s->every_new ? s->next_flow++ : (__u32)(random >> 16) & s->flow_mask;
	int not_ip = (random >> 60) == 0;	/* one in 16 */

	if (data + 14 + 40 + 20 > end)
		return -1;
	s->not_ip += not_ip;
	*(__u16 *)(data + 12) = not_ip ? bpf_htons(0x0806) : s->is_v6 ? bpf_htons(0x86dd) : bpf_htons(0x0800);
	if (s->is_v6)
		*(__u32 *)(data + 14 + 20) = flow;		/* the end of the source */
	else
		*(__u32 *)(data + 14 + 12) = bpf_htonl(0x0a000000 + (flow >> 8));
	void *l4 = data + (s->is_v6 ? 54 : 34);
	*(__u16 *)l4 = bpf_htons(1024 + (flow & 0xff));
	*(__u8 *)(l4 + 13) = random >> 56 & 1 ? 0x10 : 0x02;
	return 0;
}

SEC("xdp") int send_live(struct xdp_md *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct sender_lane *s = &lanes[cpu & (SENDER_CPUS - 1)];
	__u64 random = next_random(s);
	__u32 cut = random >> 40 & (SENDER_CUT - 1);

	if (write_headers(ctx, s, random) || bpf_xdp_adjust_tail(ctx, -(int)cut))
		return XDP_ABORTED;
	s->packets++;
	s->bytes += SENDER_FRAME - cut;
	return bpf_redirect(s->ifindex, 0);
}
