#include "tests/project_file.hpp"

namespace locus::testing {

std::string project_file(const std::string& path) { return std::string(LOCUS_SOURCE_DIR) + "/" + path; }

}  // namespace locus::testing
