#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include "sim/core/errors.hpp"
#include "sim/core/memory.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/data/number_array.hpp"

namespace locus {

namespace {

/// A type of elements: how its bits, least significant first, are a number.
struct npy_element {
  std::string_view name;  ///< as in `descr`, without the byte order
  std::size_t size;       ///< bytes
  bool whole;
  double (*value)(std::uint64_t bits);
};

template <class T, class Bits>
constexpr double element_value(std::uint64_t bits) {
  return static_cast<double>(std::bit_cast<T>(static_cast<Bits>(bits)));
}

constexpr npy_element npy_elements[] = {
    {"f4", 4, false, element_value<float, std::uint32_t>},
    {"f8", 8, false, element_value<double, std::uint64_t>},
    {"i1", 1, true, element_value<std::int8_t, std::uint8_t>},
    {"i2", 2, true, element_value<std::int16_t, std::uint16_t>},
    {"i4", 4, true, element_value<std::int32_t, std::uint32_t>},
    {"i8", 8, true, element_value<std::int64_t, std::uint64_t>},
    {"u1", 1, true, element_value<std::uint8_t, std::uint8_t>},
    {"u2", 2, true, element_value<std::uint16_t, std::uint16_t>},
    {"u4", 4, true, element_value<std::uint32_t, std::uint32_t>},
    {"u8", 8, true, element_value<std::uint64_t, std::uint64_t>},
};

/// What a header says.
struct npy_header {
  const npy_element* element = nullptr;
  bool big_endian = false;
  bool fortran_order = false;  ///< the first index runs fastest
  std::vector<std::uint64_t> shape;
};

/// Reads the text of a header, a Python dictionary:
/// {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
class npy_header_parser {
 public:
  npy_header_parser(const std::string& file, std::string_view text) : file_(file), text_(text) {}

  npy_header read() {
    bool order = false, shape = false;
    expect('{');
    while (!take('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr") read_element();
      else if (key == "fortran_order") out_.fortran_order = flag(), order = true;
      else if (key == "shape") read_shape(), shape = true;
      else damaged();
      if (!take(',') && next() != '}') damaged();
    }
    if (next() != 0 || out_.element == nullptr || !order || !shape) damaged();
    return out_;
  }

 private:
  [[noreturn]] void damaged() const {
    throw run_error(file_ + ": damaged header: must name descr, fortran_order and shape, as numpy.save writes it");
  }

  /// The next character that is no space; 0 at the end.
  char next() {
    text_.remove_prefix(std::min(text_.find_first_not_of(" \n"), text_.size()));
    return text_.empty() ? '\0' : text_.front();
  }
  bool take(char c) {
    if (next() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) damaged();
  }

  std::string_view quoted() {
    expect('\'');
    const std::size_t end = text_.find('\'');
    if (end == std::string_view::npos) damaged();
    const std::string_view found = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return found;
  }

  bool flag() {
    for (const std::string_view word : {"True", "False"}) {
      next();
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return word == "True";
    }
    damaged();
  }

  void read_element() {
    constexpr std::string_view wanted = "must be f4, f8, or integers i1 to i8, u1 to u8";
    if (next() == '[') throw run_error(fmt::format("{}: its elements are records: {}", file_, wanted));
    const std::string_view descr = quoted();
    const std::string_view name = descr.substr(std::min<std::size_t>(1, descr.size()));
    if (name == "O") throw run_error(fmt::format("{}: its elements are Python objects: {}", file_, wanted));
    const auto* found = std::find_if(std::begin(npy_elements), std::end(npy_elements),
                                     [&](const npy_element& each) { return each.name == name; });
    if (found == std::end(npy_elements) || std::string_view("<>=|").find(descr.front()) == std::string_view::npos)
      throw run_error(fmt::format("{}: its elements are \"{}\": {}", file_, descr, wanted));
    out_.element = found;
    out_.big_endian = descr.front() == '>';
  }

  void read_shape() {
    expect('(');
    while (!take(')')) {
      next();
      std::uint64_t n = 0;
      const auto [stop, error] = std::from_chars(text_.data(), text_.data() + text_.size(), n);
      if (error != std::errc{}) damaged();
      text_.remove_prefix(static_cast<std::size_t>(stop - text_.data()));
      out_.shape.push_back(n);
      if (!take(',') && next() != ')') damaged();
    }
  }

  const std::string& file_;
  std::string_view text_;  ///< that is not read yet
  npy_header out_;
};

/// Reads one file.
class npy_reader {
 public:
  explicit npy_reader(const std::string& file) : file_(file), in_(file, std::ios::binary) {
    std::error_code error;
    if (!in_ || !std::filesystem::is_regular_file(file, error)) throw run_error(file + ": cannot be read as a file");
    left_ = std::filesystem::file_size(file, error);
    if (error) throw run_error(file + ": cannot be read as a file");
  }

  number_array read() {
    const npy_header header = read_header();
    const std::size_t rank = header.shape.size();
    if (rank < 1 || rank > 3) throw run_error(fmt::format("{}: {} dimensions: must have 1 to 3", file_, rank));
    std::uint64_t count = 1;
    for (const std::uint64_t n : header.shape) count = bounded_product(count, n);
    const std::uint64_t bytes = bounded_product(count, header.element->size);
    if (left_ < bytes)
      throw run_error(fmt::format("{}: truncated after {} bytes of data: {} {} must have {}", file_, left_,
                                  shape_text(header.shape), header.element->name, bytes));
    if (left_ > bytes) throw run_error(fmt::format("{}: more than {} bytes of data: must end there", file_, bytes));
    number_array out{header.shape, header.element->whole, {}, {}};
    const bool keep_bytes = header.element->name == "u1";
    require_memory(bounded_product(count, keep_bytes ? 1 : sizeof(double)), file_ + ": reading it");
    if (keep_bytes) out.bytes.resize(count);
    else out.numbers.resize(count);
    read_elements(header, count, [&](std::uint64_t at, std::uint64_t bits) {
      if (keep_bytes) out.bytes[at] = static_cast<std::uint8_t>(bits);
      else out.numbers[at] = header.element->value(bits);
    });
    check_numbers(file_, out.shape, out.whole, out.numbers);
    return out;
  }

 private:
  npy_header read_header() {
    constexpr std::string_view magic = "\x93NUMPY";
    const std::string first = take(magic.size() + 2);
    if (!first.starts_with(magic))
      throw run_error(file_ + ": no NumPy file: must begin as numpy.save writes it (.npy)");
    const auto number = [&](std::size_t at) -> int { return static_cast<unsigned char>(first[at]); };
    const int major = number(magic.size()), minor = number(magic.size() + 1);
    if ((major != 1 && major != 2) || minor != 0)
      throw run_error(fmt::format("{}: format {}.{}: must be 1.0 or 2.0", file_, major, minor));
    const std::string length = take(major == 1 ? 2 : 4);
    const std::string text = take(bits_of(reinterpret_cast<const std::uint8_t*>(length.data()), length.size(), false));
    return npy_header_parser(file_, text).read();
  }

  /// The next bytes of the header.
  std::string take(std::uint64_t count) {
    if (count > left_) throw run_error(file_ + ": truncated in its header");
    std::string bytes(count, '\0');
    get(bytes.data(), count);
    return bytes;
  }

  void get(char* to, std::uint64_t count) {
    in_.read(to, static_cast<std::streamsize>(count));
    if (!in_) throw run_error(file_ + ": cannot be read to its end");
    left_ -= count;
  }

  static std::uint64_t bits_of(const std::uint8_t* bytes, std::size_t size, bool big_endian) {
    std::uint64_t bits = 0;
    for (std::size_t k = 0; k < size; ++k) bits = bits << 8u | bytes[big_endian ? k : size - 1 - k];
    return bits;
  }

  /// Calls set(place in row-major order, bits) for each element.
  template <class Set>
  void read_elements(const npy_header& header, std::uint64_t count, const Set& set) {
    constexpr std::uint64_t block = std::uint64_t{1} << 16u;
    const std::size_t size = header.element->size;
    place_walk place(header);
    std::vector<std::uint8_t> bytes(std::min(count, block) * size);
    for (std::uint64_t done = 0; done < count; done += block) {
      const std::uint64_t some = std::min(block, count - done);
      get(reinterpret_cast<char*>(bytes.data()), some * size);
      for (std::uint64_t k = 0; k < some; ++k, place.go_on())
        set(place.at(), bits_of(bytes.data() + k * size, size, header.big_endian));
    }
  }

  /// Where, in row-major order, the elements of a file belong, one after the other.
  class place_walk {
   public:
    explicit place_walk(const npy_header& header)
        : shape_(header.shape), fortran_order_(header.fortran_order), index_(shape_.size()), step_(shape_.size(), 1) {
      for (std::size_t d = shape_.size() - 1; d > 0; --d) step_[d - 1] = step_[d] * shape_[d];
    }
    [[nodiscard]] std::uint64_t at() const { return at_; }
    void go_on() {
      if (!fortran_order_) {
        ++at_;
        return;
      }
      for (std::size_t d = 0; d < shape_.size(); ++d) {
        at_ += step_[d];
        if (++index_[d] < shape_[d]) return;
        at_ -= step_[d] * shape_[d];
        index_[d] = 0;
      }
    }

   private:
    const std::vector<std::uint64_t>& shape_;
    bool fortran_order_;
    std::vector<std::uint64_t> index_, step_;
    std::uint64_t at_ = 0;
  };

  const std::string& file_;
  std::ifstream in_;
  std::uint64_t left_ = 0;  ///< bytes that are not read yet
};

}  // namespace

number_array read_npy(const std::string& file) { return npy_reader(file).read(); }

}  // namespace locus
