/* What the benchmarks tell the wrapper that varies packets, and what it answers. */
#ifndef WEIR_BENCH_ABI_H
#define WEIR_BENCH_ABI_H

#include <linux/types.h>

struct bench_knobs {
  __u64 random;    /* state of the generator; not 0 */
  __u32 flow_mask; /* flows - 1 */
  __u32 every_new; /* no flow twice */
  __u32 next_flow;
  __u32 is_v6;
  __u32 ifindex; /* to send live frames through */
  __u32 pad;
  __u64 sent; /* live frames handed to the device */
};

#endif
