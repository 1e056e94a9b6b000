#include "sim/run/twin.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/templates/catalogue.hpp"
#include "models/templates/variants.hpp"
#include "sim/core/errors.hpp"

namespace locus {

description make_twin(const document& text, const std::string& against, const std::vector<std::string>& overrides) {
  const std::vector<std::string> rules = {"bp", "il", "z-il", "fa-z-il"};
  if (std::find(rules.begin(), rules.end(), against) == rules.end()) {
    if (against.find('.') == std::string::npos) {
      throw usage_error(fmt::format("--against {}: expected bp, il, z-il, fa-z-il or a netlist{}", against,
                                    suggestion(against, rules)));
    }
    return read_netlist(document::from_file(against, overrides), all_templates());
  }
  const auto twin = with_rule([&](const std::vector<std::string>& more) { return text.again(more); }, against);
  if (twin) return *twin;
  throw usage_error(
      fmt::format("--against {0}: \"{1}\" cannot be given the rule \"{0}\" (the long form cannot, nor can templates "
                  "that do not have it); name the other circuit's netlist instead",
                  against, text.name()));
}

audit_subject subject_of(const document& text, const std::string& twin) {
  const netlist_reader read = [&](const std::vector<std::string>& more) { return text.again(more); };
  audit_subject subject{text.name(), read_netlist(read({}), all_templates()), {}, {}};
  const document again = read({});
  const std::string named = twin.empty() ? again.root().table("circuit").file_name("twin") : twin;
  subject.twin = named.empty() ? with_rule(read, "bp") : read_netlist(document::from_file(named), all_templates());
  subject.deeper = with_more_layers(read);
  return subject;
}

}  // namespace locus
