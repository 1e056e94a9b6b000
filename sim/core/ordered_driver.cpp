#include "sim/core/ordered_driver.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include "sim/core/descriptor.hpp"

#if H5_VERS_MAJOR != 1 || H5_VERS_MINOR != 10
// From 1.13 on, the structure of a driver has other members in another order: compiled there, this one would be called
// by the wrong names. Read H5FDdevelop.h and compare H5FD_class_t before the next version is let in.
#error "the file driver is written for HDF5 1.10"
#endif

namespace locus::hdf5 {

namespace {

/// Puts the reason of a failed system call on HDF5's stack of errors, in the words of its own drivers.
herr_t report(const char* action) {
  const int number = errno;
  H5Epush2(H5E_DEFAULT, __FILE__, action, __LINE__, H5E_ERR_CLS, H5E_IO, H5E_WRITEERROR,
           "%s: errno = %d, error message = '%s'", action, number, std::strerror(number));
  return -1;
}

/// A piece of metadata on its way to the disk.
struct pending_write {
  H5FD_mem_t type = H5FD_MEM_DEFAULT;
  std::vector<unsigned char> bytes;
};

/// Level of a node of a tree above its leaves (format of HDF5, "Version 1 B-trees": signature, type, level).
int level_of(const pending_write& w) {
  constexpr std::string_view signature = "TREE";
  const bool tree = w.bytes.size() > 5 && std::memcmp(w.bytes.data(), signature.data(), signature.size()) == 0;
  return tree ? w.bytes[5] : -1;
}

class ordered_file {
 public:
  ordered_file(descriptor file, const struct stat& status)
      : file_(std::move(file)), device_(status.st_dev), inode_(status.st_ino) {
    at_opening_ = committed_ = eof_ = static_cast<haddr_t>(status.st_size);
  }
  ordered_file(const ordered_file&) = delete;
  ordered_file& operator=(const ordered_file&) = delete;

  [[nodiscard]] auto key() const { return std::tie(device_, inode_); }
  [[nodiscard]] haddr_t eoa() const { return eoa_; }
  [[nodiscard]] haddr_t eof() const { return eof_; }
  [[nodiscard]] std::shared_ptr<const int> error() const { return error_; }
  void set_eoa(haddr_t end) { eoa_ = end; }
  [[nodiscard]] bool lock(int how) const { return ::flock(file_.number(), how | LOCK_NB) == 0 || errno == ENOSYS; }

  herr_t read(haddr_t at, std::size_t size, unsigned char* to) {
    const ssize_t found = file_.read_at(at, size, to);
    if (found < 0) return report("read");
    std::memset(to + found, 0, size - static_cast<std::size_t>(found));  // past the end
    // What waits is newer.
    each_overlap(at, size, [&](haddr_t first, haddr_t last, const unsigned char* bytes) {
      std::memcpy(to + (first - at), bytes, last - first);
    });
    return 0;
  }

  void write(H5FD_mem_t type, haddr_t at, std::size_t size, const unsigned char* from) {
    eof_ = std::max<haddr_t>(eof_, at + size);
    if (type != H5FD_MEM_DRAW) keep(type, at, size, from);
    else if (*error_ == 0) note(file_.write_at(at, size, from));
  }

  void commit() {
    if (*error_ == 0 && !pending_.empty()) note(write_pending());
  }

  /// Afterwards error() knows all.
  void close() {
    commit();
    // A file that could not be written has the length that the last flush gave it. (Longer, it would harm nobody.)
    if (*error_ != 0) static_cast<void>(file_.resize(committed_));
    note(file_.close());
  }

 private:
  using write_iterator = std::map<haddr_t, pending_write>::iterator;

  /// Calls f(first, last, bytes) for each part [first, last) of [at, at + size) that waits.
  template <class F>
  void each_overlap(haddr_t at, std::size_t size, F&& f) {
    for (auto w = pending_.lower_bound(at - std::min(at, longest_)); w != pending_.end(); ++w) {
      if (w->first >= at + size) return;
      const haddr_t first = std::max(at, w->first);
      const haddr_t last = std::min<haddr_t>(at + size, w->first + w->second.bytes.size());
      if (first < last) f(first, last, w->second.bytes.data() + (first - w->first));
    }
  }

  void note(bool done) {
    if (!done && *error_ == 0) *error_ = errno;
  }

  void keep(H5FD_mem_t type, haddr_t at, std::size_t size, const unsigned char* from) {
    // Whatever overlaps gets the same bytes, so that the order of writing does not matter.
    each_overlap(at, size, [&](haddr_t first, haddr_t last, unsigned char* bytes) {
      std::memcpy(bytes, from + (first - at), last - first);
    });
    longest_ = std::max<haddr_t>(longest_, size);
    pending_write& w = pending_[at];
    w.type = type;
    if (w.bytes.size() <= size) w.bytes.assign(from, from + size);
  }

  [[nodiscard]] bool write_pending() {
    std::vector<write_iterator> known;
    for (auto each = pending_.begin(); each != pending_.end(); ++each) {
      if (each->second.type == H5FD_MEM_SUPER || is_known(each->first)) known.push_back(each);
      else if (!put(each)) return false;
    }
    struct stat status {};
    if (::fstat(file_.number(), &status) != 0) return false;
    const auto size = static_cast<haddr_t>(status.st_size);
    if (size < eoa_ && !file_.resize(eoa_)) return false;
    committed_ = std::max(committed_, eoa_);
    const auto rank = [](const write_iterator& w) {
      return std::tuple(w->second.type == H5FD_MEM_SUPER ? 0 : 1, -level_of(w->second), w->first);
    };
    std::sort(known.begin(), known.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    for (const write_iterator& each : known) {
      if (!put(each)) return false;
    }
    pending_.clear();
    if (size > eoa_ && !file_.resize(eoa_)) return false;
    committed_ = eoa_;
    return true;
  }
  /// Whether something may refer to what is on disk there; from now on it does.
  [[nodiscard]] bool is_known(haddr_t at) { return at < at_opening_ || !known_.insert(at).second; }
  [[nodiscard]] bool put(const write_iterator& w) const {
    return file_.write_at(w->first, w->second.bytes.size(), w->second.bytes.data());
  }

  descriptor file_;
  dev_t device_;
  ino_t inode_;
  haddr_t at_opening_ = 0;  ///< length of the file
  haddr_t longest_ = 0;     ///< bytes of the longest piece of metadata
  haddr_t eoa_ = 0;         ///< end of what HDF5 has allocated
  haddr_t eof_ = 0;         ///< end of what was ever written
  haddr_t committed_ = 0;   ///< length of the file that its superblock tells
  std::map<haddr_t, pending_write> pending_;
  std::unordered_set<haddr_t> known_;                      ///< addresses of metadata that came to the disk since then
  std::shared_ptr<int> error_ = std::make_shared<int>(0);  ///< the first of writing
};

/// What HDF5 knows of an open file: begins with its own part.
struct driver_file {
  H5FD_t own{};
  std::unique_ptr<ordered_file> file;
};

ordered_file& of(H5FD_t* f) { return *reinterpret_cast<driver_file*>(f)->file; }
const ordered_file& of(const H5FD_t* f) { return *reinterpret_cast<const driver_file*>(f)->file; }

H5FD_t* open_file(const char* name, unsigned flags, hid_t, haddr_t) {
  int mode = (flags & H5F_ACC_RDWR) != 0 ? O_RDWR : O_RDONLY;
  if ((flags & H5F_ACC_CREAT) != 0) mode |= O_CREAT;
  if ((flags & H5F_ACC_EXCL) != 0) mode |= O_EXCL;
  if ((flags & H5F_ACC_TRUNC) != 0) mode |= O_TRUNC;
  descriptor file(name, mode);
  struct stat status {};
  if (!file || ::fstat(file.number(), &status) != 0) {
    report("open");
    return nullptr;
  }
  auto opened = std::make_unique<driver_file>();
  opened->file = std::make_unique<ordered_file>(std::move(file), status);
  return &opened.release()->own;
}

herr_t close_file(H5FD_t* f) {
  const std::unique_ptr<driver_file> closing(reinterpret_cast<driver_file*>(f));
  closing->file->close();
  return 0;
}

int compare(const H5FD_t* a, const H5FD_t* b) {
  return of(a).key() < of(b).key() ? -1 : of(b).key() < of(a).key() ? 1 : 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  // No accumulating: each piece of metadata must come by itself.
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

H5FD_class_t driver_class() {
  constexpr std::array<H5FD_mem_t, H5FD_MEM_NTYPES> kinds = H5FD_FLMAP_DICHOTOMY;
  H5FD_class_t c{};
  c.name = "locus-ordered";
  c.maxaddr = static_cast<haddr_t>(HADDR_MAX >> 1);
  c.fc_degree = H5F_CLOSE_WEAK;
  c.open = open_file;
  c.close = close_file;
  c.cmp = compare;
  c.query = query;
  c.get_eoa = [](const H5FD_t* f, H5FD_mem_t) { return of(f).eoa(); };
  c.set_eoa = [](H5FD_t* f, H5FD_mem_t, haddr_t end) -> herr_t { return of(f).set_eoa(end), 0; };
  c.get_eof = [](const H5FD_t* f, H5FD_mem_t) { return of(f).eof(); };
  c.read = [](H5FD_t* f, H5FD_mem_t, hid_t, haddr_t at, std::size_t size, void* to) {
    return of(f).read(at, size, static_cast<unsigned char*>(to));
  };
  c.write = [](H5FD_t* f, H5FD_mem_t type, hid_t, haddr_t at, std::size_t size, const void* from) -> herr_t {
    return of(f).write(type, at, size, static_cast<const unsigned char*>(from)), 0;
  };
  c.flush = [](H5FD_t* f, hid_t, hbool_t) -> herr_t { return of(f).commit(), 0; };
  c.get_handle = [](H5FD_t* f, hid_t, void** file) -> herr_t { return *file = &of(f), 0; };
  c.lock = [](H5FD_t* f, hbool_t exclusive) -> herr_t {
    return of(f).lock(exclusive ? LOCK_EX : LOCK_SH) ? 0 : report("lock");
  };
  c.unlock = [](H5FD_t* f) -> herr_t { return of(f).lock(LOCK_UN) ? 0 : report("unlock"); };
  std::copy(kinds.begin(), kinds.end(), c.fl_map);
  return c;
}

hid_t driver() {
  static const H5FD_class_t description = driver_class();
  static const hid_t registered = H5FDregister(&description);
  return registered;
}

}  // namespace

bool use_ordered_driver(hid_t access) { return driver() >= 0 && H5Pset_driver(access, driver(), nullptr) >= 0; }

std::shared_ptr<const int> write_error(hid_t file) {
  const hid_t access = H5Fget_access_plist(file);
  const bool ours = access >= 0 && H5Pget_driver(access) == driver();
  if (access >= 0) H5Pclose(access);
  void* opened = nullptr;
  if (!ours || H5Fget_vfd_handle(file, H5P_DEFAULT, &opened) < 0) return std::make_shared<int>(0);
  return static_cast<ordered_file*>(opened)->error();
}

}  // namespace locus::hdf5
