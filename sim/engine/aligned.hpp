#pragma once
/// Arrays aligned to a cache line.

#include <boost/align/aligned_allocator.hpp>
#include <vector>

namespace locus {

template <class T>
using aligned_vector = std::vector<T, boost::alignment::aligned_allocator<T, 64>>;

}  // namespace locus
