#pragma once
/// The parameters of a question, checked. What is wrong is a view_error with a sentence that names parameter and value.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/core/tick.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/view/view_source.hpp"

namespace locus {

/// A question that cannot be answered.
class view_error : public user_error {
 public:
  view_error(view_outcome outcome, const std::string& sentence) : user_error(sentence), outcome_(outcome) {}
  [[nodiscard]] view_outcome outcome() const noexcept { return outcome_; }

 private:
  view_outcome outcome_;
};

/// Ticks that a question may name: far from overflow.
inline constexpr whole_range view_ticks = {-longest_run, longest_run};

/// Numbers that one answer has at most.
inline constexpr std::uint64_t most_numbers = 4'000'000;  ///< of a matrix
inline constexpr std::uint64_t most_listed = 200'000;     ///< in JSON

class query_reader {
 public:
  explicit query_reader(const view_query& query) : query_(query) {}

  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const;  ///< must be there
  [[nodiscard]] std::string text(std::string_view name, std::string_view otherwise) const;
  [[nodiscard]] std::int64_t whole(std::string_view name, const whole_range& valid) const;  ///< must be there
  [[nodiscard]] std::int64_t whole(std::string_view name, const whole_range& valid, std::int64_t otherwise) const;
  [[nodiscard]] std::string choice(std::string_view name, const std::vector<std::string>& names) const;

  /// [from, to), `all` where they are missing. Not empty.
  [[nodiscard]] window ticks(const window& all) const;

  /// "3,5,7", "a:b"; all of [0, count) if missing. Each below `count`.
  [[nodiscard]] std::vector<std::size_t> columns(std::string_view name, std::size_t count) const;

 private:
  const view_query& query_;
};

/// Calls `work`, which returns an answer; what it throws becomes one.
template <class F>
[[nodiscard]] view_answer answered(const F& work) {
  try {
    return work();
  } catch (const view_error& e) {
    return refusal(e.outcome(), e.what());
  } catch (const usage_error& e) {
    return refusal(view_outcome::wrong, e.what());
  } catch (const user_error& e) {
    return refusal(view_outcome::failed, e.what());
  }
}

/// The answers of several calls.
[[nodiscard]] view_answer matrix_answer(std::size_t rows, std::size_t columns, const std::vector<double>& numbers);

/// Throws: TEXT and what there is instead.
[[noreturn]] void fail_unknown(std::string_view what, std::string_view name, const std::vector<std::string>& known);

/// How many blocks an overview has at most, and of what: `columns=`, `rows=`, `which=`.
struct overview_request {
  std::size_t columns = 0, rows = 0;  ///< blocks of ticks, of neurons
  bool low = true, high = true;
};
/// Throws if that would be too many numbers; `width`: columns of the variable.
[[nodiscard]] overview_request overview_asked(const query_reader& asked, std::size_t width);

/// Throws view_outcome::too_large.
void check_most(std::uint64_t numbers, std::uint64_t most);

}  // namespace locus
