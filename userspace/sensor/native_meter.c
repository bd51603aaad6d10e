#include "sensor/native_meter.h"

#include "platform.bpf.h"

/* What the data plane calls weir_config, weir_control and its maps are parts of the tables in hand. */
static _Thread_local struct weir_tables *weir_tables;
#define weir_config (weir_tables->config)
#define weir_control (*weir_tables->control)

WEIR_INLINE void *weir_native_lookup(const struct weir_native_map *map, const u32 *key)
{
	if (*key >= map->entries)
		return NULL;
	return (char *)map->base + (size_t)*key * map->value_size;
}

WEIR_INLINE u64 weir_now(void) { return weir_control.test_now_ns; }
WEIR_INLINE u64 weir_now_coarse(void) { return weir_control.test_coarse_ns; }
WEIR_INLINE u64 weir_jiffies(void) { return weir_control.test_coarse_ns; }
WEIR_INLINE u32 weir_cpu(void) { return weir_tables->cpu; }

WEIR_INLINE void weir_send_sample(struct weir_state *st, const struct weir_frame *f, const struct weir_packet *p, u64 tag, u32 tick)
{
	struct weir_sample s = {
		.src = { p->src[0], p->src[1] }, .dst = { p->dst[0], p->dst[1] }, .tag = tag,
		.len = p->wire_len, .payload_len = p->payload_len, .tick = tick, .family = p->family,
	};
	u32 n = p->payload_len < WEIR_SAMPLE_BYTES ? p->payload_len : WEIR_SAMPLE_BYTES;

	if (p->payload_off + n <= (size_t)((char *)f->end - (char *)f->data)) {	/* else: not captured */
		memcpy(s.data, (char *)f->data + p->payload_off, n);
		s.copied = n;
	}
	st->sampled++;
	if (weir_tables->on_sample)
		weir_tables->on_sample(weir_tables->arg, &s);
}

#include "meter.bpf.h"

void weir_native_packet(struct weir_tables *tables, const void *data, u32 captured, u32 wire_len)
{
	if (!captured)
		data = "";	/* an empty buffer may have no address, and C forbids NULL + 0 */
	struct weir_frame f = {
		.data = (void *)data, .end = (char *)data + captured, .wire_len = wire_len, .interface = tables->interface,
		.limit = ~0u,
	};

	weir_tables = tables;
	weir_packet_in(&f);
}

u32 weir_native_finish_stash(struct weir_tables *tables, u32 region)
{
	weir_tables = tables;
	struct weir_state *st = weir_lookup(states, &region);
	u32 pending = st ? st->pending : 0;

	if (pending)
		weir_flush(region, pending, st->tick, st->tick);
	return pending;
}
