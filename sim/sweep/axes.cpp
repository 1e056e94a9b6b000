#include "sim/sweep/axes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_set>

#include "sim/core/errors.hpp"
#include "sim/core/whole_number.hpp"

namespace locus::sweep {

namespace {

constexpr auto nowhere = std::string_view::npos;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == nowhere ? std::string_view() : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Parts between commas that are in no brackets and no quotes.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t from = 0;
  int depth = 0;
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == '\\' && quote == '"') ++at;
      else if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth <= 0) {
      parts.push_back(trimmed(text.substr(from, at - from)));
      from = at + 1;
    }
  }
  parts.push_back(trimmed(text.substr(from)));
  return parts;
}

template <class T>
std::optional<T> read(std::string_view text) {
  T value{};
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<double> number(std::string_view text) {
  const auto value = read<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

/// A number that ranges keep exact: sums of two have a place in 64 bits.
std::optional<std::int64_t> whole(std::string_view text) {
  constexpr std::int64_t most = std::int64_t{1} << 61;
  const auto value = read<std::int64_t>(text);
  return value && *value <= most && *value >= -most ? value : std::nullopt;
}

/// As TOML, with 12 digits; whole numbers without a point, as far as a double has all of them.
std::string shown(double value) {
  const double rounded = number(fmt::format("{:.12g}", value)).value();
  if (rounded == std::floor(rounded) && std::abs(rounded) < 0x1p53) return fmt::format("{:.0f}", rounded + 0.0);
  return fmt::format("{:.12g}", rounded);
}

/// "low:high:last"
struct range {
  std::string_view low, high, last;
};

/// Something that begins as a range does. Other texts with colons are names of files and the like.
std::optional<range> range_in(std::string_view text) {
  const auto first = text.find(':');
  if (first == nowhere || !number(text.substr(0, first))) return std::nullopt;
  const auto second = text.find(':', first + 1);
  if (second == nowhere) return range{text.substr(0, first), text.substr(first + 1), {}};
  return range{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

/// The values of one axis as they are read.
class axis_reader {
 public:
  explicit axis_reader(std::string_view text) : text_(text) {}

  axis read_all() {
    const setting parts = parse_setting(text_, "over");
    axis_.key = parts.key;
    for (const std::string_view part : parts_of(parts.value)) {
      if (part.empty()) fail("a value is empty: there is nothing between two commas, or at an end");
      if (const auto found = range_in(part)) add_range(*found);
      else add(std::string(part));
    }
    return axis_;
  }

 private:
  void add(std::string value) {
    if (axis_.values.size() >= most_values) fail(fmt::format("more than {} values", most_values));
    if (!known_.insert(value).second) fail(fmt::format("the value {} is there twice", value));
    axis_.values.push_back(std::move(value));
  }

  void add_range(const range& r) {
    const std::string all = fmt::format("{}:{}{}{}", r.low, r.high, r.last.empty() ? "" : ":", r.last);
    const auto low = number(r.low), high = number(r.high);
    if (!high) fail(fmt::format("{}: the end of the range, \"{}\", is no number", all, r.high));
    if (r.last.empty()) {
      fail(
          fmt::format("{0}: expected {0}:log5 (5 values with equal ratios), {0}:lin5 (with equal differences) or "
                      "{0}:STEP",
                      all));
    }
    if (r.last.starts_with("log")) return logarithmic(all, *low, *high, count_in(all, r.last.substr(3)));
    if (r.last.starts_with("lin")) return linear(all, r, count_in(all, r.last.substr(3)));
    steps(all, r);
  }

  std::int64_t count_in(const std::string& all, std::string_view digits) const {
    std::string complaint;
    if (const auto count = parse_whole(digits, {2, most_values}, complaint)) return *count;
    fail(fmt::format("{}: \"{}\" is no number of values: {}", all, digits, complaint));
  }

  void logarithmic(const std::string& all, double low, double high, std::int64_t count) {
    if (!(low > 0 && high > 0)) fail(fmt::format("{}: equal ratios need both ends to be > 0", all));
    if (low == high) fail(fmt::format("{}: both ends are the same", all));
    for (std::int64_t n = 0; n < count; ++n) {
      const double share = static_cast<double>(n) / static_cast<double>(count - 1);
      add(shown(n == 0 ? low : n == count - 1 ? high : std::exp(std::lerp(std::log(low), std::log(high), share))));
    }
  }

  void linear(const std::string& all, const range& r, std::int64_t count) {
    const double low = *number(r.low), high = *number(r.high);
    const auto first = whole(r.low), last = whole(r.high);
    if (first && last ? *first == *last : low == high) fail(fmt::format("{}: both ends are the same", all));
    const std::int64_t gaps = count - 1;
    if (first && last && (*last - *first) % gaps == 0) {
      for (std::int64_t n = 0; n < count; ++n) add(fmt::format("{}", *first + (*last - *first) / gaps * n));
      return;
    }
    for (std::int64_t n = 0; n < count; ++n) {
      add(shown(std::lerp(low, high, static_cast<double>(n) / static_cast<double>(gaps))));
    }
  }

  void steps(const std::string& all, const range& r) {
    const double low = *number(r.low), high = *number(r.high);
    const auto step = number(r.last);
    if (!step) fail(fmt::format("{}: \"{}\" is neither log, lin and a number of values nor a step", all, r.last));
    if (*step == 0 || (*step > 0) != (high >= low)) fail(fmt::format("{}: such steps never come to the end", all));
    const double gaps = (high - low) / *step;
    if (gaps >= static_cast<double>(most_values)) fail(fmt::format("{}: more than {} values", all, most_values));
    const auto first = whole(r.low), last = whole(r.high), by = whole(r.last);
    if (first && last && by) {
      for (std::int64_t v = *first; *by > 0 ? v <= *last : v >= *last; v += *by) add(fmt::format("{}", v));
      return;
    }
    // 0:1:0.1 ends at 1, although ten times 0.1 need not be 1: within a millionth of a step is at the end.
    const auto count = static_cast<std::int64_t>(std::floor(gaps + 1e-6));
    for (std::int64_t n = 0; n <= count; ++n) add(shown(low + *step * static_cast<double>(n)));
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw usage_error(fmt::format("--over {}: {}", text_, message));
  }

  std::string_view text_;
  axis axis_;
  std::unordered_set<std::string> known_;  ///< values so far
};

}  // namespace

axis parse_axis(std::string_view text) { return axis_reader(text).read_all(); }

std::vector<std::uint64_t> parse_seeds(std::string_view text) {
  const std::vector<std::string_view> parts = parts_of(text);
  std::vector<std::uint64_t> all;
  std::string complaint;
  const auto read_part = [&](std::string_view part, const whole_range& valid) {
    if (const auto value = parse_whole(part, valid, complaint)) return static_cast<std::uint64_t>(*value);
    throw usage_error(
        fmt::format("--seeds {}: {}; seeds are N (1 to N) or a list of them, such as 3,7,11", text, complaint));
  };
  if (parts.size() == 1) {
    const std::uint64_t count = read_part(parts.front(), {1, most_values});
    for (std::uint64_t seed = 1; seed <= count; ++seed) all.push_back(seed);
    return all;
  }
  for (const std::string_view part : parts) all.push_back(read_part(part, seeds));
  return all;
}

std::vector<double> numbers_in(const std::vector<std::string>& values) {
  std::vector<double> all;
  for (const std::string& text : values) {
    const auto value = number(text);
    if (!value) return {};
    all.push_back(*value);
  }
  return all;
}

setting parse_setting(std::string_view text, std::string_view option) {
  const auto equals = text.find('=');
  const std::string_view key = trimmed(text.substr(0, equals));
  const auto expected = [&](const char* what) {
    return usage_error(fmt::format("--{} {}: expected {}, such as circuit.activation=tanh", option, text, what));
  };
  if (equals == nowhere || key.empty()) throw expected("KEY=VALUE");
  const std::string_view value = trimmed(text.substr(equals + 1));
  if (value.empty()) throw expected("a value after =");
  return {std::string(key), std::string(value)};
}

}  // namespace locus::sweep
