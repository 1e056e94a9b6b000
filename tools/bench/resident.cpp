#include "tools/bench/resident.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>

#include "sim/core/child_process.hpp"
#include "sim/core/errors.hpp"

namespace locus::bench {
namespace {

/// A count of /proc/self/status in bytes: "VmRSS:", "VmHWM:" (the most so far).
std::uint64_t status(const std::string& wanted) {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;) {
    std::uint64_t kilobytes = 0;
    if (word == wanted && in >> kilobytes) return kilobytes * 1024;
  }
  throw run_error("/proc/self/status does not say " + wanted);
}

resident_growth measure_here(const std::function<std::shared_ptr<void>()>& make) {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << 5;  // the most so far: from now on
  const std::uint64_t before = status("VmRSS:");
  const std::uint64_t files = status("RssFile:");  // code that runs for the first time here: no part of what is made
  const std::shared_ptr<void> held = make();
  const std::uint64_t peak = status("VmHWM:");
  malloc_trim(0);  // what the allocator keeps for later is not held
  const std::uint64_t after = status("VmRSS:");
  const std::uint64_t code = status("RssFile:") - files;
  return {after - before - code, peak - before - code};
}

}  // namespace

resident_growth grow(const std::function<std::shared_ptr<void>()>& make) {
  child_process child([&](std::string_view) {
    const resident_growth found = measure_here(make);
    return std::string(reinterpret_cast<const char*>(&found), sizeof found);
  });
  const std::optional<std::string> answer = child.ask({});
  if (!answer) throw run_error("cannot measure memory: " + child.death().reason);
  resident_growth found;
  std::memcpy(&found, answer->data(), std::min(answer->size(), sizeof found));
  return found;
}

}  // namespace locus::bench
