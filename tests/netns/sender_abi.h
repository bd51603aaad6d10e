/* What a test tells the sender of live frames, and what it answers. One per CPU. */
#ifndef WEIR_TEST_SENDER_ABI_H
#define WEIR_TEST_SENDER_ABI_H

#include <linux/types.h>

#define SENDER_CPUS 2
#define SENDER_FRAME 160	/* bytes of the template; what is sent is up to SENDER_CUT - 1 shorter */
#define SENDER_CUT 128		/* power of two; the shortest frame ends inside its IP header */

struct sender_lane {
	__u64 random;		/* state of the generator; not 0 */
	__u32 flow_mask;	/* flows - 1 */
	__u32 every_new;	/* no flow twice */
	__u32 next_flow;
	__u32 ifindex;		/* to send through */
	__u32 is_v6;
	__u32 pad;
	__u64 packets, bytes;	/* handed to the device */
	__u64 not_ip;		/* of these */
	__u64 own_line[8];	/* CPUs write their own cache lines */
};

#endif
