#include "sim/view/trace_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "models/templates/catalogue.hpp"
#include "sim/circuit/grid.hpp"
#include "sim/core/bits.hpp"
#include "sim/core/hdf5_reading.hpp"
#include "sim/trace/sampled_values.hpp"
#include "sim/trace/trace_difference.hpp"
#include "sim/view/json_answer.hpp"
#include "sim/view/trace_info.hpp"
#include "sim/why/explanation_json.hpp"

namespace locus {
namespace {

constexpr std::uint64_t numbers_searched = 50'000'000;         // for the next change
constexpr std::uint64_t exact_overview = 500'000;              // numbers that are read themselves for an overview
constexpr std::uint64_t why_bytes = std::uint64_t{64} << 20u;  // of ticks that are kept of a run for explaining
constexpr std::uint64_t most_rows = 1'000'000;                 // of lists

/// What the trace calls an overview's blocks, aligned to those of the file where it is read from there.
struct blocks {
  window ticks;
  std::size_t most_samples = 0, most_rows = 0;
  bool from_file = false;
};

blocks choose_blocks(const trace_reader& trace, const trace_variable& v, const window& asked, std::size_t columns,
                     std::size_t rows) {
  const std::vector<tick_t>& frames = trace.frames();
  const auto count = std::lower_bound(frames.begin(), frames.end(), asked.last) -
                     std::lower_bound(frames.begin(), frames.end(), asked.first);
  const std::uint64_t numbers = static_cast<std::uint64_t>(count) * v.columns() * v.lanes;
  blocks b{asked, columns, std::max<std::size_t>(1, rows), false};
  if (v.storage != trace_storage::frames || numbers <= exact_overview) return b;
  b.from_file = true;
  // Rows are whole blocks of 16 neurons, samples whole blocks of 16 frames.
  const std::size_t file_rows = (v.columns() + 15) / 16;
  const std::size_t blocks_of_row = (file_rows + b.most_rows - 1) / b.most_rows;
  b.most_rows = (file_rows + blocks_of_row - 1) / blocks_of_row;
  while (b.most_rows > 1 && (v.columns() + b.most_rows - 1) / b.most_rows < 16 * blocks_of_row) --b.most_rows;
  const tick_t block = 16 * trace.facts().every, origin = frames.front();
  b.ticks.first = origin + (std::max(asked.first, origin) - origin) / block * block;
  const tick_t span = std::max<tick_t>(1, asked.last - b.ticks.first);
  const auto most = static_cast<tick_t>(columns);
  const tick_t width = ((span + most - 1) / most + block - 1) / block * block;
  const tick_t samples = (span + width - 1) / width;
  b.ticks.last = b.ticks.first + samples * width;
  b.most_samples = static_cast<std::size_t>(samples);
  return b;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::optional<tick_t> nearer(std::optional<tick_t> a, std::optional<tick_t> b, int direction) {
  if (!a || !b) return a ? a : b;
  return direction > 0 ? std::min(*a, *b) : std::max(*a, *b);
}

}  // namespace

trace_source::trace_source(const std::string& file, const std::string& second)
    : trace_(file), second_(second), values_(trace_) {}

trace_source::~trace_source() = default;

view_answer trace_source::answer(const view_query& query) {
  return answered([&] {
    if (query.changes)
      throw view_error(view_outcome::wrong,
                       fmt::format("{}: a trace has happened; nothing of it can be changed", query.what));
    return read(query, "a trace");
  });
}

view_answer trace_source::why(const query_reader& asked) {
  why_request request;
  request.bytes = why_bytes;
  request.event = asked.text("of");
  // Of a synapse the lane that counts most is told of, unless the question names one but the first.
  if (const std::int64_t lane = asked.whole("lane", counts_from(0), 0); lane > 0)
    request.lane = static_cast<std::size_t>(lane);
  return json_answer(explanation_as_json(explain_trace(trace_, request), request.event));
}

std::vector<std::string> trace_source::events_in(const window& ticks, std::size_t most) {
  std::vector<std::vector<std::string>> lists;                    // of each projection, of each list of spikes
  std::vector<std::pair<const trace_variable*, tick_t>> updates;  // the last one of each projection
  for (const trace_variable& v : trace_.variables()) {
    if (!v.weights || v.name != "theta") continue;
    const auto seen = values_.nearest_change(v, ticks.last, -1, numbers_searched / trace_.variables().size(), {});
    if (seen && *seen - 1 >= ticks.first) updates.emplace_back(&v, *seen - 1);  // a frame shows what its tick used
  }
  for (const auto& update : updates) {
    const auto* const v = update.first;  // no structured binding: Clang's lambdas cannot see those
    const auto tick = update.second;
    const std::span<const double> now = values_.at(*v, tick);
    const std::vector<double> before(now.begin(), now.end());
    const std::span<const double> after = values_.at(*v, tick + 1);
    std::vector<std::size_t> changed;
    for (std::size_t k = 0; k < v->columns(); ++k) {
      if (!same_bits(before[k * v->lanes], after[k * v->lanes])) changed.push_back(k);
    }
    const auto larger = [&](std::size_t a, std::size_t b) {
      const auto moved = [&](std::size_t k) { return std::abs(after[k * v->lanes] - before[k * v->lanes]); };
      return moved(a) > moved(b);
    };
    const std::size_t some = std::min(changed.size(), most / 2 / updates.size() + 1);
    std::partial_sort(changed.begin(), changed.begin() + static_cast<std::ptrdiff_t>(some), changed.end(), larger);
    lists.emplace_back();
    for (std::size_t k = 0; k < some; ++k)
      lists.back().push_back(fmt::format("{}{}{}@{}", v->group, index_text(v->shape, v->neurons[changed[k]]),
                                         index_text(v->source_shape, v->sources[changed[k]]), tick));
  }
  for (const spike_list_info& list : trace_.spikes()) {
    const std::string population = population_of_list(trace_, list.group);
    const std::size_t some = most / 2 / trace_.spikes().size() + 1;
    // With many lanes, those of others are passed over.
    const auto read =
        static_cast<std::size_t>(std::min<std::uint64_t>(most_rows, bounded_product(some, trace_.facts().lanes)));
    lists.emplace_back();
    for (const spike_event& e : read_spikes(trace_, list.group, ticks.first, ticks.last, read)) {
      if (e.lane != 0 || lists.back().size() == some) continue;
      lists.back().push_back(
          fmt::format("{}{}@{}", population, index_text(trace_.shape_of(population), e.neuron), e.tick));
    }
  }
  // In turn, so that none goes without if there is not room for all.
  std::vector<std::string> events;
  for (std::size_t k = 0; std::any_of(lists.begin(), lists.end(), [&](const auto& l) { return k < l.size(); }); ++k) {
    for (const std::vector<std::string>& list : lists) {
      if (k < list.size()) events.push_back(list[k]);
    }
  }
  return events;
}

view_answer trace_source::whys(const query_reader& asked) {
  const window ticks = asked.ticks(extent());
  const auto most = static_cast<std::size_t>(asked.whole("most", {2, 10'000}, 200));
  why_request request;
  request.bytes = why_bytes;
  request.options.most = static_cast<std::size_t>(asked.whole("steps", {1, 200}, 40));
  const std::vector<std::string> events = events_in(ticks, most);
  const auto told = explain_trace(trace_, request, events);
  nlohmann::json all = nlohmann::json::array();
  for (std::size_t k = 0; k < events.size(); ++k) {
    if (told[k]) all.push_back(explanation_as_json(*told[k], events[k]));
  }
  return json_answer(all);
}

view_answer trace_source::netlist() { return {view_outcome::done, view_content::text, trace_.facts().netlist}; }

view_answer trace_source::info() {
  nlohmann::json j = trace_info(trace_);
  j["mode"] = "trace";
  j["name"] = std::filesystem::path(trace_.path()).filename().string();
  j["files"] = nlohmann::json::array({trace_.path()});
  if (!second_.empty()) j["files"].push_back(second_);
  j["results"] = results_beside(trace_.path());
  return json_answer(j);
}

const trace_variable& trace_source::variable(std::string_view name) const {
  if (const trace_variable* v = trace_.find(name)) return *v;
  std::vector<std::string> known;
  for (const trace_variable& v : trace_.variables()) known.push_back(v.full_name());
  fail_unknown("recorded variable", name, known);
}

const trace_variable& trace_source::weights_of(std::string_view projection) const {
  if (const trace_variable* v = trace_.find(std::string(projection) + ".theta")) return *v;
  std::vector<std::string> known;
  for (const trace_variable& v : trace_.variables()) {
    if (v.weights && v.name == "theta") known.push_back(v.group);
  }
  fail_unknown("projection whose weights were recorded,", projection, known);
}

std::uint32_t trace_source::lane(const query_reader& asked) const {
  return static_cast<std::uint32_t>(asked.whole("lane", {0, trace_.facts().lanes - 1}, 0));
}

const circuit& trace_source::net() {
  if (!circuit_) circuit_ = std::make_unique<recorded_circuit>(trace_, all_templates());
  return circuit_->net();
}

view_answer trace_source::overview(const query_reader& asked) {
  const trace_variable& v = variable(asked.text("variable"));
  const overview_request wanted_blocks = overview_asked(asked, v.columns());
  const window ticks = asked.ticks(extent());
  if (v.columns() == 0 || ticks.first >= ticks.last) return matrix_answer(0, 0, {});
  const window cut = {std::max(ticks.first, extent().first), std::min(ticks.last, extent().last)};
  if (cut.first >= cut.last) return matrix_answer(0, 0, {});
  const blocks b = choose_blocks(trace_, v, cut, wanted_blocks.columns, wanted_blocks.rows);
  chosen_columns all{&v, {}};
  for (std::size_t k = 0; k < v.columns(); ++k) all.columns.push_back(k);
  sampling wanted{b.ticks.first, b.ticks.last, lane(asked), b.most_samples};
  wanted.most_rows = b.most_rows;
  wanted.overview_above = b.from_file ? 0 : std::numeric_limits<std::uint64_t>::max();
  const sampled_values s = sample_values(trace_, all, wanted);
  std::vector<double> numbers;
  const auto add = [&](const std::vector<double>& extremes) {  // [row][sample] -> [sample][row]
    for (std::size_t k = 0; k < s.samples; ++k) {
      for (std::size_t row = 0; row < s.rows; ++row) numbers.push_back(extremes[row * s.samples + k]);
    }
  };
  if (wanted_blocks.low) add(s.low);
  if (wanted_blocks.high) add(s.high);
  view_answer a = matrix_answer(numbers.size() / std::max<std::size_t>(1, s.rows), s.rows, numbers);
  a.notes.emplace_back("Block", fmt::format("{},{}", s.width, s.columns_of_row));
  a.notes.emplace_back("From", std::to_string(s.from));
  return a;
}

view_answer trace_source::values(const query_reader& asked) {
  const trace_variable& v = variable(asked.text("variable"));
  const window ticks = asked.ticks(extent());
  const tick_t step = asked.whole("step", {1, longest_run}, 1);
  const std::vector<std::size_t> columns = asked.columns("columns", v.columns());
  const auto rows = static_cast<std::uint64_t>((ticks.last - ticks.first + (step - 1)) / step);
  check_most(bounded_product(rows, std::max<std::size_t>(1, columns.size())), most_numbers);
  return matrix_answer(rows, columns.size(), values_.values(v, columns, lane(asked), ticks, step));
}

view_answer trace_source::tick(const query_reader& asked) {
  const tick_t tick = asked.whole("tick", view_ticks);
  const std::uint32_t which = lane(asked);
  std::vector<const trace_variable*> variables;
  std::uint64_t numbers = 0;
  const std::string names = asked.text("variables");
  for (std::size_t at = 0; at <= names.size();) {
    const std::size_t comma = std::min(names.find(',', at), names.size());
    variables.push_back(&variable(std::string_view(names).substr(at, comma - at)));
    numbers += variables.back()->columns();
    at = comma + 1;
  }
  check_most(numbers, most_listed);
  std::string text = fmt::format(R"({{"tick":{},"values":{{)", tick);
  for (const trace_variable* v : variables) {
    if (v != variables.front()) text += ',';
    text += compact_text(v->full_name()) + ':';
    append_numbers(text, values_.at(*v, tick), std::min(which, v->lanes - 1), v->lanes);
  }
  return {view_outcome::done, view_content::json, text + "}}"};
}

view_answer trace_source::spikes(const query_reader& asked) {
  const std::string group = asked.text("group");
  const auto known =
      std::find_if(trace_.spikes().begin(), trace_.spikes().end(), [&](const auto& s) { return s.group == group; });
  if (known == trace_.spikes().end()) {
    std::vector<std::string> names;
    for (const spike_list_info& s : trace_.spikes()) names.push_back(s.group);
    fail_unknown("list of events", group, names);
  }
  const window ticks = asked.ticks(extent());
  const auto most = static_cast<std::size_t>(asked.whole("most", {1, static_cast<std::int64_t>(most_listed)}, 20'000));
  const std::uint32_t which = lane(asked);
  nlohmann::json tick = nlohmann::json::array(), neuron = nlohmann::json::array();
  // With many lanes, those of others are passed over.
  const std::size_t read = static_cast<std::size_t>(
      std::min<std::uint64_t>(most_rows, bounded_product(std::uint64_t{most} + 1, trace_.facts().lanes)));
  const std::vector<spike_event> events = read_spikes(trace_, group, ticks.first, ticks.last, read);
  bool more = events.size() == read;
  for (const spike_event& e : events) {
    if (e.lane != which) continue;
    if (tick.size() == most) {
      more = true;
      break;
    }
    tick.push_back(e.tick);
    neuron.push_back(e.neuron);
  }
  return json_answer({{"tick", tick}, {"neuron", neuron}, {"more", more}});
}

view_answer trace_source::stimuli(const query_reader& asked) {
  const window ticks = asked.ticks(extent());
  const auto most = static_cast<std::size_t>(asked.whole("most", {1, 100'000}, 5000));
  nlohmann::json list = nlohmann::json::array();
  if (ticks.first >= ticks.last) return json_answer(list);
  for (const stimulus_window& s : trace_.stimuli(ticks.first, ticks.last, most)) {
    if (list.size() == most) break;
    list.push_back({{"population", s.population}, {"on", s.on}, {"off", s.off}});
  }
  return json_answer(list);
}

std::uint64_t trace_source::presentations_until(tick_t tick) const {
  std::uint64_t low = 0, high = trace_.presentations();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (trace_.read_presentations(middle, 1).at(0).first <= tick) low = middle + 1;
    else high = middle;
  }
  return low;
}

view_answer trace_source::presentations(const query_reader& asked) {
  const window ticks = asked.ticks(extent());
  const auto most = static_cast<std::size_t>(asked.whole("most", {1, 100'000}, 2000));
  const std::uint32_t which = lane(asked), lanes = trace_.facts().lanes;
  nlohmann::json rows = nlohmann::json::array();
  bool more = false;
  const std::uint64_t after = presentations_until(ticks.first);
  std::uint64_t next = after - std::min<std::uint64_t>(after, lanes);  // one may have begun before
  while (next < trace_.presentations() && !more) {
    const std::uint64_t count =
        std::max<std::uint64_t>(1, std::min<std::uint64_t>(65'536, (most + 1) * std::uint64_t{lanes}));
    const std::vector<traced_presentation> part = trace_.read_presentations(next, count);
    next += part.size();
    for (const traced_presentation& p : part) {
      if (p.first >= ticks.last) next = trace_.presentations();
      if (p.first >= ticks.last || p.end <= ticks.first || p.lane != which) continue;
      if (rows.size() == most) {
        more = true;
        break;
      }
      rows.push_back(json_of(p));
    }
  }
  return json_answer({{"rows", rows}, {"more", more}});
}

std::optional<tick_t> trace_source::next_tick(tick_t tick, int direction) const {
  const auto [first, last] = extent();
  if (first == last) return std::nullopt;
  // Every tick was looked at for lists of changes and of events.
  const bool every = trace_.frames().empty() ||
                     std::any_of(trace_.variables().begin(), trace_.variables().end(),
                                 [](const trace_variable& v) { return v.storage == trace_storage::changes; });
  if (every) {
    const tick_t next = direction > 0 ? std::max(tick + 1, first) : std::min(tick - 1, last - 1);
    return next >= first && next < last ? std::optional(next) : std::nullopt;
  }
  const std::vector<tick_t>& frames = trace_.frames();
  if (direction > 0) {
    const auto after = std::upper_bound(frames.begin(), frames.end(), tick);
    return after == frames.end() ? std::nullopt : std::optional(*after);
  }
  const auto at = std::lower_bound(frames.begin(), frames.end(), tick);
  return at == frames.begin() ? std::nullopt : std::optional(*(at - 1));
}

std::optional<tick_t> trace_source::next_presentation(tick_t tick, int direction) const {
  const std::uint64_t at = direction > 0 ? presentations_until(tick) : presentations_until(tick - 1);
  if (direction > 0 ? at == trace_.presentations() : at == 0) return std::nullopt;
  return trace_.read_presentations(direction > 0 ? at : at - 1, 1).at(0).first;
}

view_answer trace_source::next(const query_reader& asked) {
  const tick_t tick = asked.whole("tick", view_ticks);
  const int direction = static_cast<int>(asked.whole("direction", {-1, 1}, 1));
  if (direction == 0) throw view_error(view_outcome::wrong, "direction = \"0\": must be 1 or -1");
  const std::string what = asked.choice("what", {"tick", "change", "spike", "weight", "presentation"});
  const std::string population = asked.text("population", "");
  const std::uint32_t which = lane(asked);
  std::optional<tick_t> found;
  if (what == "tick") found = next_tick(tick, direction);
  if (what == "presentation") found = next_presentation(tick, direction);
  if (what == "spike") {
    for (const spike_list_info& s : trace_.spikes()) {
      if (population.empty() || population_of_list(trace_, s.group) == population)
        found = nearer(found, nearest_spike(trace_, s.group, which, tick, direction), direction);
    }
  }
  if (what == "change" || what == "weight") {
    for (const trace_variable& v : trace_.variables()) {
      if (v.weights != (what == "weight")) continue;
      if (!population.empty() && v.group != population && !(v.weights && v.group.starts_with(population + ".")))
        continue;
      found =
          nearer(found, values_.nearest_change(v, tick, direction, numbers_searched / trace_.variables().size(), found),
                 direction);
    }
  }
  return json_answer({{"tick", found ? nlohmann::json(*found) : nlohmann::json()}});
}

view_answer trace_source::search(const query_reader& asked) {
  const std::string text = lower(asked.text("text"));
  const auto most = static_cast<std::size_t>(asked.whole("most", {1, 10'000}, 50));
  const std::string name = text.substr(0, text.find('['));
  nlohmann::json list = nlohmann::json::array();
  const auto offer = [&](const std::string& full, const char* kind, const std::string& title) {
    if (list.size() < most &&
        (lower(full).find(name) != std::string::npos || lower(title).find(name) != std::string::npos))
      list.push_back({{"name", full}, {"kind", kind}, {"title", title}});
  };
  if (name != text) {  // neurons
    for (const trace_variable& v : trace_.variables()) {
      if (lower(v.full_name()).find(name) == std::string::npos) continue;
      for (std::size_t k = 0; k < v.columns() && list.size() < most; ++k) {
        const std::string full = v.column_name(k);
        if (lower(full).find(text) != std::string::npos)
          list.push_back({{"name", full}, {"kind", "neuron"}, {"title", v.long_name}, {"column", k}});
      }
    }
    return json_answer(list);
  }
  for (const traced_population& p : trace_.populations()) offer(p.name, "population", p.title);
  for (const traced_projection& p : trace_.projections()) offer(p.name, "projection", p.title);
  for (const trace_variable& v : trace_.variables()) offer(v.full_name(), "variable", v.long_name);
  return json_answer(list);
}

view_answer trace_source::weights(const query_reader& asked) {
  const trace_variable& v = weights_of(asked.text("projection"));
  const tick_t tick = asked.whole("tick", view_ticks);
  const auto projection = std::find_if(trace_.projections().begin(), trace_.projections().end(),
                                       [&](const traced_projection& p) { return p.name == v.group; });
  const auto size_of = [&](const std::string& end) {
    const std::string population = end.substr(0, end.rfind('.'));
    for (const traced_population& p : trace_.populations()) {
      if (p.name == population) return static_cast<std::uint64_t>(std::max<std::int64_t>(0, p.size));
    }
    return std::uint64_t{0};
  };
  const std::uint64_t targets = size_of(projection->to), sources = size_of(projection->from);
  const bool kernel = projection->shape == "shared window";
  const bool matrix = !kernel && bounded_product(targets, sources) <= most_numbers;
  check_most(v.columns(), most_numbers);
  std::vector<std::size_t> columns(v.columns());
  for (std::size_t k = 0; k < columns.size(); ++k) columns[k] = k;
  const std::vector<double> all = values_.columns_at(v, columns, 0, tick);
  const auto recorded = values_.tick_of(v, tick);
  view_answer a;
  if (matrix) {
    std::vector<double> rows(targets * sources, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t k = 0; k < all.size(); ++k) {
      if (v.neurons[k] < targets && v.sources[k] < sources) rows[v.neurons[k] * sources + v.sources[k]] = all[k];
    }
    a = matrix_answer(targets, sources, rows);
  } else {
    a = matrix_answer(1, all.size(), all);
  }
  if (recorded) a.notes.emplace_back("Tick", std::to_string(*recorded));
  return a;
}

view_answer trace_source::diff() {
  if (second_.empty()) return json_answer(nullptr);
  if (difference_) return *difference_;
  const trace_reader other(second_);
  const trace_comparison c = compare_traces(trace_, other, {});
  nlohmann::json j = {{"same", c.equal()}, {"first", nullptr}, {"summary", nlohmann::json::array()}};
  if (const value_difference* first = c.first()) {
    std::string name = first->entity.substr(0, first->entity.find('['));
    j["first"] = {{"tick", first->tick}, {"variable", name},           {"column", first->entity},
                  {"lane", first->lane}, {"a", json_number(first->a)}, {"b", json_number(first->b)}};
  }
  for (const std::string& note : c.notes) j["summary"].push_back("settings differ: " + note);
  for (const std::string& line : c.different) j["summary"].push_back("recorded differs: " + line);
  for (const variable_comparison& v : c.variables) {
    if (v.first)
      j["summary"].push_back(fmt::format("{} differs from tick {} on: {} of {} values, by at most {:.3g}", v.name,
                                         v.first->tick, v.differing, v.values, v.largest));
  }
  difference_ = json_answer(j);
  return *difference_;
}

}  // namespace locus
