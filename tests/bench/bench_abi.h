/* What the benchmark tells the wrapper that varies packets. */
#ifndef WEIR_BENCH_ABI_H
#define WEIR_BENCH_ABI_H

#include <linux/types.h>

struct bench_knobs {
  __u64 random;    /* state of the generator; not 0 */
  __u32 flow_mask; /* flows - 1 */
  __u32 every_new; /* no flow twice */
  __u32 next_flow;
  __u32 is_v6;
};

#endif
