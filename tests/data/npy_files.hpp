#pragma once
/// NumPy files, byte by byte: written without the reader's helpers.

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

namespace locus::test {

/// The bytes of numbers, least or most significant first.
template <class T>
std::string bytes_in_order(const std::vector<T>& numbers, bool big_endian) {
  std::string all;
  for (const T n : numbers) {
    std::string one(reinterpret_cast<const char*>(&n), sizeof n);
    if (big_endian != (std::endian::native == std::endian::big)) one = {one.rbegin(), one.rend()};
    all += one;
  }
  return all;
}

/// A whole file: `dictionary` as numpy.save writes it, filled up to 64 bytes with spaces and a line end.
inline std::string npy_file(std::string dictionary, const std::string& data, int version = 1) {
  const std::size_t before = version == 1 ? 10 : 12;
  dictionary += std::string(63 - (before + dictionary.size()) % 64, ' ') + "\n";
  std::string file = "\x93NUMPY";
  file += static_cast<char>(version);
  file += '\0';
  for (std::size_t k = 0; k < before - 8; ++k) file += static_cast<char>(dictionary.size() >> 8 * k & 0xff);
  return file + dictionary + data;
}

inline std::string npy_dictionary(const std::string& descr, const std::string& shape, bool fortran_order = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran_order ? "True" : "False") + ", 'shape': " + shape +
         ", }";
}

}  // namespace locus::test
