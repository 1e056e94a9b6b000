#pragma once
/// What the libFuzzer targets share. Each of them gives bytes to a reader of the simulator: it may refuse them with a
/// user_error; whatever else it does wrong ends the process, and libFuzzer keeps the bytes.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

#include "sim/core/errors.hpp"

// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace locus::fuzzing {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Whether a netlist, file of models or setting could name files of models, which would be opened as it is read. (The
/// letters of a key can be escaped. Files of data and weights are not opened before a circuit is built.)
inline bool may_name_models(std::string_view text) {
  for (const std::string_view part : {"models", "\\u00", "\\U000000"}) {
    if (text.find(part) != std::string_view::npos) return true;
  }
  return false;
}

/// Whether `read` accepted its input.
template <class F>
bool accepted(F&& read) {
  try {
    std::forward<F>(read)();
    return true;
  } catch (const user_error&) {
    return false;
  }
}

/// Ends the process unless `holds`.
inline void require(bool holds, std::string_view what, std::string_view shown = {}) {
  if (holds) return;
  std::cerr << "not so: " << what << '\n' << shown << '\n';
  std::abort();
}

/// A file in memory that others open by its path.
class memory_file {
 public:
  memory_file() : descriptor_(memfd_create("fuzzed", 0)) { require(descriptor_ >= 0, "a file in memory can be made"); }
  ~memory_file() { close(descriptor_); }
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;

  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

  void fill(std::string_view content) const {
    const auto size = static_cast<off_t>(content.size());
    require(ftruncate(descriptor_, 0) == 0 && pwrite(descriptor_, content.data(), content.size(), 0) == size,
            "a file in memory can be written");
  }

 private:
  int descriptor_;
};

}  // namespace locus::fuzzing
