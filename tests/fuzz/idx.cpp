/// A folder with IDX files, plain or gzipped: images and labels for training, and for the test if there is enough. The
/// first four bytes say after how many bytes each file ends.

#include <array>
#include <filesystem>
#include <optional>

#include "tests/fuzz/reading.hpp"

using namespace locus;

namespace {

constexpr std::size_t files = 4;

/// A directory that is there until the process ends.
class folder {
 public:
  folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "locus-fuzz-XXXXXX").string();
    fuzzing::require(mkdtemp(pattern.data()) != nullptr, "a temporary directory can be made");
    path_ = pattern;
    for (std::size_t i = 0; i < files; ++i) std::filesystem::create_symlink(contents_[i].path(), path(i));
  }
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  [[nodiscard]] std::string path() const { return path_; }
  void fill(std::size_t file, std::string_view content) const { contents_[file].fill(content); }

  /// Whether there are files for the test.
  void with_test(bool wanted) {
    if (wanted == with_test_) return;
    for (const std::size_t i : {2u, 3u}) {
      if (wanted) std::filesystem::create_symlink(contents_[i].path(), path(i));
      else std::filesystem::remove(path(i));
    }
    with_test_ = wanted;
  }

 private:
  [[nodiscard]] std::string path(std::size_t file) const {
    static constexpr std::array<const char*, files> names = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                                             "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
    return path_ + "/" + names[file];
  }

  std::string path_;
  std::array<fuzzing::memory_file, files> contents_;
  bool with_test_ = true;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static folder place;
  if (size < files) return 0;
  std::string_view rest = fuzzing::text_of(data + files, size - files);
  for (std::size_t i = 0; i < files; ++i) {
    const std::size_t length = std::min<std::size_t>(data[i], rest.size());
    place.fill(i, rest.substr(0, length));
    rest.remove_prefix(length);
  }
  place.with_test(data[2] + data[3] != 0);
  fuzzing::load_all("idx:" + place.path());
  return 0;
}
