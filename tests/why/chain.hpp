#pragma once
/// A sender of two neurons that a stimulus holds, and two neurons behind a delay of two ticks.

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace locus {

/// `params`: of both populations; `data`: what is put on.
[[nodiscard]] inline std::string chain_of_two(int lanes, std::string_view params, std::string_view data) {
  return fmt::format(R"(
[circuit]
lanes = {}
[[population]]
name = "a"
model = "two-compartment-value"
params = {{ {} }}
size = 2
[[population]]
name = "b"
model = "two-compartment-value"
params = {{ {} }}
size = 2
[[projection]]
name = "ab"
from = "a.rate"
to = "b.prediction"
connect = "all-to-all"
synapse = "fixed"
delay = 2
weights = {{ init = "constant", scale = 0.5 }}
[[stimulus]]
population = "a"
role = "input"
[stimuli]
data = {{ {} }}
)",
                     lanes, params, params, data);
}

}  // namespace locus
