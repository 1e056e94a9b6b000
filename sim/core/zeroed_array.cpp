#include "sim/core/zeroed_array.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>

#include "sim/core/aligned.hpp"

namespace locus::detail {
namespace {

constexpr std::size_t whole_pages(std::size_t bytes) noexcept {
  return (bytes + large_page - 1) / large_page * large_page;
}

}  // namespace

void* allocate_zeroed(std::size_t bytes, bool sparsely) {
  if (!fills_large_pages(bytes)) {  // from the program's own store
    void* const memory = allocate_aligned(bytes);
    std::memset(memory, 0, bytes);
    return memory;
  }
  const std::size_t room = whole_pages(bytes);
  void* const mapped = mmap(nullptr, room + large_page, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | (sparsely ? MAP_NORESERVE : 0), -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  char* const first = static_cast<char*>(mapped);
  const std::size_t before = (large_page - reinterpret_cast<std::uintptr_t>(first) % large_page) % large_page;
  if (before != 0) munmap(first, before);
  if (before != large_page) munmap(first + before + room, large_page - before);
  wish_large_pages(first + before, bytes);
  return first + before;
}

void free_zeroed(void* memory, std::size_t bytes) noexcept {
  if (fills_large_pages(bytes)) munmap(memory, whole_pages(bytes));
  else free_aligned(memory);
}

}  // namespace locus::detail
