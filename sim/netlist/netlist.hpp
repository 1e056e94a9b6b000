#pragma once
/// From a netlist's text to its description, and back to text in the long form.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/netlist/description.hpp"
#include "sim/netlist/document.hpp"

namespace locus {

/// Turns the short form's tables ([circuit], [weights], [learning], [stimuli]) into populations, projections and
/// stimuli, appended to `out`; out.precision, lanes, timeline, data are already filled in.
using template_function = std::function<void(const section& root, description& out)>;
using template_catalogue = std::map<std::string, template_function>;

/// Reads a netlist of either form and checks that every key was used.
/// Throws usage_error with the position of the first mistake.
[[nodiscard]] description read_netlist(const document& text, const template_catalogue& templates);

/// The models that a file of nothing but [[activation]] and [[model]] tables declares. Throws as read_netlist.
[[nodiscard]] model_texts read_model_texts(const document& text);

/// The value of the key `initial` of a [[projection]].
[[nodiscard]] std::vector<field_initial> read_initial_fields(const section& projection);

/// The keys `size` and `shape` of a [[population]]; `shape` may stand alone.
[[nodiscard]] neuron_grid read_size(const section& entity);

/// The values of the keys `connect` and `weights` of a [[projection]], for templates whose tables have them too. A
/// table of connections has keys of its own.
[[nodiscard]] connectivity read_connectivity(const section& projection, std::string_view key = "connect");

/// The table `delay` of a projection.
[[nodiscard]] connection_delays read_delays(const section& projection);
[[nodiscard]] weight_source read_weight_source(const section& projection, bool one_kernel = false);

/// Whether `weights` of a projection with windows says that all places share them: shared = "window".
[[nodiscard]] bool shares_window(const section& projection);

/// The long form as TOML: read_netlist of it gives the same description (positions aside).
[[nodiscard]] std::string long_form(const description& netlist);

/// The two parts of the long form: its populations and projections, and all else. Together, in any order, they are it.
[[nodiscard]] std::string long_form_network(const description& netlist);
[[nodiscard]] std::string long_form_settings(const description& netlist);

}  // namespace locus
