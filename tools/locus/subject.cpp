#include "tools/locus/subject.hpp"

#include <fmt/format.h>

#include "sim/run/twin.hpp"
#include "tools/locus/output.hpp"

namespace locus::tools {

audit_subject read_subject(const std::string& file, const std::vector<std::string>& overrides,
                           const std::string& twin) {
  audit_subject subject = subject_of(document::from_file(file, overrides), twin);
  for (const std::string& warning : subject.netlist.warnings) tell(fmt::format("warning: {}: {}", file, warning));
  return subject;
}

}  // namespace locus::tools
