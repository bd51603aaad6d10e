/*
 * The thin layer between the data plane and where it runs. All that the code needs from outside is named here:
 * map lookup, byte order, and what a global function is. Clocks, CPU number and the ring buffer come from the includer
 * (flow_meter.bpf.c in the kernel, sensor/native_meter.c on the host).
 */
#ifndef WEIR_PLATFORM_BPF_H
#define WEIR_PLATFORM_BPF_H

#include "weir_abi.h"

typedef __u64 u64;
typedef __u32 u32;
typedef __u16 u16;
typedef __u8 u8;
typedef __s32 s32;

#define WEIR_INLINE static inline __attribute__((always_inline))

struct weir_frame {
	void *data, *end;	/* linear part */
	u32 wire_len;		/* all of it, fragments of a multi-buffer frame included */
	u32 interface;		/* slot, see WEIR_ORIGIN_INTERFACE_SHIFT; from tc with the direction's bit above it */
	u32 limit;		/* a longer frame was merged from several packets */
	u32 unsampled;		/* its payload is not to be sampled */
	void *ctx;
	u32 is_skb;		/* ctx is tc's, not XDP's: a constant in each program, for their helpers differ */
};

#ifdef __bpf__

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

/* A global function: the verifier checks it once, whatever the paths that call it. */
#define WEIR_GLOBAL __attribute__((noinline))
#define weir_lookup(map, key) bpf_map_lookup_elem(&(map), key)
#define weir_ntohs(x) bpf_ntohs(x)
#define weir_htons(x) bpf_htons(x)
/* Hides a value's range from clang, not from the verifier. */
#define WEIR_HIDE(x) asm volatile("" : "+r"(x))
/* Packets are aligned to 2 bytes at best; the kernel's interpreter and JIT read any alignment. */
WEIR_INLINE u16 weir_load16(const void *at) { return *(const u16 *)at; }
WEIR_INLINE u32 weir_load32(const void *at) { return *(const u32 *)at; }

#else

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#define WEIR_GLOBAL static __attribute__((noinline, unused))
#define weir_lookup(map, key) weir_native_lookup(&weir_tables->map, key)
#define weir_ntohs(x) ntohs(x)
#define weir_htons(x) htons(x)
#define WEIR_HIDE(x) (void)(x)
WEIR_INLINE u16 weir_load16(const void *at) { u16 x; memcpy(&x, at, sizeof(x)); return x; }
WEIR_INLINE u32 weir_load32(const void *at) { u32 x; memcpy(&x, at, sizeof(x)); return x; }

#endif
#endif
