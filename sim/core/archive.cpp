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
#include "sim/core/hdf5_reading.hpp"
#include "sim/core/rank_group.hpp"
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
T from_bytes(std::string_view bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
  return value;
}

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

struct hdf5_type {
  hid_t memory;
  hid_t file;
};

/// Of an archive's number_type.
hdf5_type hdf5_types(char code) {
  switch (code) {
    case '1': return {H5T_NATIVE_FLOAT, H5T_IEEE_F32LE};
    case '2': return {H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE};
    case '3': return {H5T_NATIVE_INT64, H5T_STD_I64LE};
    case '4': return {H5T_NATIVE_UINT64, H5T_STD_U64LE};
    case '5': return {H5T_NATIVE_UINT32, H5T_STD_U32LE};
    case '6': return {H5T_NATIVE_UINT16, H5T_STD_U16LE};
    case '7': return {H5T_NATIVE_UINT8, H5T_STD_U8LE};
  }
  throw internal_error("archive: a type that is none");
}

}  // namespace

namespace detail {

/// Answers questions about a file, each of which is a kind, a group and a name there, with a 0 between them.
class stored_file {
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
    if (H5Tequal(stored.get(), hdf5_types(code).file) <= 0)
      found->fail("resume from", "its numbers are of another type");
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
    const hid_t memory = hdf5_types(code).memory;
    std::uint64_t bytes = H5Tget_size(memory);
    for (const hsize_t n : hdf5::size_of(dataset)) bytes *= n;  // check_storage: no more than the file has
    std::string answer(bytes, '\0');
    if (bytes > 0) hdf5::read(dataset, memory, answer.data());
    return answer;
  }

  hdf5::object file_;
};

}  // namespace detail

class archive::written_file final : public store {
 public:
  explicit written_file(const atomic_file& place) : path_(place.path()) {
    groups_.push_back(hdf5::create_file(place, seal_size));
  }

  void enter(const std::string& group) override {
    groups_.push_back(hdf5::open_group(groups_.back(), group.substr(group.rfind('/') + 1)));
  }
  void leave() override { groups_.pop_back(); }

  void put(const std::string& kind, const std::string&, const std::string& name, std::string_view bytes,
           const std::vector<std::size_t>& shape) override {
    const hdf5::object& here = groups_.back();
    switch (kind.front()) {
      case 't': return hdf5::set_text(here, name, std::string(bytes));
      case 'f': return hdf5::set_flag(here, name, from_bytes<char>(bytes) != 0);
      case 'd': return hdf5::set_number(here, name, from_bytes<double>(bytes));
      case 'i': return hdf5::set_integer(here, name, from_bytes<std::int64_t>(bytes));
      default: break;
    }
    const auto [memory, file] = hdf5_types(kind.at(1));
    const std::vector<hsize_t> size(shape.begin(), shape.end());
    const hdf5::object dataset = hdf5::create_dataset(here, name, file, {.size = size, .chunk = {}});
    if (!bytes.empty()) hdf5::write(dataset, memory, bytes.data());
  }
  std::string get(const std::string&, const std::string&, const std::string&) override {
    throw internal_error("archive: a file that is written is not read");
  }
  void fail(const std::string&, std::string_view reason) const override { groups_.back().fail("write", reason); }

  void finish() override {
    const std::string shown = groups_.front().file;
    hdf5::close(groups_.front());
    seal(path_, shown);
  }

 private:
  hdf5::session exclusive_;
  std::string path_;
  std::vector<hdf5::object> groups_;  ///< the file, then one inside the other
};

class archive::read_file final : public store {
 public:
  explicit read_file(const std::string& path)
      : path_(path),
        reader_(path, [path, file = std::make_shared<std::optional<detail::stored_file>>()](std::string_view question) {
          if (!*file) file->emplace(path);
          return (*file)->answer(question);
        }) {}

  void enter(const std::string&) override {}
  void leave() override {}
  void put(const std::string&, const std::string&, const std::string&, std::string_view,
           const std::vector<std::size_t>&) override {
    throw internal_error("archive: a file that is read is not written");
  }
  std::string get(const std::string& kind, const std::string& group, const std::string& name) override {
    return reader_.ask(kind + '\0' + group + '\0' + name);
  }
  void fail(const std::string& path, std::string_view reason) const override {
    hdf5::object{hdf5::handle(), path_, path}.fail("resume from", reason);
  }
  void finish() override { throw internal_error("archive: a file that is read is not finished"); }

 private:
  hdf5::session exclusive_;
  std::string path_;
  hdf5::isolated_reader reader_;
};

class archive::memory_store final : public store {
 public:
  explicit memory_store(archive_memory& memory) : memory_(&memory), kept_(memory) { memory.entries.clear(); }
  explicit memory_store(const archive_memory& memory) : kept_(memory) {}

  void enter(const std::string& group) override {
    if (memory_ != nullptr) memory_->entries["g" + group];
  }
  void leave() override {}
  void put(const std::string& kind, const std::string& group, const std::string& name, std::string_view bytes,
           const std::vector<std::size_t>& shape) override {
    memory_->entries[fmt::format("{}{}/{}", kind, group, name)] = {std::string(bytes), shape};
  }
  std::string get(const std::string& kind, const std::string& group, const std::string& name) override {
    const bool shape = kind.front() == 's';
    const auto found = kept_.entries.find(fmt::format("{}{}/{}", shape ? "a" + kind.substr(1) : kind, group, name));
    if (kind == "g") return found == kept_.entries.end() ? "" : "yes";
    if (found == kept_.entries.end()) throw internal_error(fmt::format("state in memory has no {}/{}", group, name));
    if (!shape) return found->second.bytes;
    std::string answer;
    for (const hsize_t n : found->second.shape) answer += bytes_of(n);
    return answer;
  }
  void fail(const std::string& path, std::string_view reason) const override {
    throw internal_error(fmt::format("state in memory ({}): {}", path, reason));
  }
  void finish() override {}

 private:
  archive_memory* memory_ = nullptr;  ///< null: only read
  const archive_memory& kept_;
};

class archive::no_store final : public store {
 public:
  void enter(const std::string&) override {}
  void leave() override {}
  void put(const std::string&, const std::string&, const std::string&, std::string_view,
           const std::vector<std::size_t>&) override {}
  std::string get(const std::string&, const std::string&, const std::string&) override {
    throw internal_error("archive: nobody's state is read");
  }
  void fail(const std::string& path, std::string_view reason) const override {
    throw internal_error(fmt::format("state of nobody ({}): {}", path, reason));
  }
  void finish() override {}
};

/// Reads from another store, and says to all ranks what it read: "y" and that, or "n" if there was an error.
class archive::told_store final : public store {
 public:
  told_store(store& from, rank_group& ranks) : from_(from), ranks_(ranks) {}

  void enter(const std::string& group) override { from_.enter(group); }
  void leave() override { from_.leave(); }
  void put(const std::string&, const std::string&, const std::string&, std::string_view,
           const std::vector<std::size_t>&) override {
    throw internal_error("archive: what is read to others is not written");
  }
  std::string get(const std::string& kind, const std::string& group, const std::string& name) override {
    std::string said = "n";
    try {
      said = "y" + from_.get(kind, group, name);
    } catch (...) {
      ranks_.broadcast(said);
      throw;
    }
    ranks_.broadcast(said);
    said.erase(0, 1);
    return said;
  }
  void fail(const std::string& path, std::string_view reason) const override { from_.fail(path, reason); }
  void finish() override {}

 private:
  store& from_;
  rank_group& ranks_;
};

class archive::heard_store final : public store {
 public:
  explicit heard_store(rank_group& ranks) : ranks_(ranks) {}

  void enter(const std::string&) override {}
  void leave() override {}
  void put(const std::string&, const std::string&, const std::string&, std::string_view,
           const std::vector<std::size_t>&) override {
    throw internal_error("archive: what is heard is not written");
  }
  std::string get(const std::string&, const std::string&, const std::string&) override {
    std::string said;
    ranks_.broadcast(said);
    if (said.front() != 'y') throw run_error("rank 0 cannot read the state");
    said.erase(0, 1);
    return said;
  }
  void fail(const std::string& path, std::string_view reason) const override {
    throw run_error(fmt::format("the state that rank 0 read ({}): {}", path, reason));
  }
  void finish() override {}

 private:
  rank_group& ranks_;
};

namespace {

void pack(std::string& bytes, std::uint64_t n) { bytes += bytes_of(n); }
void pack(std::string& bytes, const std::string& text) {
  pack(bytes, text.size());
  bytes += text;
}

/// Takes things off the front of bytes.
class unpacker {
 public:
  explicit unpacker(std::string_view bytes) : left_(bytes) {}

  [[nodiscard]] bool done() const noexcept { return left_.empty(); }
  std::string_view take(std::uint64_t count) {
    if (count > left_.size()) throw internal_error("state in memory: bytes are missing");
    const std::string_view taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }
  std::uint64_t number() {
    std::uint64_t n = 0;
    std::memcpy(&n, take(sizeof n).data(), sizeof n);
    return n;
  }
  std::string text() { return std::string(take(number())); }

 private:
  std::string_view left_;
};

}  // namespace

std::string archive_memory::packed() const {
  std::string bytes;
  for (const auto& [path, e] : entries) {
    pack(bytes, path);
    pack(bytes, e.bytes);
    pack(bytes, std::uint64_t{e.shape.size()});
    for (const std::size_t n : e.shape) pack(bytes, std::uint64_t{n});
  }
  return bytes;
}

archive_memory archive_memory::unpacked(std::string_view bytes) {
  archive_memory memory;
  for (unpacker from(bytes); !from.done();) {
    const std::string path = from.text();
    entry e{from.text(), {}};
    for (std::uint64_t rank = from.number(); rank > 0; --rank) e.shape.push_back(from.number());
    memory.entries.emplace(path, std::move(e));
  }
  return memory;
}

archive::archive(std::unique_ptr<store> kept, bool loading) : store_(std::move(kept)), loading_(loading) {}
archive::archive(archive&&) noexcept = default;
archive::~archive() = default;

archive archive::writer(const atomic_file& place) { return {std::make_unique<written_file>(place), false}; }

archive archive::reader(const std::string& path) {
  check_seal(path);
  return {std::make_unique<read_file>(path), true};
}

archive archive::writer(archive_memory& memory) { return {std::make_unique<memory_store>(memory), false}; }
archive archive::reader(const archive_memory& memory) { return {std::make_unique<memory_store>(memory), true}; }
archive archive::to_nobody() { return {std::make_unique<no_store>(), false}; }
archive archive::heard_from(rank_group& ranks) { return {std::make_unique<heard_store>(ranks), true}; }
archive archive::told_to(rank_group& ranks) {
  archive told(std::make_unique<told_store>(*store_, ranks), true);
  told.groups_ = groups_;
  return told;
}

void archive::fail(std::string_view reason) const {
  store_->fail(groups_.back(), reason);
  throw internal_error("archive: a failure that returned");
}

void archive::fail_at(const std::string& name, std::string_view reason) const {
  store_->fail(fmt::format("{}/{}", groups_.back(), name), reason);
  throw internal_error("archive: a failure that returned");
}

archive::part archive::enter(std::string_view name) {
  if (loading() && !has_part(name)) fail(fmt::format("there is no \"{}\"", escaped(name)));
  groups_.push_back(fmt::format("{}/{}", groups_.back(), escaped(name)));
  store_->enter(groups_.back());
  return part(*this);
}

void archive::leave() {
  groups_.pop_back();
  store_->leave();
}

bool archive::has_part(std::string_view name) { return !store_->get("g", groups_.back(), escaped(name)).empty(); }

template <class T>
void archive::attribute(char kind, const std::string& name, T& value) {
  if (!loading()) return store_->put({kind}, groups_.back(), name, bytes_of(value), {});
  const std::string bytes = store_->get({kind}, groups_.back(), name);
  if (bytes.size() != sizeof value) fail("it cannot be read");
  value = from_bytes<T>(bytes);
}

void archive::value(const std::string& name, std::string& text) {
  if (loading()) text = store_->get("t", groups_.back(), name);
  else store_->put("t", groups_.back(), name, text, {});
}

void archive::value(const std::string& name, bool& flag) {
  char number = flag ? 1 : 0;
  attribute('f', name, number);
  flag = number != 0;
}

void archive::value(const std::string& name, double& number) { attribute('d', name, number); }
void archive::value(const std::string& name, std::int64_t& number) { attribute('i', name, number); }

void archive::value(const std::string& name, std::uint64_t& number) {
  auto same = static_cast<std::int64_t>(number);
  value(name, same);
  if (same < 0) fail(fmt::format("{} = {}: must be >= 0", name, same));
  number = static_cast<std::uint64_t>(same);
}

void archive::array(const std::string& name, number_type type, std::span<std::byte> bytes,
                    const std::vector<std::size_t>& shape) {
  const std::string path = escaped(name);
  const std::string kind = {'a', static_cast<char>(type)};
  if (!loading()) {
    return store_->put(kind, groups_.back(), path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, shape);
  }
  if (const auto found = stored_shape(name, type); found != shape) {
    fail_at(path, fmt::format("it has the shape [{}]: expected [{}]", fmt::join(found, ", "), fmt::join(shape, ", ")));
  }
  const std::string numbers = store_->get(kind, groups_.back(), path);
  if (numbers.size() != bytes.size()) fail_at(path, "it cannot be read");
  std::copy(numbers.begin(), numbers.end(), reinterpret_cast<char*>(bytes.data()));
}

std::vector<std::size_t> archive::stored_shape(const std::string& name, number_type type) {
  const std::string answer = store_->get({'s', static_cast<char>(type)}, groups_.back(), escaped(name));
  std::vector<std::size_t> shape(answer.size() / sizeof(hsize_t));
  std::copy_n(answer.data(), shape.size() * sizeof(hsize_t), reinterpret_cast<char*>(shape.data()));
  return shape;
}

std::size_t archive::stored_count(const std::string& name, number_type type) {
  const std::vector<std::size_t> shape = stored_shape(name, type);
  if (shape.size() != 1) fail_at(escaped(name), fmt::format("it has {} dimensions: must have 1", shape.size()));
  return shape.front();
}

void archive::finish() { store_->finish(); }

}  // namespace locus
