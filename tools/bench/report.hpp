#pragma once
/// What a suite found: tables of rows, a row being something measured, with numbers for each round.

#include <cstdio>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/bench/measure.hpp"
#include "tools/bench/targets.hpp"

namespace locus::bench {

/// A number for each round, judged by its median if there is a target.
struct quantity {
  std::string unit;  ///< "us per update", "x BP"
  std::vector<double> rounds;
  const target* judged = nullptr;

  [[nodiscard]] bool met() const { return judged == nullptr || judged->met_by(spread_of(rounds).median); }
};

struct row {
  std::string name;
  std::vector<quantity> quantities;                   ///< first what it costs, then what follows from it
  std::vector<timing> timings;                        ///< [round]: seconds per unit of work; empty if no time was taken
  std::vector<std::pair<std::string, double>> facts;  ///< counts, such as messages per update

  [[nodiscard]] const std::vector<double>& cost() const { return quantities.front().rounds; }
};

struct table {
  std::string title;
  std::vector<row> rows;
  std::vector<std::string> notes;  ///< sentences: what could not be measured, and why
};

enum class clock_kind { cpu, wall };

/// A contestant whose cost is `scale` x seconds per unit of work: 1e6 for us, 1e9 / 25408 for ns per message.
struct measured {
  contestant who;
  double scale = 1;
};

/// Measures all in turns and appends a row for each, its cost in `unit`.
void measure(table& out, const std::vector<measured>& all, const std::string& unit, const pace& p,
             clock_kind clock = clock_kind::cpu);

/// Judges the row's cost by the target `key`.
void judge(row& r, std::string_view key);

/// Adds r's cost / `other`'s, round by round; judged by `key` unless that is empty.
void add_ratio(row& r, const row& other, const std::string& unit, std::string_view key = {});

/// Adds `other`'s cost / r's: how many times as fast r is.
void add_speedup(row& r, const row& other, const std::string& unit, std::string_view key = {});

/// Adds the share of r's time that `other` would take, in percent, round by round; judged by `key` unless that is
/// empty.
void add_share(row& r, const row& other, const std::string& unit, std::string_view key = {});

/// Adds `factor` / the row's cost: numbers a second from seconds a number.
void add_rate(row& r, const std::string& unit, double factor);

/// The targets that were met, and the others.
struct verdicts {
  std::vector<std::string> met, missed;  ///< sentences
};

void print_table(std::FILE* out, const table& t, verdicts& found);
[[nodiscard]] nlohmann::json json_of(const table& t);
[[nodiscard]] nlohmann::json json_of(const target& t);

/// A quantity as printed: "1.32 x BP (1.30 .. 1.35), <= 1.3 x BP: not met".
[[nodiscard]] std::string text_of(const quantity& q);

}  // namespace locus::bench
