#pragma once
/// The table that a run prints, a line an epoch, with the scores that fit its task.

#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/experiment.hpp"

namespace locus::tools {

/// What was measured, times `factor`, with so many digits after the point; "-" for what was not.
[[nodiscard]] std::string measured(const std::optional<double>& value, int digits, double factor = 1);

class epoch_table {
 public:
  /// Loss and accuracy if there is a teacher and the targets are categories, loss and R2 if they are numbers, and what
  /// the netlist wants reported; each beside that of the test set.
  epoch_table(const circuit& c, const data_set& data);

  void print_header() const;
  void print(const epoch_result& e) const;

 private:
  using text_function = std::string (*)(const answer_score& score, std::size_t report);
  struct column {
    std::string head;
    std::size_t width;
    text_function text;
    bool test;           ///< of the test set
    std::size_t report;  ///< index in circuit::reports
  };

  void add(std::string head, std::size_t width, text_function text, bool test, std::size_t report = 0);

  std::vector<column> scores_;
};

}  // namespace locus::tools
