#pragma once
/// The circuits that a netlist's is compared with.

#include <string>
#include <vector>

#include "sim/audit/audit.hpp"
#include "sim/netlist/document.hpp"

namespace locus {

/// `against` is a learning rule ("bp", "il", "z-il", "fa-z-il") or the file of another netlist, which is read with
/// `overrides`. A rule is applied to the netlist itself (short form only); backpropagation gets the shortest timeline
/// that it can do with, since its result does not depend on it. Throws usage_error.
[[nodiscard]] description make_twin(const document& text, const std::string& against,
                                    const std::vector<std::string>& overrides);

/// What an audit looks at: the netlist, its backpropagation twin (`twin`: the file of a netlist; empty: the one that
/// circuit.twin names, or else the one that the short form gives) and its deeper variant. Throws usage_error.
[[nodiscard]] audit_subject subject_of(const document& text, const std::string& twin = {});

}  // namespace locus
