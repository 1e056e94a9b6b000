#include "sim/core/rank_group.hpp"

#include "sim/core/errors.hpp"

namespace locus {

void byte_reader::take(void* to, std::size_t bytes) {
  if (bytes > from_.size()) throw internal_error("a rank said less than is read of it");
  if (to != nullptr && bytes != 0) std::memcpy(to, from_.data(), bytes);
  from_.remove_prefix(bytes);
}

}  // namespace locus
