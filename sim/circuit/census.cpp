#include "sim/circuit/census.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace locus {

std::string plural(std::string_view title) {
  // What a title says of its head noun begins with one of these.
  if (title.find(" that ") != std::string_view::npos) return std::string(title);  // its verb would have to follow
  std::size_t head = title.size();
  for (const std::string_view word : {" with ", " of ", " whose ", " for ", " ("}) {
    head = std::min(head, title.find(word));
  }
  return fmt::format("{}s{}", title.substr(0, head), title.substr(head));
}

std::string kind_count::text() const {
  const std::string what = count == 1 ? title : plural(title);
  return role.empty() ? fmt::format("{} {}", count, what) : fmt::format("{} {}: {}", count, role, what);
}

namespace {

void count_kind(std::vector<kind_count>& kinds, const std::string& role, const std::string& title, std::uint64_t n) {
  for (kind_count& each : kinds) {
    if (each.role != role || each.title != title) continue;
    each.count += n;
    return;
  }
  kinds.push_back({role, title, n});
}

projection_count describe(const circuit& c, const projection& p) {
  projection_count out;
  out.name = p.name;
  out.model = p.synapse != nullptr ? std::string(p.synapse->info.name) : "link";
  out.shape = p.shape;
  out.wiring = p.wiring;
  out.before = c.size_before(p);
  out.after = c.size_after(p);
  out.connections = c.connections(p);
  out.exact = p.shape != projection_shape::sparse || p.size.exact;
  out.delay = p.delay;
  out.longest_delay = longest_delay(p);
  if (p.synapse == nullptr) return out;
  out.title = p.synapse->info.title;
  // Names that only say what is joined ("a.rate->b.value") say nothing of a role.
  if (p.name.find("->") == std::string::npos) out.role = p.name.substr(p.name.rfind('.') + 1);
  out.plastic = p.learns();
  if (out.plastic && p.gate) out.gate = c.name_of(*p.gate);
  if (!p.shared_with) return out;
  out.shared_with = c.projections[*p.shared_with].name;
  out.title = "synapse with the weight of another synapse";  // its own model's rule is not what changes it
  return out;
}

outside_source describe(const circuit& c, const stimulus& s) {
  outside_source out;
  out.population = c.populations[s.population].name;
  out.size = c.populations[s.population].size;
  out.role = s.role;
  out.first_column = s.first_column;
  if (s.role == stimulus_role::teacher) out.answer = c.name_of(s.answer);
  if (s.source) out.source = c.name_of(*s.source);
  out.with = s.with;
  out.sigma = s.sigma;
  if (s.role != stimulus_role::control) return out;
  out.onset = s.onset;
  out.from_end = s.from_end;
  out.ticks = s.ticks;
  out.value = s.value;
  return out;
}

void count_projection(const circuit& c, const projection& p, census& out) {
  const projection_count& each = out.projections.emplace_back(describe(c, p));
  const std::uint64_t messages = bounded_product(each.connections, c.lanes);
  if (p.synapse == nullptr) {
    out.links += each.connections;
    out.links_per_tick += messages;
    return;
  }
  count_kind(out.synapse_kinds, each.role, each.title, each.connections);
  out.synapses += each.connections;
  out.messages_per_tick += messages;
  if (each.plastic) out.plastic_weights += each.connections;
}

// ---- memory -------------------------------------------------------------------------------------------------------
// What sim/engine allocates with one thread. It lies above this folder, so its layout is repeated here; a test holds
// one against the other.

constexpr std::uint64_t word = 4;                  // an index or a count
constexpr std::uint64_t narrow_indices = 1 << 16;  // so many neurons have indices of two bytes

class memory_predictor {
 public:
  memory_predictor(const circuit& c, const partition& keeps)
      : net_(c),
        keeps_(keeps),
        number_(size_of(c.precision)),
        ports_(c.populations.size()),
        heard_(c.populations.size()) {
    for (std::size_t n = 0; n < c.populations.size(); ++n) {
      ports_[n].resize(c.populations[n].model->ports.size());
      heard_[n].resize(c.populations[n].model->fields.size());
    }
    for (const projection& p : c.projections) {
      ++ports_[p.to.population][p.to.port].incoming;
      hear(p.from);
      if (!p.learns()) continue;
      for (const output_id& seen : p.pre) hear(seen);
      for (const output_id& seen : p.post) hear(seen);
      if (p.gate) hear(*p.gate);
    }
  }

  memory_prediction predict() {
    std::uint64_t longest = 0;
    for (std::size_t n = 0; n < net_.populations.size(); ++n) {
      add_population(n);
      longest = std::max(longest, length(n));
    }
    for (std::size_t i = 0; i < net_.projections.size(); ++i) add(i);
    for (std::size_t n = 0; n < net_.populations.size(); ++n) {
      // A port that several projections enter also holds the sum of all but the last; one that is not the source's
      // array notes which panels changed.
      for (const port_use& port : ports_[n]) {
        if (!port.own) continue;
        add(out_.ports, length(n), (port.incoming > 1 ? 2 : 1) * number_);
        add(out_.ports, panels(n), 1);
      }
    }
    add(out_.ports, longest, number_);  // what an unconnected port reads
    return out_;
  }

 private:
  struct port_use {
    std::size_t incoming = 0;
    bool own = false;  ///< an array of its own instead of the source's
  };

  /// Saturates: what has no place in 64 bits has none in memory.
  static void add(std::uint64_t& to, std::uint64_t n, std::uint64_t of_size) {
    to = bounded_sum(to, bounded_product(n, of_size));
  }

  void hear(output_id output) { heard_[output.population][output.field] = true; }

  std::uint64_t panels(std::size_t population) const { return panels_for(net_.populations[population].size); }
  std::uint64_t length(std::size_t population) const {
    return bounded_product(panels(population) * panel_width, net_.lanes);
  }

  /// Fields, and for each panel what the tracking of activity needs.
  void add_population(std::size_t n) {
    const model_declaration& model = *net_.populations[n].model;
    add(out_.state, length(n), (model.fields.size() + (model.has_clamp ? 1 : 0)) * number_);
    const std::uint64_t sweeps = 1 + model.reactions.size();
    add(out_.state, panels(n), word + sweeps * (1 + 1 + word));  // versions; moved, awake, version seen
    for (std::size_t f = 0; f < model.fields.size(); ++f) {
      if (model.fields[f].seen == visibility::sent) out_.state += panels(n) * 2;
      if (model.fields[f].event) out_.state += panels(n) * word;
      if (heard_[n][f]) out_.state += panels(n) * panel_width * number_;
    }
  }

  /// What this rank has of weights or entries that are stored by panels of targets.
  std::uint64_t share_of(std::uint64_t count, std::uint64_t after_panels) const {
    const panel_range mine = keeps_.mine(after_panels);
    return count / after_panels * mine.size() + count % after_panels * mine.size() / after_panels;
  }

  /// Whether another projection uses its weights turned round, which makes every rank know all of them.
  bool turned_round(std::size_t index) const {
    return std::ranges::any_of(net_.projections,
                               [&](const projection& p) { return p.shared_with == index && p.transposed; });
  }

  void add(std::size_t index) {
    const projection& p = net_.projections[index];
    port_use& port = ports_[p.to.population][p.to.port];
    const std::uint64_t before = net_.size_before(p);
    const std::uint64_t after_panels = panels_for(net_.size_after(p));
    if (p.shape == projection_shape::dense) {
      port.own = true;
      const std::uint64_t known = turned_round(index) ? after_panels : share_of(after_panels, after_panels);
      add(out_.weights, known * panel_width * number_, bounded_product(before, arrays_of(p)));
      if (p.synapse != nullptr) add(out_.weights, before, word);  // changed weights of each source
    } else if (p.window) {
      port.own = true;
      add_window(p);
    } else if (p.shape == projection_shape::sparse || port.incoming > 1) {
      port.own = true;
      const bool link = p.shape == projection_shape::one_to_one;
      const sparse_size joins = link ? one_to_one_size(net_.size_after(p)) : p.size;
      const std::uint64_t part = share_of(joins.entries, after_panels);
      const bool wide = joins.memory > sparse_memory(net_.size_after(p), joins.entries, false);
      add(out_.weights, sparse_memory(net_.size_after(p), net_.kept_in_part(index) ? part : joins.entries, wide), 1);
      // Weights; which of them changed.
      add(out_.weights, turned_round(index) ? joins.entries : part, panel_width * number_ * arrays_of(p) + 2);
      if (p.shared_with) add(out_.weights, joins.connections, word);  // where the owner has them
      const std::uint64_t heard = late(p) ? delays_of(p).size() * panels_for(before) * panel_width : before;
      add(out_.weights, after_panels * panel_width * number_ + heard * word, 1);  // in-degrees, out-degrees
      if (late(p)) out_.weights += sparse_memory(net_.size_after(p), joins.entries, heard > narrow_indices);
    } else {
      port.own = port.own || copied(p);
    }
    add_delays(p.from, p);
    if (!p.learns()) return;
    for (const output_id& seen : p.pre) add_delays(seen, p);
    if (p.gate && p.gate_at == gate_end::pre) add_delays(*p.gate, p);
    // Doubles, twice where those of another projection are turned.
    const std::uint64_t copies = p.transposed ? 2 : 1;
    if (p.synapse != nullptr)
      out_.building = std::max(out_.building, bounded_product(net_.weights(p), copies * sizeof(double)));
  }

  /// A kernel, and what its kernels work on in the place of fields (engine: window_layout, window_copies).
  void add_window(const projection& p) {
    const shared_window& w = *p.window;
    const window_grid::sizes &sources = w.turned ? w.grid.after : w.grid.before,
                             &targets = w.turned ? w.grid.before : w.grid.after;
    const std::uint64_t rows = panels_for(w.rows()) * panel_width, lanes = bounded_product(w.places(), net_.lanes);
    add(out_.weights, bounded_product(rows, w.columns()), number_ * arrays_of(p));
    add(out_.weights,
        std::uint64_t{w.columns()} * 3 + std::uint64_t{targets[0]} * targets[1] +
            std::uint64_t{net_.size_before(p)} * 2,
        word);
    // Sources that stand side by side are copied at once.
    const std::uint64_t channels = w.turned ? w.grid.channels_after : w.grid.channels_before;
    const bool alone = w.grid.stride[window_grid::axes - 1] != 1;
    const std::uint64_t parts =
        alone ? net_.size_before(p) : channels * sources[0] * sources[1] + panels(p.from.population);
    add(out_.weights, parts, 3 * word);
    std::uint64_t room = channels;
    for (std::size_t a = 0; a < window_grid::axes; ++a) {
      const std::uint64_t stride = w.turned ? 1 : w.grid.stride[a];
      std::uint64_t length = (targets[a] - 1) * stride + std::uint64_t{w.grid.dilation[a]} * (w.grid.window[a] - 1) + 1;
      if (a + 1 == window_grid::axes) length = (length + stride - 1) / stride * stride;
      room = bounded_product(room, length);
    }
    room = bounded_product(bounded_product(room, net_.lanes), number_);
    add(out_.state, room, 1);
    if (!p.learns()) return;
    add(out_.weights, lanes, word);
    add(out_.state, bounded_product(rows, w.columns()), number_);  // of one sum
    const auto copied_before = static_cast<std::uint64_t>(
        std::count_if(p.pre.begin(), p.pre.end(), [&](const output_id& seen) { return seen != p.from; }));
    add(out_.state, room, copied_before + (p.gate && p.gate_at == gate_end::pre ? 1 : 0));
  }

  /// Numbers of one synapse: its weight, and what else it keeps if it learns.
  std::uint64_t arrays_of(const projection& p) const {
    std::uint64_t numbers = 1;
    if (!p.learns()) return numbers;
    for (std::size_t f = 0; f < p.synapse->state.size(); ++f) {
      if (f != p.synapse->weight) numbers += p.synapse->state[f].per_lane ? net_.lanes : 1;
    }
    return numbers;
  }

  /// Whether a one-to-one link's messages are copied: what one stepping neuron reads of another is kept apart.
  bool copied(const projection& p) const {
    const auto& step = net_.populations[p.to.population].model->step;
    const bool registered = step && std::count(step->ports.begin(), step->ports.end(), p.to.port) != 0;
    return registered && p.delay == 0 &&
           net_.populations[p.from.population].model->fields[p.from.field].by == writer::step;
  }

  /// Whether its connections are differently late.
  static bool late(const projection& p) { return p.delay_up_to != 0; }

  /// What carries an output to connections that are differently late holds it once for each delay.
  void add_delays(output_id output, const projection& p) {
    const std::vector<std::uint32_t> delays = delays_of(p);
    for (const std::uint32_t delay : delays) add_delay(output, delay);
    if (!late(p)) return;
    const std::pair fan{output, delays};
    if (std::find(fans_.begin(), fans_.end(), fan) != fans_.end()) return;
    fans_.push_back(fan);
    add(out_.delays, length(output.population), delays.size() * number_);
    add(out_.delays, panels(output.population), delays.size() * (panel_width * number_ + 2));
  }

  /// One ring for all projections that carry the same output equally late.
  void add_delay(output_id output, std::uint32_t delay) {
    if (delay == 0) return;
    const std::pair line{output, delay};
    if (std::find(lines_.begin(), lines_.end(), line) != lines_.end()) return;
    lines_.push_back(line);
    const std::size_t n = output.population;
    add(out_.delays, length(n), bounded_product(std::uint64_t{delay} + 1, number_));
    add(out_.delays, panels(n), panel_width * number_ + 2);
  }

  const circuit& net_;
  partition keeps_;
  std::uint64_t number_;
  std::vector<std::vector<port_use>> ports_;  ///< [population][port]
  std::vector<std::vector<bool>> heard_;      ///< [population][field]: somebody listens, so that changes are counted
  std::vector<std::pair<output_id, std::uint32_t>> lines_;
  std::vector<std::pair<output_id, std::vector<std::uint32_t>>> fans_;
  memory_prediction out_;
};

}  // namespace

memory_prediction predict_memory(const circuit& c, const partition& keeps) {
  return memory_predictor(c, keeps).predict();
}

std::uint64_t predict_exchange(const circuit& c, const partition& rank) {
  std::uint64_t bytes = 0;
  for (const population& p : c.populations) {
    const std::uint64_t panels = rank.mine(panels_for(p.size)).size();
    const std::uint64_t length = bounded_product(std::uint64_t{panel_width} * c.lanes, size_of(c.precision));
    // Each phase that a population has: four numbers, those of the panels, and the fields that it writes.
    const std::uint64_t phases = p.model->reactions.size() + (p.model->step ? 1 : 0);
    bytes = bounded_sum(bytes, phases * (4 + panels) * word);
    bytes = bounded_sum(bytes, bounded_product(p.model->fields.size() * panels, length));
  }
  return bytes;
}

bool census::exact() const {
  return std::all_of(projections.begin(), projections.end(), [](const projection_count& p) { return p.exact; });
}

census take_census(const circuit& c, std::size_t ranks) {
  census out;
  for (const population& p : c.populations) {
    const model_info& info = p.model->info;
    out.populations.push_back({p.name, std::string(info.name), std::string(info.title), p.size});
    count_kind(out.neuron_kinds, "", std::string(info.title), p.size);
    out.neurons += p.size;
  }
  for (const projection& p : c.projections) count_projection(c, p, out);
  for (const stimulus& s : c.stimuli) {
    const bool is_data = s.role == stimulus_role::input || s.role == stimulus_role::teacher;
    (is_data ? out.sources : out.controls).push_back(describe(c, s));
  }
  out.memory = predict_memory(c);
  for (std::size_t rank = 0; ranks > 1 && rank < ranks; ++rank)
    out.ranks.push_back({predict_memory(c, {rank, ranks}), predict_exchange(c, {rank, ranks})});
  return out;
}

}  // namespace locus
