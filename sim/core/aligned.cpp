#include "sim/core/aligned.hpp"

#include <sys/mman.h>

#include <cstdlib>

namespace locus::detail {

void* allocate_aligned(std::size_t bytes) {
  constexpr std::size_t line = 64;
  const std::size_t alignment = fills_large_pages(bytes) ? large_page : line;
  void* const memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  if (alignment == large_page) wish_large_pages(memory, bytes);
  return memory;
}

void wish_large_pages(void* memory, std::size_t bytes) noexcept {
  madvise(memory, bytes / large_page * large_page, MADV_HUGEPAGE);
}

void free_aligned(void* memory) noexcept { std::free(memory); }

}  // namespace locus::detail
