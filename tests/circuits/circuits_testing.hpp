#pragma once
/// What the tests of shipped circuits share: a netlist with its world, followed tick by tick, and dense algebra.

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "tests/engine/engine_testing.hpp"

namespace locus::testing {

using row = std::vector<double>;

/// Row-major [post][pre].
struct dense_weights {
  std::size_t rows = 0, columns = 0;
  row values;

  [[nodiscard]] double at(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
  [[nodiscard]] row times(const row& v) const {
    row out(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) out[i] += at(i, j) * v[j];
    }
    return out;
  }
  [[nodiscard]] dense_weights transposed() const {
    dense_weights t{columns, rows, row(values.size())};
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) t.values[j * rows + i] = at(i, j);
    }
    return t;
  }
};

[[nodiscard]] inline dense_weights weights_of(const simulator& s, const std::string& projection) {
  const std::size_t index = s.net().find_projection(projection).value();
  const locus::projection& p = s.net().projections[index];
  return {s.net().size_after(p), s.net().size_before(p), s.weights(index)};
}

/// Lane 0 of a population's field.
[[nodiscard]] inline row field_of(const simulator& s, const std::string& population, const std::string& field) {
  const std::size_t p = s.net().find_population(population).value();
  row values;
  for (std::size_t i = 0; i < s.net().populations[p].size; ++i) {
    values.push_back(s.value({p, s.net().populations[p].model->find_field(field).value()}, i, 0));
  }
  return values;
}

/// Notes some fields in every tick: at(tick, "hidden1.error", "eps").
class field_recorder : public tick_observer {
 public:
  explicit field_recorder(std::vector<std::pair<std::string, std::string>> fields) : fields_(std::move(fields)) {}
  void on_tick(tick_t, const simulator& s) override {
    auto& now = ticks_.emplace_back();
    for (const auto& [population, field] : fields_) now[population + "." + field] = field_of(s, population, field);
  }
  void on_quiet(tick_t first, tick_t last, const simulator& s) override {
    for (tick_t t = first; t < last; ++t) on_tick(t, s);
  }
  [[nodiscard]] const row& at(std::size_t tick, const std::string& field) const { return ticks_.at(tick).at(field); }
  [[nodiscard]] std::size_t ticks() const { return ticks_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
  std::vector<std::map<std::string, row>> ticks_;
};

[[nodiscard]] inline double largest(const row& v) {
  double most = 0;
  for (const double x : v) most = std::fmax(most, std::abs(x));
  return most;
}

[[nodiscard]] inline double largest_difference(const row& a, const row& b) {
  double most = 0;
  for (std::size_t n = 0; n < a.size(); ++n) most = std::fmax(most, std::abs(a.at(n) - b.at(n)));
  return most;
}

}  // namespace locus::testing
