#include "sim/core/archive.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <cstring>
#include <fstream>

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
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(seal_size, ' ');
  file.read(text.data(), seal_size);
  const auto refuse = [&](std::string_view why) {
    throw run_error(fmt::format("cannot resume from \"{}\": {}", path, why));
  };
  if (!file && errno != 0) refuse(std::strerror(errno));
  if (!text.starts_with(seal_start)) refuse("it is no checkpoint");
  if (!file || text != seal_of(file)) refuse("it is damaged: it holds something else than was written");
}

}  // namespace

archive archive::writer(const atomic_file& place) {
  const hdf5::session exclusive;
  return archive(hdf5::create_file(place, seal_size), place.path(), false);
}

archive archive::reader(const std::string& path) {
  const hdf5::session exclusive;
  check_seal(path);
  return archive(hdf5::open_file(path), path, true);
}

archive::archive(hdf5::object file, const std::string& path, bool loading) : path_(path), loading_(loading) {
  groups_.push_back(std::move(file));
}

void archive::fail(std::string_view reason) const { here().fail("resume from", reason); }

archive::part archive::enter(std::string_view name) {
  const std::string path = escaped(name);
  if (loading_ && !hdf5::contains(here(), path)) fail(fmt::format("there is no \"{}\"", path));
  groups_.push_back(hdf5::open_group(here(), path));
  return part(*this);
}

bool archive::has_part(std::string_view name) const { return hdf5::contains(here(), escaped(name)); }

void archive::value(const std::string& name, std::string& text) {
  if (loading_) text = hdf5::text(here(), name);
  else hdf5::set_text(here(), name, text);
}

void archive::value(const std::string& name, bool& flag) {
  if (loading_) flag = hdf5::flag(here(), name);
  else hdf5::set_flag(here(), name, flag);
}

void archive::value(const std::string& name, double& number) {
  if (loading_) number = hdf5::number(here(), name);
  else hdf5::set_number(here(), name, number);
}

void archive::value(const std::string& name, std::int64_t& number) {
  if (loading_) number = hdf5::integer(here(), name);
  else hdf5::set_integer(here(), name, number);
}

void archive::value(const std::string& name, std::uint64_t& number) {
  auto same = static_cast<std::int64_t>(number);
  value(name, same);
  if (same < 0) fail(fmt::format("{} = {}: must be >= 0", name, same));
  number = static_cast<std::uint64_t>(same);
}

void archive::array(const std::string& name, const number_type& type, std::span<std::byte> bytes,
                    const std::vector<std::size_t>& shape) {
  const std::string path = escaped(name);
  const std::vector<hsize_t> size(shape.begin(), shape.end());
  if (loading_) {
    if (!hdf5::contains(here(), path)) fail(fmt::format("there is no \"{}\"", path));
    const hdf5::object dataset = hdf5::open_dataset(here(), path);
    if (const auto found = hdf5::size_of(dataset); found != size) {
      dataset.fail("resume from",
                   fmt::format("it has the shape [{}]: expected [{}]", fmt::join(found, ", "), fmt::join(size, ", ")));
    }
    if (!bytes.empty()) hdf5::read(dataset, type.memory, bytes.data());
  } else {
    const hdf5::object dataset = hdf5::create_dataset(here(), path, type.file, {.size = size, .chunk = {}});
    if (!bytes.empty()) hdf5::write(dataset, type.memory, bytes.data());
  }
}

std::size_t archive::stored_count(const std::string& name, std::size_t width) const {
  const std::string path = escaped(name);
  if (!hdf5::contains(here(), path)) fail(fmt::format("there is no \"{}\"", path));
  const hdf5::object dataset = hdf5::open_dataset(here(), path);
  const std::vector<hsize_t> size = hdf5::size_of(dataset);
  const hdf5::object& file = groups_.front();
  hsize_t bytes = 0;
  file.check(H5Fget_filesize(file.id.get(), &bytes), "read");
  if (size.size() != 1 || size[0] > bytes / width) {
    dataset.fail("resume from",
                 fmt::format("it claims the shape [{}], more than the file can hold", fmt::join(size, ", ")));
  }
  return size[0];
}

void archive::finish() {
  const std::string shown = groups_.front().file;
  hdf5::close(groups_.front());
  seal(path_, shown);
}

}  // namespace locus
