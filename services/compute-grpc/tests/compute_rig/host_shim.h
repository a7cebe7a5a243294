// What kernels.cu needs of CUDA, for one thread of the host: indices, a few intrinsics, atomics without contention.
#pragma once
#include <cmath>
#include <cstring>

#define __global__
#define __device__
#define __forceinline__ inline

struct int4 {
  int x, y, z, w;
};
struct Index {
  unsigned x, y, z;
};
static thread_local Index threadIdx, blockIdx;

using std::floor;

template <class To, class From> static inline To same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "as many bits");
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}
static inline unsigned __float_as_uint(float value) { return same_bits<unsigned>(value); }
static inline long long __double_as_longlong(double value) { return same_bits<long long>(value); }
static inline double __longlong_as_double(long long bits) { return same_bits<double>(bits); }

template <class Type> static inline Type atomicAdd(Type *at, Type more) {
  Type old = *at;
  *at = old + more;
  return old;
}
template <class Type> static inline Type atomicMax(Type *at, Type other) {
  Type old = *at;
  *at = other > old ? other : old;
  return old;
}
template <class Type> static inline Type atomicMin(Type *at, Type other) {
  Type old = *at;
  *at = other < old ? other : old;
  return old;
}
static inline unsigned long long atomicCAS(unsigned long long *at, unsigned long long expected, unsigned long long next) {
  unsigned long long old = *at;
  if (old == expected) *at = next;
  return old;
}

// Every thread of the grid, one after the other.
extern "C" void run_grid(void (*kernel)(const void *), const void *table, unsigned tiles, unsigned entries,
                         unsigned threads) {
  for (blockIdx.y = 0; blockIdx.y < entries; ++blockIdx.y)
    for (blockIdx.x = 0; blockIdx.x < tiles; ++blockIdx.x)
      for (threadIdx.x = 0; threadIdx.x < threads; ++threadIdx.x) kernel(table);
}
