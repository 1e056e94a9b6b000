#include "tools/locus/subject.hpp"

#include <fmt/format.h>

#include "models/templates/catalogue.hpp"
#include "models/templates/variants.hpp"
#include "tools/locus/output.hpp"

namespace locus::tools {

audit_subject read_subject(const std::string& file, const std::vector<std::string>& overrides,
                           const std::string& twin) {
  const document text = document::from_file(file, overrides);
  const netlist_reader read = [&](const std::vector<std::string>& more) { return text.again(more); };
  audit_subject subject{file, read_netlist(read({}), all_templates()), {}, {}};
  for (const std::string& warning : subject.netlist.warnings) tell(fmt::format("warning: {}: {}", file, warning));
  subject.twin = twin.empty() ? with_rule(read, "bp") : read_netlist(document::from_file(twin), all_templates());
  subject.deeper = with_more_layers(read);
  return subject;
}

}  // namespace locus::tools
