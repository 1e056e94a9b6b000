#pragma once
/// Large pieces of work on several threads.

#include <cstddef>
#include <functional>

namespace locus {

/// Calls work(part) for part = 0 .. parts - 1, each on a thread of its own as far as the system lets so many start, and
/// returns when all have ended. Throws what one of them threw.
void in_parallel(std::size_t parts, const std::function<void(std::size_t part)>& work);

/// How many parts are worth their threads, of which there are at most `threads` (0: as many as there are processors):
/// work that takes about so many nanoseconds by itself and can be divided into `most` parts. At least 1.
[[nodiscard]] std::size_t worthwhile_parts(double nanoseconds, std::size_t threads, std::size_t most);

}  // namespace locus
