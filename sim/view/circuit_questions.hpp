#pragma once
/// The questions that a trace and a running circuit are asked alike.

#include <string_view>

#include "sim/view/query_reader.hpp"
#include "sim/view/view_source.hpp"

namespace locus {

class circuit_questions : public view_source {
 protected:
  /// Hands a question to whom it names. `about`: "a trace". Throws view_error if there is none.
  [[nodiscard]] view_answer read(const view_query& query, std::string_view about);

  [[nodiscard]] virtual view_answer info() = 0;
  [[nodiscard]] virtual view_answer overview(const query_reader& asked) = 0;
  [[nodiscard]] virtual view_answer values(const query_reader& asked) = 0;
  [[nodiscard]] virtual view_answer tick(const query_reader& asked) = 0;
  [[nodiscard]] virtual view_answer spikes(const query_reader& asked) = 0;
  [[nodiscard]] virtual view_answer stimuli(const query_reader& asked) = 0;
  [[nodiscard]] virtual view_answer presentations(const query_reader& asked) = 0;
  [[nodiscard]] virtual view_answer next(const query_reader& asked) = 0;
  [[nodiscard]] virtual view_answer search(const query_reader& asked) = 0;
  [[nodiscard]] virtual view_answer neuron(const query_reader& asked) = 0;
  [[nodiscard]] virtual view_answer weights(const query_reader& asked) = 0;
  [[nodiscard]] virtual view_answer curves(const query_reader& asked) = 0;
  [[nodiscard]] virtual view_answer diff() = 0;
  [[nodiscard]] virtual view_answer why(const query_reader& asked) = 0;
  [[nodiscard]] virtual view_answer whys(const query_reader& asked) = 0;
  [[nodiscard]] virtual view_answer netlist() = 0;
};

}  // namespace locus
