#include "sim/core/archive.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include "sim/core/descriptor.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/sha256.hpp"

namespace locus {

namespace {

/// A name as one part of a path in HDF5.
std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '/' || c == '%') out += fmt::format("%{:02X}", static_cast<unsigned>(c));
    else out += c;
  }
  return out == "." ? "%2E" : out;
}

constexpr std::size_t seal_size = 512;  // the least that HDF5 allows for a user block
constexpr std::string_view seal_start = "locus archive, sha256 of all after these 512 bytes: ";

/// The seal of the rest of a file, from where it stands on.
std::string seal_of(std::istream& file) {
  sha256 hash;
  std::vector<char> block(std::size_t{1} << 20u);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())), file.gcount() > 0) {
    hash.update(std::as_bytes(std::span(block).first(static_cast<std::size_t>(file.gcount()))));
  }
  std::string text = fmt::format("{}{}\n", seal_start, hash.hex());
  text.resize(seal_size, '\n');
  return text;
}

void seal(const std::string& path, const std::string& shown) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  file.seekg(seal_size);
  const std::string text = seal_of(file);
  descriptor sealed(path, O_WRONLY);
  if (file.bad() || !sealed.write_at(0, seal_size, text.data()) || !sealed.close()) {
    throw run_error(fmt::format("cannot write \"{}\": {}", shown, std::strerror(errno)));
  }
}

/// Throws unless the file is as it was sealed.
void check_seal(const std::string& path) {
  const auto refuse = [&](std::string_view why) {
    throw run_error(fmt::format("cannot resume from \"{}\": {}", path, why));
  };
  // A pipe would wait for somebody who writes.
  if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path)) refuse("it is no regular file");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(seal_size, ' ');
  file.read(text.data(), seal_size);
  if (!file && errno != 0) refuse(std::strerror(errno));
  if (!text.starts_with(seal_start)) refuse("it is no checkpoint");
  if (!file || text != seal_of(file)) refuse("it is damaged: it holds something else than was written");
}

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace

/// Answers questions about a file, each of which is a kind, a group and a name there, with a 0 between them.
class archive::stored_file {
 public:
  explicit stored_file(const std::string& path) : file_(hdf5::open_file(path)) {}

  [[nodiscard]] std::string answer(std::string_view question) const {
    const std::size_t first = question.find('\0', 1), second = question.find('\0', first + 1);
    const std::string kind(question.substr(0, first)), group(question.substr(first + 1, second - first - 1)),
        name(question.substr(second + 1));
    const std::string path = fmt::format("{}/{}", group, name);
    switch (kind.front()) {
      case 'g': return hdf5::find_group(file_, path) ? "yes" : "";
      case 's': return shape(dataset(path, kind.at(1)));
      case 'a': return numbers(dataset(path, kind.at(1)), kind.at(1));
      default:
        return group.empty() ? value(file_, kind.front(), name)
                             : value(hdf5::open_existing_group(file_, group), kind.front(), name);
    }
  }

 private:
  struct hdf5_type {
    hid_t memory;
    hid_t file;
  };
  static hdf5_type type(char code) {
    switch (static_cast<number_type>(code)) {
      case number_type::f32: return {H5T_NATIVE_FLOAT, H5T_IEEE_F32LE};
      case number_type::f64: return {H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE};
      case number_type::i64: return {H5T_NATIVE_INT64, H5T_STD_I64LE};
      case number_type::u64: return {H5T_NATIVE_UINT64, H5T_STD_U64LE};
      case number_type::u32: return {H5T_NATIVE_UINT32, H5T_STD_U32LE};
      case number_type::u16: return {H5T_NATIVE_UINT16, H5T_STD_U16LE};
      case number_type::u8: return {H5T_NATIVE_UINT8, H5T_STD_U8LE};
    }
    throw internal_error("archive: a type that is none");
  }
  friend class archive;

  static std::string value(const hdf5::object& owner, char kind, const std::string& name) {
    switch (kind) {
      case 't': return hdf5::text(owner, name);
      case 'f': return bytes_of(static_cast<char>(hdf5::flag(owner, name)));
      case 'd': return bytes_of(hdf5::number(owner, name));
      case 'i': return bytes_of(hdf5::integer(owner, name));
      default: throw internal_error("archive: a question that is none");
    }
  }

  /// A dataset that is as an archive writes it, and small enough for its file.
  [[nodiscard]] hdf5::object dataset(const std::string& path, char code) const {
    std::optional<hdf5::object> found = hdf5::find_dataset(file_, path);
    if (!found) file_.fail("resume from", fmt::format("there is no \"{}\"", path.substr(1)));
    hdf5::check_storage(*found);
    const bounded_reading limit;
    const hdf5::handle stored(found->check(H5Dget_type(found->id.get()), "read"));
    if (H5Tequal(stored.get(), type(code).file) <= 0) found->fail("resume from", "its numbers are of another type");
    const hdf5::handle creation(found->check(H5Dget_create_plist(found->id.get()), "read"));
    if (H5Pget_layout(creation.get()) != H5D_CONTIGUOUS) found->fail("resume from", "its numbers are not in one piece");
    return std::move(*found);
  }

  static std::string shape(const hdf5::object& dataset) {
    std::string answer;
    for (const hsize_t n : hdf5::size_of(dataset)) answer += bytes_of(n);
    return answer;
  }

  static std::string numbers(const hdf5::object& dataset, char code) {
    const hid_t memory = type(code).memory;
    std::uint64_t bytes = H5Tget_size(memory);
    for (const hsize_t n : hdf5::size_of(dataset)) bytes *= n;  // check_storage: no more than the file has
    std::string answer(bytes, '\0');
    if (bytes > 0) hdf5::read(dataset, memory, answer.data());
    return answer;
  }

  hdf5::object file_;
};

archive archive::writer(const atomic_file& place) {
  const hdf5::session exclusive;
  return archive(place.path(), hdf5::create_file(place, seal_size));
}

archive archive::reader(const std::string& path) {
  check_seal(path);
  return archive(path);
}

archive::archive(const std::string& path, hdf5::object file) : path_(path) { groups_.push_back(std::move(file)); }

archive::archive(const std::string& path) : path_(path) {
  groups_.push_back({hdf5::handle(), path, ""});
  const auto file = std::make_shared<std::optional<stored_file>>();
  reader_.emplace(path, [path, file](std::string_view question) {
    if (!*file) file->emplace(path);
    return (*file)->answer(question);
  });
}

void archive::fail(std::string_view reason) const { here().fail("resume from", reason); }

void archive::fail_at(const std::string& path, std::string_view reason) const {
  hdf5::object{hdf5::handle(), path_, fmt::format("{}/{}", here().name, path)}.fail("resume from", reason);
}

std::string archive::ask(const std::string& kind, const std::string& name) {
  return reader_->ask(kind + '\0' + here().name + '\0' + name);
}

template <class T>
T archive::stored(char kind, const std::string& name) {
  const std::string bytes = ask({kind}, name);
  T value;
  if (bytes.size() != sizeof value) fail("it cannot be read");
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

archive::part archive::enter(std::string_view name) {
  const std::string path = escaped(name);
  if (!loading()) {
    groups_.push_back(hdf5::open_group(here(), path));
    return part(*this);
  }
  if (!has_part(name)) fail(fmt::format("there is no \"{}\"", path));
  groups_.push_back({hdf5::handle(), path_, fmt::format("{}/{}", here().name, path)});
  return part(*this);
}

bool archive::has_part(std::string_view name) { return !ask("g", escaped(name)).empty(); }

void archive::value(const std::string& name, std::string& text) {
  if (loading()) text = ask("t", name);
  else hdf5::set_text(here(), name, text);
}

void archive::value(const std::string& name, bool& flag) {
  if (loading()) flag = stored<char>('f', name) != 0;
  else hdf5::set_flag(here(), name, flag);
}

void archive::value(const std::string& name, double& number) {
  if (loading()) number = stored<double>('d', name);
  else hdf5::set_number(here(), name, number);
}

void archive::value(const std::string& name, std::int64_t& number) {
  if (loading()) number = stored<std::int64_t>('i', name);
  else hdf5::set_integer(here(), name, number);
}

void archive::value(const std::string& name, std::uint64_t& number) {
  auto same = static_cast<std::int64_t>(number);
  value(name, same);
  if (same < 0) fail(fmt::format("{} = {}: must be >= 0", name, same));
  number = static_cast<std::uint64_t>(same);
}

void archive::array(const std::string& name, number_type type, std::span<std::byte> bytes,
                    const std::vector<std::size_t>& shape) {
  const std::string path = escaped(name);
  const char code = static_cast<char>(type);
  if (!loading()) {
    const auto [memory, file] = stored_file::type(code);
    const std::vector<hsize_t> size(shape.begin(), shape.end());
    const hdf5::object dataset = hdf5::create_dataset(here(), path, file, {.size = size, .chunk = {}});
    if (!bytes.empty()) hdf5::write(dataset, memory, bytes.data());
    return;
  }
  if (const auto found = stored_shape(name, type); found != shape) {
    fail_at(path, fmt::format("it has the shape [{}]: expected [{}]", fmt::join(found, ", "), fmt::join(shape, ", ")));
  }
  const std::string numbers = ask({'a', code}, path);
  if (numbers.size() != bytes.size()) fail_at(path, "it cannot be read");
  std::copy(numbers.begin(), numbers.end(), reinterpret_cast<char*>(bytes.data()));
}

std::vector<std::size_t> archive::stored_shape(const std::string& name, number_type type) {
  const std::string answer = ask({'s', static_cast<char>(type)}, escaped(name));
  std::vector<std::size_t> shape(answer.size() / sizeof(hsize_t));
  std::copy_n(answer.data(), shape.size() * sizeof(hsize_t), reinterpret_cast<char*>(shape.data()));
  return shape;
}

std::size_t archive::stored_count(const std::string& name, number_type type) {
  const std::vector<std::size_t> shape = stored_shape(name, type);
  if (shape.size() != 1) fail_at(escaped(name), fmt::format("it has {} dimensions: must have 1", shape.size()));
  return shape.front();
}

void archive::finish() {
  const std::string shown = groups_.front().file;
  hdf5::close(groups_.front());
  seal(path_, shown);
}

}  // namespace locus
