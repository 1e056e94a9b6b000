#pragma once
/// Arrays of numbers, as files and netlists have them, before they become samples.

#include <cstdint>
#include <string>
#include <vector>

namespace locus {

/// Invariant: one to three dimensions; as many numbers, or bytes, as the shape says; all finite.
struct number_array {
  std::vector<std::uint64_t> shape;
  bool whole = false;               ///< the elements are integers
  std::vector<double> numbers;      ///< row-major; empty if there are bytes
  std::vector<std::uint8_t> bytes;  ///< elements of one unsigned byte, row-major

  [[nodiscard]] std::uint64_t size() const noexcept { return bytes.empty() ? numbers.size() : bytes.size(); }
  [[nodiscard]] double at(std::size_t i) const { return bytes.empty() ? numbers[i] : bytes[i]; }
};

/// "3 x 4"
[[nodiscard]] std::string shape_text(const std::vector<std::uint64_t>& shape);

/// A NumPy file (.npy, format 1.0 or 2.0) of f4, f8 or integers, in either byte order and in C or Fortran order.
/// Throws run_error that names the file and what is wrong with it.
[[nodiscard]] number_array read_npy(const std::string& file);

/// A dataset of floating-point numbers or integers. Throws run_error. Requires: no other threads run, if this process
/// is to survive whatever file.
[[nodiscard]] number_array read_hdf5_array(const std::string& file, const std::string& dataset);

/// Throws run_error "FILE: [3][1] is nan: must be finite" for the first number that is not, or, where integers are
/// `whole`, that a double could not hold exactly. `first`: the index of numbers[0] in the array.
void check_numbers(const std::string& file, const std::vector<std::uint64_t>& shape, bool whole,
                   const std::vector<double>& numbers, std::uint64_t first = 0);

}  // namespace locus
