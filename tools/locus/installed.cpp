#include "tools/locus/installed.hpp"

#include <sys/auxv.h>

#include <system_error>

namespace locus::tools {

namespace fs = std::filesystem;

fs::path program_folder() {
  std::error_code unknown;
  fs::path self = fs::read_symlink("/proc/self/exe", unknown);
  if (self.empty()) {  // no /proc here: the name that the program was started by
    const auto* name = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));  // NOLINT: so the kernel hands it over
    if (name != nullptr) self = fs::canonical(name, unknown);
  }
  return self.parent_path();
}

std::string shipped_netlists() {
  const std::string here = "netlists";
  std::error_code unknown;
  if (fs::is_directory(here, unknown)) return here;
  const fs::path there = program_folder().parent_path() / "share" / "locus" / here;
  return fs::is_directory(there, unknown) ? there.string() : here;
}

}  // namespace locus::tools
