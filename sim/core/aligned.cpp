#include "sim/core/aligned.hpp"

#include <sys/mman.h>

#include <cstdlib>

namespace locus::detail {

void* allocate_aligned(std::size_t bytes) {
  constexpr std::size_t line = 64, large_page = std::size_t{2} << 20;
  const std::size_t alignment = bytes < 2 * large_page ? line : large_page;
  void* const memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  // Whole pages only, so that an array holds no more than it needs. It is a wish: a refusal costs time alone.
  if (alignment == large_page) madvise(memory, bytes / large_page * large_page, MADV_HUGEPAGE);
  return memory;
}

void free_aligned(void* memory) noexcept { std::free(memory); }

}  // namespace locus::detail
