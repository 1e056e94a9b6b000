#include "sim/trace/pattern.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>

#include "sim/core/errors.hpp"

namespace locus {

namespace {

constexpr std::string_view form = "expected numbers and ranges, such as [0, 3, 8:12] or [::4]";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0;;) {
    const auto end = text.find(separator, start);
    parts.push_back(trimmed(text.substr(start, end - start)));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

std::uint64_t read_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) throw run_error(std::string(form));
  return number;
}

constexpr std::string_view kind_prefix = "kind:";

/// The last two parts of each name ("value.x"), which is how patterns are mostly written, then the full names.
std::vector<std::string> likely_patterns(const std::vector<variable_identity>& known) {
  std::vector<std::string> all;
  std::set<std::string> seen;
  const auto add = [&](const std::string& pattern) {
    if (seen.insert(pattern).second) all.push_back(pattern);
  };
  for (const variable_identity& v : known) {
    const std::size_t dot = v.group.rfind('.');
    add((dot == std::string::npos ? v.group : v.group.substr(dot + 1)) + "." + v.name);
  }
  for (const variable_identity& v : known) add(v.full_name());
  return all;
}

std::vector<std::string> kinds_of(const std::vector<variable_identity>& known) {
  std::set<std::string> kinds = {"neurons", "weights"};
  for (const variable_identity& v : known) kinds.insert(v.model);
  return {kinds.begin(), kinds.end()};
}

}  // namespace

index_list::part index_list::read_part(std::string_view text) {
  const std::vector<std::string_view> numbers = split(text, ':');
  part p;
  if (numbers.size() == 1) {
    p.single = true;
    p.first = read_number(numbers[0]);
    return p;
  }
  if (numbers.size() > 3) throw run_error(std::string(form));
  if (!numbers[0].empty()) p.first = read_number(numbers[0]);
  if (!numbers[1].empty()) p.last = read_number(numbers[1]);
  if (numbers.size() == 3 && !numbers[2].empty()) p.step = read_number(numbers[2]);
  if (p.step == 0 || (p.last && *p.last <= p.first)) {
    throw run_error(fmt::format("the range \"{}\" holds nothing: expected first < last and step > 0", text));
  }
  return p;
}

index_list::index_list(std::string_view text) {
  for (const std::string_view each : split(text, ',')) parts_.push_back(read_part(each));
}

bool index_list::part::contains(std::uint64_t index) const noexcept {
  if (single || index < first) return index == first;
  return (!last || index < *last) && (index - first) % step == 0;
}

void index_list::check_axes(const grid_shape& shape, std::string_view what) const {
  if (shape.size() < 2 || parts_.size() == shape.size()) return;
  std::string example = "0";
  for (std::size_t axis = 1; axis < shape.size(); ++axis) example += fmt::format(", 0:{}", shape[axis]);
  throw run_error(
      fmt::format("the {}s lie on a grid of {}: expected {} entries, a number or a range for each axis, such as [{}]; "
                  "found {}",
                  what, text_of(shape), shape.size(), example, parts_.size()));
}

bool index_list::contains(std::uint64_t neuron, const grid_shape& shape) const noexcept {
  if (shape.size() < 2) {
    return std::any_of(parts_.begin(), parts_.end(), [neuron](const part& p) { return p.contains(neuron); });
  }
  for (std::size_t axis = shape.size(); axis-- > 0; neuron /= shape[axis]) {
    if (!parts_[axis].contains(neuron % shape[axis])) return false;
  }
  return true;
}

std::vector<bool> index_list::chosen(const grid_shape& shape, std::string_view what) const {
  if (shape.size() > 1) return chosen_on_grid(shape, what);
  const std::size_t size = shape.at(0);
  std::vector<bool> all(size);
  for (const part& p : parts_) {
    if (p.single && p.first >= size) {
      throw run_error(fmt::format("there is no {} {} (there are {}, the first is 0)", what, p.first, size));
    }
    const std::uint64_t last = p.single ? p.first + 1 : std::min<std::uint64_t>(p.last.value_or(size), size);
    for (std::uint64_t i = p.first; i < last; i += p.step) all[i] = true;
  }
  return all;
}

std::vector<bool> index_list::chosen_on_grid(const grid_shape& shape, std::string_view what) const {
  check_axes(shape, what);
  std::size_t size = 1;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    size *= shape[axis];
    if (!parts_[axis].single || parts_[axis].first < shape[axis]) continue;
    throw run_error(fmt::format("there is no {} at {} along axis {} of a grid of {}: places count from 0", what,
                                parts_[axis].first, axis + 1, text_of(shape)));
  }
  std::vector<bool> all(size);
  for (std::size_t i = 0; i < size; ++i) all[i] = contains(i, shape);
  return all;
}

bool variable_pattern::means(const variable_identity& v) const {
  if (name.starts_with(kind_prefix)) {
    const std::string_view kind = std::string_view(name).substr(kind_prefix.size());
    return kind == v.model || kind == (!v.weights ? "neurons" : v.name == "theta" ? "weights" : "synapses");
  }
  const auto is_called = [this](const std::string& full) { return matches(full, name) || matches(full, "*." + name); };
  return is_called(v.full_name()) || is_called(v.group);
}

variable_pattern read_pattern(const std::string& text) {
  const auto start = text.find('[');
  variable_pattern pattern{text, std::string(trimmed(text.substr(0, start))), {}};
  if (start == std::string::npos) return pattern;
  std::string_view rest = trimmed(std::string_view(text).substr(start));
  while (!rest.empty()) {
    const auto end = rest.find(']');
    if (rest.front() != '[' || end == std::string_view::npos) throw run_error(std::string(form));
    pattern.brackets.emplace_back(rest.substr(1, end - 1));
    rest = trimmed(rest.substr(end + 1));
  }
  if (pattern.brackets.size() > 2) {
    throw run_error("expected one pair of brackets, [neuron], or two of weights, [postsynaptic][presynaptic]");
  }
  return pattern;
}

bool matches(std::string_view name, std::string_view pattern) {
  // Greedy with one step back: a later star makes an earlier one's choice irrelevant.
  std::size_t n = 0, p = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::string known_patterns(std::string_view name, const std::vector<variable_identity>& known) {
  constexpr std::size_t enough = 20;
  const bool kind = name.starts_with(kind_prefix);
  std::vector<std::string> patterns = kind ? kinds_of(known) : likely_patterns(known);
  const std::string nearest = nearest_name(kind ? name.substr(kind_prefix.size()) : name, patterns);
  const bool more = patterns.size() > enough;
  if (more) patterns.resize(enough);
  return fmt::format("{} (known: {}{})", nearest.empty() ? "" : fmt::format(": did you mean \"{}\"?", nearest),
                     fmt::join(patterns, ", "), more ? ", ..." : "");
}

}  // namespace locus
