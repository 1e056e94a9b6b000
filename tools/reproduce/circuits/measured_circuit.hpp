#pragma once
/// What `locus reproduce circuits` measures of one circuit.

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "tools/reproduce/target.hpp"

namespace locus::tools {

/// Messages that a circuit's training may take in the default form, those of its synapses: a minute of one processor,
/// or two. What takes more is trained on fewer epochs, or on fewer samples, if one epoch takes more already.
inline constexpr double affordable_messages = 2e10;

/// Epochs, and presentations in each.
struct training_length {
  std::uint32_t epochs = 0;
  std::uint64_t batches = 0;
  friend bool operator==(const training_length&, const training_length&) = default;
};

/// As much of what is asked for as affordable_messages allow at so many a presentation: whole epochs, or a part of one;
/// at least one presentation.
[[nodiscard]] training_length affordable_length(double messages, const training_length& asked);

/// A circuit with one seed, beside its twin. Not a number: there is none.
struct trained_run {
  std::vector<double> loss, test;                               ///< [epoch]; the test's unit is measured_circuit::unit
  std::vector<double> angles, ratios;                           ///< [epoch][layer]
  double twin_test = std::numeric_limits<double>::quiet_NaN();  ///< after as many epochs
  std::string ended;                                            ///< why it ended before its time; "": it did not
  std::vector<double> magnitude, same_sign, angle;              ///< [pair], at the end
};
void serialize(archive& a, trained_run& r);

/// Feedback weights and the forward weights that they are held against.
struct feedback_pair {
  std::string forward, feedback;
  std::string relation;  ///< as of feedback_report
  bool learns = false;   ///< the feedback
  bool apart = false;    ///< it learns while no forward weight does
};
void serialize(archive& a, feedback_pair& p);

/// All of it, as numbers and words.
struct measured_circuit {
  std::string name;               ///< the file's, without its ending
  std::string netlist;            ///< its canonical text
  std::string left_out;           ///< why nothing was measured, or ""
  std::vector<trained_run> runs;  ///< [seed]
  std::string unit;               ///< of test scores: "%", "R2", a report's function; or in a word why there are none
  bool scored = false;
  bool has_twin = false;
  std::string layers;             ///< what angles are of, a line each
  double passes = 0, epochs = 0;  ///< over the training data, and those that the netlist asks for

  // By the audit.
  bool equivalent = false;
  std::string equivalence;                               ///< "bit-identical"
  std::string local_computation, plasticity, transport;  ///< "✔", "class 2", "born equal"
  std::vector<feedback_pair> pairs;
  std::string control, control_messages;
  double phases = 1;                       ///< into which control divides a presentation
  double ticks = 0;                        ///< of a presentation
  double changes = 0;                      ///< ticks of a presentation in which weights change
  double first = 0, after = 0, until = 0;  ///< first change after the input's onset, first and last after the teacher's

  // By running it.
  double time = std::numeric_limits<double>::quiet_NaN();  ///< of a presentation, by its twin's
  double messages = 0, twin_messages = 0;                  ///< of a presentation
  std::vector<double> followed, followed_loss;  ///< [presentation], if the netlist passes over its data once: degrees
                                                ///< in the first layer, loss
  [[nodiscard]] std::size_t angle_count() const;
};
void serialize(archive& a, measured_circuit& c);

/// Reads, audits and trains it with all seeds. Throws user_error.
[[nodiscard]] measured_circuit measure_circuit(const reproduce_settings& settings, const std::string& file);

}  // namespace locus::tools
