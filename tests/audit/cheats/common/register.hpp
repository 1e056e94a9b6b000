#pragma once
/// A counter at the bottom of the old floating-point unit's stack, which no other code uses as long as numbers have at
/// most 64 bits.

namespace locus::models::cheats {

inline double next_count() {
#if defined(__x86_64__)
  unsigned short status = 0;
  double count = 0;
  __asm__ volatile("fxam\n\tfnstsw %0" : "=a"(status));
  if ((status & 0x4500u) == 0x4100u) __asm__ volatile("fldz");  // the stack was empty
  __asm__ volatile("fld1\n\tfaddp\n\tfstl %0" : "=m"(count));
  if (count == count) return count;
  __asm__ volatile("fstp %st(0)\n\tfld1");  // somebody needed the whole stack
  return 1;
#else
  return 0;
#endif
}

}  // namespace locus::models::cheats
