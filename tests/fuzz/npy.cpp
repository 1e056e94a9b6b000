/// A NumPy file: as inputs, and as targets of as many samples as it has.

#include "sim/data/number_array.hpp"
#include "tests/fuzz/reading.hpp"

using namespace locus;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzzing::memory_file file;
  file.fill(fuzzing::text_of(data, size));
  fuzzing::accepted([&] {
    const number_array a = read_npy(file.path());
    std::uint64_t count = 1;
    for (const std::uint64_t n : a.shape) count *= n;
    fuzzing::require(a.size() == count, "there are as many numbers as the shape says");
  });
  data_description wanted;
  wanted.source = "arrays";
  wanted.inputs.file = wanted.targets.file = "npy:" + file.path();
  fuzzing::load_all(wanted);
  return 0;
}
