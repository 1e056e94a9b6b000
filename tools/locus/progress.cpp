#include "tools/locus/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "sim/core/printable.hpp"

namespace locus::tools {

progress_line::progress_line() : terminal_(isatty(STDERR_FILENO) == 1) {}

void progress_line::show(const std::string& text, std::uint64_t done, std::uint64_t total) {
  if (!terminal_ || total == 0) return;
  const clock::time_point now = clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  const double share = static_cast<double>(done) / static_cast<double>(total);
  const double spent = std::chrono::duration<double>(now - start_).count();
  const std::uint64_t since = done - first_;
  const std::string left =
      since == 0
          ? ""
          : fmt::format(", {:.0f} s left", spent * static_cast<double>(total - done) / static_cast<double>(since));
  const auto filled = static_cast<std::size_t>(share * 30);
  std::fputs(fmt::format("\r\033[K{} [{}{}] {:.0f} %{}", printable(text), std::string(filled, '#'),
                         std::string(30 - filled, '.'), 100 * share, left)
                 .c_str(),
             stderr);
  std::fflush(stderr);
  shown_ = true;
}

void progress_line::clear() {
  if (!shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace locus::tools
