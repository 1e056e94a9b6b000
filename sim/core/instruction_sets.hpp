#pragma once
/// Which instruction sets beyond the baseline this machine has, with an operating system that keeps their registers.
/// (Highway's library answers this as well, and takes 6 ms for it whenever a program starts that is linked to it.)

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace locus {

#if defined(__x86_64__)

/// What -march=haswell -maes lets a compiler use.
inline bool machine_has_avx2() {
  unsigned a = 0, b = 0, basic = 0, extended = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &basic, &d) == 0 || __get_cpuid(0x80000001, &a, &b, &extended, &d) == 0) return false;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("aes") && (basic & bit_F16C) != 0 &&
         (basic & bit_MOVBE) != 0 && (extended & bit_LZCNT) != 0;
}

/// What -march=skylake-avx512 lets a compiler use.
inline bool machine_has_avx512() {
  return machine_has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

#else

inline bool machine_has_avx2() { return false; }
inline bool machine_has_avx512() { return false; }

#endif

}  // namespace locus
