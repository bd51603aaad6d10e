/*
 * The programs: maps, clocks and XDP's entry points around meter.bpf.h; tc's are in traffic_control.bpf.h. All pass the packet
 * on: see weir_verdict().
 */
#include "platform.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";
const volatile __u32 weir_abi_version = WEIR_ABI_VERSION;

/* Sizes here stand in for those that the loader sets. */
#define WEIR_ARRAY(name, type_of_value)			\
	struct {					\
		__uint(type, BPF_MAP_TYPE_ARRAY);	\
		__uint(map_flags, BPF_F_MMAPABLE);	\
		__uint(max_entries, 1);			\
		__type(key, u32);			\
		__type(value, type_of_value);		\
	} name SEC(".maps")

WEIR_ARRAY(flows4, struct weir_set4);
WEIR_ARRAY(flows6, struct weir_set6);
WEIR_ARRAY(touched4, struct weir_touched);
WEIR_ARRAY(touched6, struct weir_touched);
WEIR_ARRAY(hosts, struct weir_host_set);
WEIR_ARRAY(states, struct weir_state);
WEIR_ARRAY(ports, struct weir_ports);
WEIR_ARRAY(filter, u64);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 23);	/* 43,000 samples: 21 CPUs at the cap of 2,000 a second, drained once a second */
} samples SEC(".maps");

/* Never read by the program: updating it from user space waits until no program runs that began before. */
struct grace_inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
};
struct grace_inner grace_a SEC(".maps");
struct grace_inner grace_b SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__array(values, struct grace_inner);
} grace SEC(".maps") = { .values = { &grace_a } };

const volatile struct weir_config weir_config;
struct weir_control weir_control SEC(".data.control") = { .epoch = 1 };

WEIR_INLINE u64 weir_now(void) { return weir_config.test_clock ? weir_control.test_now_ns : bpf_ktime_get_ns(); }
WEIR_INLINE u64 weir_now_coarse(void)
{
	return weir_config.test_clock ? weir_control.test_coarse_ns : bpf_ktime_get_coarse_ns();
}
WEIR_INLINE u64 weir_jiffies(void) { return weir_config.test_clock ? weir_control.test_coarse_ns : bpf_jiffies64(); }
WEIR_INLINE u32 weir_cpu(void) { return bpf_get_smp_processor_id(); }

WEIR_INLINE void weir_send_sample(struct weir_state *st, const struct weir_frame *f, const struct weir_packet *p, u64 tag, u32 tick)
{
	struct weir_sample *s = bpf_ringbuf_reserve(&samples, sizeof(*s), 0);

	if (!s) {
		st->sample_lost++;
		return;
	}
	s->src[0] = p->src[0];
	s->src[1] = p->src[1];
	s->dst[0] = p->dst[0];
	s->dst[1] = p->dst[1];
	s->tag = tag;
	s->len = p->wire_len;
	s->payload_len = p->payload_len;
	s->tick = tick;
	u32 n = p->payload_len < WEIR_SAMPLE_BYTES ? p->payload_len : WEIR_SAMPLE_BYTES;
	n--;			/* written so that the verifier of 6.1 sees 1 to 128: it forgets limits that clang moves */
	WEIR_HIDE(n);
	n = (n & (WEIR_SAMPLE_BYTES - 1)) + 1;
	if (f->is_skb ? bpf_skb_load_bytes(f->ctx, p->payload_off, s->data, n) : bpf_xdp_load_bytes(f->ctx, p->payload_off, s->data, n))
		n = 0;
	s->copied = n;
	s->family = p->family;
	s->pad = 0;
	st->sampled++;
	bpf_ringbuf_submit(s, BPF_RB_NO_WAKEUP);	/* the daemon polls once a tick */
}

#include "meter.bpf.h"

/*
 * An interface's slot; WEIR_INTERFACES if it is not listed. Interfaces come and go while packets flow, so the rule is read
 * once: its lowest bit names the table, and with that bit set it is the multiplier that tells this table's interfaces
 * apart. User space fills the table that is not in use, then stores the rule: a packet sees the old state or the new.
 */
WEIR_INLINE u32 weir_interface_of(u32 ifindex)
{
	u32 rule = *(volatile u32 *)&weir_control.interface_rule;
	u32 place = (rule & 1) * WEIR_INTERFACE_PLACES + (ifindex * (rule | 1) >> 26);

	WEIR_HIDE(place);	/* clang makes an OR of the sum, behind which the verifier of 6.1 knows no bound */
	return weir_control.interface_slot[place & (2 * WEIR_INTERFACE_PLACES - 1)];
}

/* XDP_PASS, always, unless the operator said that this interface receives copies only. Bit WEIR_INTERFACES is never set. */
WEIR_INLINE int weir_verdict(u32 slot) { return weir_control.mirror >> (slot & 31) & 1 ? XDP_DROP : XDP_PASS; }

WEIR_INLINE int weir_pass(struct xdp_md *ctx, u32 may_have_frags)
{
	u32 slot = weir_interface_of(ctx->ingress_ifindex);
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	WEIR_HIDE(data);	/* clang takes them for the 32 bits that they are declared to be, and may spill those alone */
	WEIR_HIDE(end);
	struct weir_frame f = {
		.data = data, .end = end, .wire_len = may_have_frags ? bpf_xdp_get_buff_len(ctx) : end - data, .ctx = ctx,
		.interface = slot & (WEIR_INTERFACES - 1), .limit = weir_control.frame_limit[slot & (WEIR_INTERFACES - 1)],
	};

	weir_packet_in(&f);
	return weir_verdict(slot);
}

SEC("xdp") int weir_plain(struct xdp_md *ctx)
{
	return weir_pass(ctx, 0);
}

/* For devices whose packets may span several buffers (jumbo frames). */
SEC("xdp.frags") int weir_frags(struct xdp_md *ctx)
{
	return weir_pass(ctx, 1);
}

#include "traffic_control.bpf.h"
