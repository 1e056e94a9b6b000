#include "sim/core/text_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <system_error>

#include "sim/core/descriptor.hpp"
#include "sim/core/errors.hpp"

namespace locus {

namespace {

/// Text on its way to a file. Remembers the first error.
class text_buffer : public std::streambuf {
 public:
  explicit text_buffer(descriptor to) : to_(std::move(to)) {
    if (!to_) error_ = errno;
    empty();
  }

  /// Writes what is left; the number of the first error, or 0.
  [[nodiscard]] int finish() {
    pass_on();
    if (!to_.close() && error_ == 0) error_ = errno;
    return error_;
  }

 private:
  int_type overflow(int_type next) override {
    if (!pass_on()) return traits_type::eof();
    if (!traits_type::eq_int_type(next, traits_type::eof())) sputc(traits_type::to_char_type(next));
    return traits_type::not_eof(next);
  }
  int sync() override { return pass_on() ? 0 : -1; }

  void empty() { setp(buffer_.data(), buffer_.data() + buffer_.size()); }

  bool pass_on() {
    if (error_ == 0 && !to_.write(static_cast<std::size_t>(pptr() - pbase()), pbase())) error_ = errno;
    empty();
    return error_ == 0;
  }

  descriptor to_;
  int error_ = 0;
  std::array<char, std::size_t{1} << 16u> buffer_;
};

void write_text(descriptor to, const std::string& file, const std::function<void(std::ostream&)>& write) {
  text_buffer buffer(std::move(to));
  std::ostream out(&buffer);
  write(out);
  const int error = buffer.finish();
  if (error != 0) throw run_error(fmt::format("cannot write \"{}\": {}", file, std::strerror(error)));
  // A stream that gave up without an error of the system was not written whole either.
  if (!out) throw run_error(fmt::format("cannot write \"{}\": its text could not be formatted", file));
}

}  // namespace

void write_file(const std::string& file, const std::function<void(std::ostream&)>& write) {
  if (is_stream(file)) {
    write_text(descriptor(file, O_WRONLY | O_APPEND), file, write);
    return;
  }
  atomic_file whole(file);
  write_file(whole, write);
  whole.commit();
}

void write_file(const std::string& file, std::string_view text) {
  write_file(file, [text](std::ostream& out) { out << text; });
}

void write_file(const atomic_file& place, const std::function<void(std::ostream&)>& write) {
  write_text(descriptor(place.path(), O_WRONLY), place.name(), write);
}

void write_file(const atomic_file& place, std::string_view text) {
  write_file(place, [text](std::ostream& out) { out << text; });
}

void check_writable(const std::string& file) {
  if (!is_stream(file)) const atomic_file attempt(file);
}

std::string read_file(const std::string& path, std::string_view what) {
  std::error_code none;
  if (std::filesystem::is_directory(path, none))
    throw usage_error(fmt::format("cannot read {} \"{}\": it is a directory", what, path));
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  // An empty file is a good one, but streaming it sets failbit: hence the look at its end first.
  if (file && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad() || text.fail()) {
    const auto reason = errno == 0 ? "read error" : std::generic_category().message(errno);
    throw usage_error(fmt::format("cannot read {} \"{}\": {}", what, path, reason));
  }
  return text.str();
}

}  // namespace locus
