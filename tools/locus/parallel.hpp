#pragma once
/// Independent pieces of work on several threads.

#include <cstddef>
#include <functional>

namespace locus::tools {

/// Calls f(0), ..., f(count - 1), at most `jobs` at once, begun in that order; returns when all have ended. With one
/// job they run in the calling thread. If a call throws, no further ones begin, and of the exceptions that of the
/// lowest number is rethrown. f must be safe to call from several threads. Requires: jobs >= 1.
void for_each_job(std::size_t count, unsigned jobs, const std::function<void(std::size_t)>& f);

}  // namespace locus::tools
