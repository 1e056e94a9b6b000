#include "sim/core/in_parallel.hpp"

#include <algorithm>
#include <future>
#include <system_error>
#include <vector>

#include "sim/core/processors.hpp"

namespace locus {

void in_parallel(std::size_t parts, const std::function<void(std::size_t part)>& work) {
  std::vector<std::future<void>> others;  // wait for their threads when they go
  others.reserve(parts);
  std::size_t here = parts;  // from which part on this thread does the work
  for (std::size_t part = 1; part < parts; ++part) {
    try {
      others.push_back(std::async(std::launch::async, [&work, part] { work(part); }));
    } catch (const std::system_error&) {
      here = part;
      break;
    }
  }
  if (parts > 0) work(0);
  for (std::size_t part = here; part < parts; ++part) work(part);
  for (std::future<void>& other : others) other.get();
}

std::size_t worthwhile_parts(double nanoseconds, std::size_t threads, std::size_t most) {
  constexpr double worth_a_thread = 1e6;  // starting one takes some 50 microseconds
  const double wanted = nanoseconds / worth_a_thread;
  if (wanted < 2) return 1;
  const std::size_t possible = std::min(threads != 0 ? threads : usable_processors(), most);
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::min(wanted, static_cast<double>(possible))));
}

}  // namespace locus
