#pragma once
/// What the tests of the audit share: small circuits, changed at one place, and questions to a report.

#include <functional>
#include <string>
#include <vector>

#include "sim/audit/audit.hpp"
#include "tests/engine/engine_testing.hpp"

namespace locus::testing {

using change = std::function<void(description&)>;

/// The subject of a netlist text, with its twin and its deeper variant.
[[nodiscard]] audit_subject subject_of(const std::string& text, const std::string& name = "test.toml");

[[nodiscard]] audit_subject subject_of_file(const std::string& file, const std::string& name);

/// A short form that learns as backpropagation does: bursts, two compartments, P = 8, T = 4, Q = 0.
[[nodiscard]] short_form burst_form(std::vector<std::uint32_t> layers = {4, 3, 2});

/// All but the purity of models, which takes most of the time and has tests of its own.
[[nodiscard]] locus::audit_options without_purity();

/// Audits a short form on random data, changed before it is built. The twin stays the honest one.
[[nodiscard]] audit_report audit_form(const short_form& form, const change& how = {},
                                      const locus::audit_options& options = without_purity());

/// Traces read sets, and measures nothing else.
[[nodiscard]] locus::audit_options only_read_sets();

/// Audits a shipped netlist ("digits-bp") on its own data.
[[nodiscard]] audit_report audit_netlist(const std::string& name, const locus::audit_options& options);

/// The parts of a description, by name. Throw if there is none.
[[nodiscard]] population_description& population_of(description& d, const std::string& name);
[[nodiscard]] projection_description& projection_of(description& d, const std::string& name);

/// "EPCWAF": a letter for each criterion that holds (equivalence, plasticity, computation, weight transport, partial
/// and full autonomy), a dot for each that fails, "-" where nothing was measured.
[[nodiscard]] std::string verdicts_of(const audit_report& r);

/// Whether some evidence against a criterion comes from `mechanism` and names all of `parts`.
[[nodiscard]] bool says(const audit_report& r, criterion about, const std::string& mechanism,
                        const std::vector<std::string>& parts);

}  // namespace locus::testing
