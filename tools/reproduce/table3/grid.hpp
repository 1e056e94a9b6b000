#pragma once
/// The settings over which the success of phi neurons is measured, and what Song et al. 2020 published.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/reproduce/target.hpp"

namespace locus::tools {

/// t_d of Table 3 and its row, percent.
inline constexpr std::int64_t quiet_ticks[] = {1, 2, 3, 4, 5, 6, 7, 8, 16};
inline constexpr double published_rates[] = {93.4, 92.4, 99.6, 100, 100, 100, 100, 100, 100};

/// Ticks with the teacher, in all settings: the wave of corrections takes up to four, the others are for spurious
/// spikes.
inline constexpr std::int64_t teaching_ticks = 32;

/// One curve: a rate for each t_d.
struct phi_setting {
  std::uint32_t hidden = 1;            ///< hidden layers
  std::string_view precision = "f64";  ///< f64 | f32
  std::string_view activation = "sigmoid";
  std::string_view feedback = "continuous";  ///< continuous | burst
  std::string_view start = "forward";        ///< forward: C1 is imposed; settle: the circuit finds its prediction
  std::int64_t predict = 24;                 ///< ticks of input alone
  double alpha = 0.001;                      ///< of the training before, and while measuring
  std::uint32_t epochs = 0;                  ///< of the training before
  double tolerance = 0;
  bool cause_gate = true;

  friend bool operator==(const phi_setting&, const phi_setting&) = default;

  /// The circuit of the paper: its errors always flow, its activation is the logistic function.
  [[nodiscard]] bool papers() const { return feedback == "continuous" && activation == "sigmoid"; }

  /// Overrides that make the network, for training and measuring. `quick`: digits in place of MNIST.
  [[nodiscard]] std::vector<std::string> network(bool quick, std::uint64_t seed) const;
  /// Further ones that make the circuit which is measured.
  [[nodiscard]] std::vector<std::string> circuit(std::int64_t t_d) const;
};

/// The netlist whose circuit it is, with those overrides.
inline constexpr std::string_view phi_netlist = "digits-continuous";

/// Some curves that are shown together.
struct phi_group {
  std::string_view title;
  bool (*holds)(const phi_setting& setting);
};

/// Groups of the terminal's table; each curve belongs to one.
[[nodiscard]] const std::vector<phi_group>& phi_groups();

[[nodiscard]] std::vector<phi_setting> phi_settings(const reproduce_settings& settings);

}  // namespace locus::tools
