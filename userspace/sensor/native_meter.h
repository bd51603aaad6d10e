/*
 * The data plane compiled for the host: the same source as the kernel's (bpf/meter.bpf.h) over memory of one's own, for
 * replay and fuzzing, or over the mapped kernel maps, to finish a stash after a flip.
 */
#ifndef WEIR_NATIVE_METER_H
#define WEIR_NATIVE_METER_H

#include "weir_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

struct weir_native_map {
  void* base;
  __u32 entries, value_size;
};

struct weir_tables {
  struct weir_native_map flows4, flows6, touched4, touched6, hosts, states, ports, filter;
  struct weir_config config;
  struct weir_control* control; /* test_now_ns and test_coarse_ns are the clocks */
  __u32 cpu;
  __u32 interface;                                                /* slot that packets come from */
  void (*on_sample)(void* arg, const struct weir_sample* sample); /* may be NULL */
  void* arg;
};

/* data: captured bytes of a frame that was wire_len long (wire_len >= captured). Any bytes are safe. */
void weir_native_packet(struct weir_tables* tables, const void* data, __u32 captured, __u32 wire_len);

/* Accounts what waits in a quiet region; each packet keeps its own coarse stamp. Returns how many there were. */
__u32 weir_native_finish_stash(struct weir_tables* tables, __u32 region);

#ifdef __cplusplus
}
#endif
#endif
