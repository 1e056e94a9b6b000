#include "tests/audit/audit_testing.hpp"

#include <algorithm>
#include <stdexcept>

#include "models/templates/catalogue.hpp"
#include "models/templates/variants.hpp"
#include "tests/project_file.hpp"

namespace locus::testing {

namespace {

audit_subject subject_from(const netlist_reader& read, const std::string& name) {
  return {name, read_netlist(read({}), all_templates()), with_rule(read, "bp"), with_more_layers(read)};
}

}  // namespace

audit_subject subject_of(const std::string& text, const std::string& name) {
  return subject_from([&](const std::vector<std::string>& more) { return document::from_text(text, name, more); },
                      name);
}

audit_subject subject_of_file(const std::string& file, const std::string& name) {
  return subject_from([&](const std::vector<std::string>& more) { return document::from_file(file, more); }, name);
}

locus::audit_options only_read_sets() {
  locus::audit_options options;
  options.use = {.read_sets = true,
                 .tracing = true,
                 .cone = false,
                 .clocks = false,
                 .stillness = false,
                 .alignment = false,
                 .ties = false,
                 .control = false,
                 .equivalence = false,
                 .transport = false,
                 .purity = false};
  return options;
}

audit_report audit_netlist(const std::string& name, const locus::audit_options& options) {
  const audit_subject subject = subject_of_file(project_file("netlists/" + name + ".toml"), name);
  return audit(subject, load_data(subject.netlist.data), options);
}

short_form burst_form(std::vector<std::uint32_t> layers) {
  short_form form;
  form.layers = std::move(layers);
  form.bias = true;
  return form;
}

locus::audit_options without_purity() {
  locus::audit_options options;
  options.use.purity = false;
  return options;
}

audit_report audit_form(const short_form& form, const change& how, const locus::audit_options& options) {
  audit_subject subject = subject_of(form.text());
  if (how) {
    how(subject.netlist);
    subject.deeper.reset();  // would be the honest one
  }
  locus::audit_options o = options;
  o.updates = std::min<std::uint64_t>(o.updates, 8);
  return audit(subject, drawn_data(form.layers.front(), form.layers.back(), 40, 5), o);
}

population_description& population_of(description& d, const std::string& name) {
  for (population_description& p : d.populations) {
    if (p.name == name) return p;
  }
  throw std::logic_error("no population " + name);
}

projection_description& projection_of(description& d, const std::string& name) {
  for (projection_description& p : d.projections) {
    if (p.name == name) return p;
  }
  throw std::logic_error("no projection " + name);
}

std::string verdicts_of(const audit_report& r) {
  std::string text = "EPCWAF";
  for (std::size_t k = 0; k < text.size(); ++k) {
    if (r.verdicts[k].result == outcome::fails) text[k] = '.';
    if (r.verdicts[k].result == outcome::not_measured) text[k] = '-';
  }
  return text;
}

bool says(const audit_report& r, criterion about, const std::string& mechanism, const std::vector<std::string>& parts) {
  const auto& reasons = r.of(about).reasons;
  return std::any_of(reasons.begin(), reasons.end(), [&](const evidence& e) {
    return e.mechanism == mechanism && std::all_of(parts.begin(), parts.end(), [&](const std::string& part) {
             return e.text.find(part) != std::string::npos;
           });
  });
}

}  // namespace locus::testing
