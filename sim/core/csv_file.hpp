#pragma once
/// Files of comma-separated values, line by line. Lines that are empty or begin with # do not count; a byte order mark
/// and ends of lines of either kind are taken off. Fields are not quoted.

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace locus {

/// One field of a line, without the spaces around it; column counts bytes from 1.
struct csv_field {
  std::string_view text;
  std::size_t column;
};

class csv_file {
 public:
  /// Throws run_error if there is no such file.
  explicit csv_file(const std::string& name);

  /// The fields of the next line; none at the end of the file. Throws run_error if that cannot be read. They hold until
  /// the next call.
  [[nodiscard]] const std::vector<csv_field>& next();

  [[nodiscard]] int line() const noexcept { return line_; }
  /// Bytes of the present line.
  [[nodiscard]] std::size_t width() const noexcept { return text_.size(); }

  /// Throws run_error "FILE:LINE:COLUMN: MESSAGE".
  [[noreturn]] void fail(std::size_t column, const std::string& message) const;

  /// A finite number. Throws as above.
  [[nodiscard]] double number(const csv_field& from) const;

 private:
  std::string name_;
  std::ifstream in_;
  int line_ = 0;
  std::string text_;
  std::vector<csv_field> fields_;
};

}  // namespace locus
