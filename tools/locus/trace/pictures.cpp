#include "tools/locus/trace/pictures.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "sim/core/errors.hpp"
#include "sim/netlist/document.hpp"
#include "tools/locus/trace/images.hpp"

namespace locus::tools {

namespace {

using choice = std::vector<chosen_columns>;

/// "2-4-1"; a grid of channels, rows and columns as "4x6x6".
std::string layers_text(const std::vector<neuron_grid>& layers) {
  std::string text;
  for (const neuron_grid& layer : layers) {
    if (!text.empty()) text += "-";
    text += layer.shape.empty() ? fmt::format("{}", layer.size) : fmt::format("{}", fmt::join(layer.shape, "x"));
  }
  return text;
}

/// "predictive-coding 2-4-1, fa-z-il", as far as the netlist says it.
std::string circuit_title(const trace_reader& trace) {
  std::string title = std::filesystem::path(trace.path()).stem().string();
  try {
    const document netlist = document::from_text(trace.facts().netlist, "netlist");
    const section circuit = netlist.root().table("circuit"), learning = netlist.root().table("learning");
    if (circuit.has("template")) title += ": " + circuit.text("template");
    if (circuit.has("layers")) title += " " + layers_text(circuit.grids("layers"));
    if (learning.has("rule")) title += ", " + learning.text("rule");
  } catch (const user_error&) {
    // A netlist of another version, or a damaged one: the name of the file has to do.
  }
  return title;
}

/// Of each population the one variable that tells most: its value, or its error; otherwise the first.
choice telling_variables(const trace_reader& trace) {
  static constexpr std::array<std::string_view, 4> telling = {"x", "eps", "error", "rate"};
  choice chosen;
  for (const chosen_columns& c : choose_columns(trace, {})) {
    const trace_variable& v = *c.variable;
    const bool events = std::any_of(trace.spikes().begin(), trace.spikes().end(), [&](const spike_list_info& s) {
      return s.group == v.group || s.group.starts_with(v.group + ".");
    });
    if (v.weights || events) continue;
    const auto rank = [](const std::string& name) {
      return std::find(telling.begin(), telling.end(), name) - telling.begin();
    };
    if (chosen.empty() || chosen.back().variable->group != v.group) chosen.push_back(c);
    else if (rank(v.name) < rank(chosen.back().variable->name)) chosen.back() = c;
  }
  return chosen;
}

/// Whether a variable says anything in that window: a constant unit does not.
bool changes(const view& v, const chosen_columns& c) {
  const sampled_values s =
      sample_values(v.trace, c, {.from = v.from, .until = v.until, .lane = v.lane, .most_samples = 1, .most_rows = 1});
  return s.low != s.high;
}

/// The first presentation that is recorded from its beginning; in files that do not tell, from the first stimulus to
/// the next one of the same population.
std::pair<tick_t, tick_t> first_presentation(const trace_reader& trace, const std::vector<stimulus_window>& windows) {
  constexpr tick_t some = 40;
  const auto [first, last] = trace.extent();
  const std::uint64_t two = std::min<std::uint64_t>(trace.presentations(), 2 * std::uint64_t{trace.facts().lanes});
  for (const traced_presentation& p : trace.read_presentations(0, two)) {
    if (p.first >= first && p.first < last) return {p.first, std::min(last, p.end)};
  }
  const auto start = std::find_if(windows.begin(), windows.end(), [f = first](const auto& w) { return w.on >= f; });
  if (start == windows.end() || start->on >= last) return {first, std::min(last, first + some)};
  const auto next = std::find_if(start + 1, windows.end(),
                                 [&](const auto& w) { return w.population == start->population && w.on > start->on; });
  const tick_t end = next == windows.end() ? start->off : next->on;
  return {start->on, std::min(last, end)};
}

void add_wave(figure& f, const view& v, const choice& chosen, const std::vector<stimulus_window>& windows) {
  add_stimuli(f, v, windows);
  for (const stimulus_window& w : windows) {
    for (const tick_t t : {w.on, w.off}) {
      if (t > v.from && t < v.until && v.until - v.from <= 200) f.mark(t);
    }
  }
  for (const chosen_columns& c : chosen) {
    if (!c.variable->weights && changes(v, c)) add_values(f, v, c);
  }
  add_raster(f, v, v.trace.spikes());
}

void add_weights(figure& f, const view& v, const choice& chosen) {
  for (const chosen_columns& c : chosen) {
    if (!c.variable->weights) continue;
    if (c.columns.size() <= most_lines) add_lines(f, v, c);
    else add_distribution(f, v, c);
  }
  if (f.empty()) throw run_error(fmt::format("\"{}\" has no weights: record theta", v.trace.path()));
}

void add_all_images(figure& f, const view& v, const choice& chosen, bool by_name) {
  for (const chosen_columns& c : chosen) {
    if (makes_image(c)) add_images(f, v, c);
    else if (by_name)
      throw usage_error(fmt::format("--kind image: {} has no grid: choose others with --select, or --kind heat",
                                    c.variable->full_name()));
  }
  if (f.empty()) throw run_error(fmt::format("\"{}\" has no values of neurons on a grid", v.trace.path()));
}

/// The lists of events of the chosen variables' populations.
std::vector<spike_list_info> chosen_lists(const trace_reader& trace, const choice& chosen) {
  std::vector<spike_list_info> lists;
  for (const spike_list_info& s : trace.spikes()) {
    const bool meant = std::any_of(chosen.begin(), chosen.end(), [&](const chosen_columns& c) {
      return s.group == c.variable->group || s.group == c.variable->full_name();
    });
    if (meant) lists.push_back(s);
  }
  return lists;
}

/// What suits what was chosen.
picture_kind suitable_kind(const trace_reader& trace, const picture_request& wanted, const choice& chosen) {
  if (wanted.kind) return *wanted.kind;
  if (wanted.patterns.empty()) return picture_kind::wave;
  const auto all = [&](auto&& is) { return std::all_of(chosen.begin(), chosen.end(), is); };
  if (wanted.ticks && wanted.ticks->second - wanted.ticks->first == 1 && all(makes_image)) return picture_kind::image;
  if (all([](const chosen_columns& c) { return c.variable->weights; })) return picture_kind::weights;
  if (all([&](const chosen_columns& c) { return !chosen_lists(trace, {c}).empty(); })) return picture_kind::raster;
  return all([](const chosen_columns& c) { return c.columns.size() <= most_lines; }) ? picture_kind::lines
                                                                                     : picture_kind::heat;
}

/// Figures of more panels could not be read; what is left out is said.
choice limited(figure& f, choice chosen) {
  constexpr std::size_t most_panels = 16;
  if (chosen.size() > most_panels) {
    f.note(fmt::format("the first {} of {} variables; others with --select", most_panels, chosen.size()));
    chosen.resize(most_panels);
  }
  return chosen;
}

}  // namespace

figure make_picture(const trace_reader& trace, const picture_request& wanted) {
  constexpr std::size_t most_windows = 100'000;
  const auto [first, last] = trace.extent();
  if (first == last) throw run_error(fmt::format("\"{}\" has no ticks: there is nothing to draw", trace.path()));
  choice chosen = choose_columns(trace, wanted.patterns);
  const picture_kind kind = suitable_kind(trace, wanted, chosen);
  const std::vector<stimulus_window> windows = trace.stimuli(most_windows);
  view v{trace, first, last, wanted.lane, wanted.vector_graphics};
  if (wanted.ticks) std::tie(v.from, v.until) = *wanted.ticks;
  else if (kind == picture_kind::wave) std::tie(v.from, v.until) = first_presentation(trace, windows);
  figure f(circuit_title(trace), v.from, v.until);
  if (trace.facts().dt) f.tell_time(*trace.facts().dt);
  switch (kind) {
    case picture_kind::wave:
      add_wave(f, v, limited(f, wanted.patterns.empty() ? telling_variables(trace) : chosen), windows);
      break;
    case picture_kind::lines:
      for (const chosen_columns& c : limited(f, chosen)) add_lines(f, v, c);
      break;
    case picture_kind::heat:
      for (const chosen_columns& c : limited(f, wanted.patterns.empty() ? telling_variables(trace) : chosen)) {
        add_heat_map(f, v, c);
      }
      break;
    case picture_kind::image:
      add_all_images(f, v, limited(f, wanted.patterns.empty() ? telling_variables(trace) : chosen),
                     !wanted.patterns.empty());
      break;
    case picture_kind::raster:
      add_raster(f, v, wanted.patterns.empty() ? trace.spikes() : chosen_lists(trace, chosen));
      break;
    case picture_kind::weights: add_weights(f, v, chosen); break;
  }
  if (f.empty()) throw run_error(fmt::format("\"{}\" has nothing of that kind to draw", trace.path()));
  if (trace.facts().lanes > 1) f.note(fmt::format("lane {} of {}", wanted.lane, trace.facts().lanes));
  return f;
}

}  // namespace locus::tools
