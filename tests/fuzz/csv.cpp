/// A CSV file of data.

#include "tests/fuzz/reading.hpp"

using namespace locus;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzzing::memory_file file;
  file.fill(fuzzing::text_of(data, size));
  fuzzing::load_all("csv:" + file.path());
  return 0;
}
