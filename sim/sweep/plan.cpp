#include "sim/sweep/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "sim/core/errors.hpp"
#include "sim/core/sha256.hpp"
#include "sim/experiment/experiment.hpp"
#include "sim/sweep/jobs.hpp"

namespace locus::sweep {

namespace {

/// Data sets that are loaded once, before cells are run; of sweeps over more, each cell loads its own.
constexpr std::size_t most_data_sets = 16;

bool same_teacher(const teacher_network& a, const teacher_network& b) {
  return a.layers == b.layers && a.activation == b.activation && a.scale == b.scale && a.samples == b.samples &&
         a.test_samples == b.test_samples && a.seed == b.seed;
}

/// But for where netlists say so.
bool same_data(const data_description& a, const data_description& b) {
  return a.source == b.source && a.teacher.has_value() == b.teacher.has_value() &&
         (!a.teacher || same_teacher(*a.teacher, *b.teacher)) && a.inputs == b.inputs && a.targets == b.targets &&
         a.test_inputs == b.test_inputs && a.test_targets == b.test_targets && a.split == b.split &&
         a.split_seed == b.split_seed && a.train_on == b.train_on && a.train_limit == b.train_limit &&
         a.test_limit == b.test_limit;
}

bool is_drawn(const tick_range& r) { return r.low != r.high; }

bool draws(const projection_description& p) {
  const auto* random = std::get_if<random_weights>(&p.weights);
  return !p.synapse.empty() && random != nullptr && random->method != "constant";
}

/// The seeds of tables `weights` within other tables of a short form, such as feedback.weights.
void add_drawn_weights(const section& table, const std::string& path, std::vector<std::string>& keys) {
  for (const std::string& key : table.keys()) {
    if (!table.is_table(key)) continue;
    const section part = table.table(key);
    const bool drawn = key == "weights" && (part.has("init") || part.has("seed"));
    if (drawn && !path.empty()) keys.push_back(path + key + ".seed");
    add_drawn_weights(part, path + key + ".", keys);
  }
}

void update(sha256& hash, const std::string& text) { hash.update(std::as_bytes(std::span(text.data(), text.size()))); }

std::string sha256_of(const std::string& text) {
  sha256 hash;
  update(hash, text);
  return hash.hex();
}

}  // namespace

plan::plan(request asked, const template_catalogue& templates) : asked_(std::move(asked)), templates_(templates) {
  if (asked_.netlists.size() > 1) {
    axis names{std::string(netlist_key), {}};
    for (const document& text : asked_.netlists) {
      if (std::find(names.values.begin(), names.values.end(), text.name()) != names.values.end()) {
        throw usage_error(fmt::format("the netlist \"{}\" is there twice", text.name()));
      }
      names.values.push_back(text.name());
    }
    grid_.axes.push_back(std::move(names));
  }
  grid_.axes.insert(grid_.axes.end(), asked_.axes.begin(), asked_.axes.end());
  grid_.seeds = asked_.seeds;
  std::set<std::uint64_t> seeds;
  for (const std::uint64_t seed : grid_.seeds) {
    if (!seeds.insert(seed).second) throw usage_error(fmt::format("--seeds: the seed {} is there twice", seed));
  }
  std::set<std::string> keys;
  std::uint64_t cells = grid_.replicates();
  for (const axis& a : grid_.axes) {
    if (!keys.insert(a.key).second) throw usage_error(fmt::format("{} is varied twice: give one --over for it", a.key));
    cells = bounded_product(cells, a.values.size());
  }
  if (cells > most_values) throw usage_error(fmt::format("the sweep has {} cells, more than {}", cells, most_values));
}

std::size_t plan::netlist_of(std::size_t cell) const {
  return asked_.netlists.size() > 1 ? grid_.places(cell).front() : 0;
}

/// Without the seed.
std::vector<std::string> plan::values(std::size_t cell) const {
  const std::vector<std::size_t> at = grid_.places(cell);
  std::vector<std::string> all;
  for (std::size_t k = asked_.netlists.size() > 1 ? 1 : 0; k < grid_.axes.size(); ++k) {
    all.push_back(fmt::format("{}={}", grid_.axes[k].key, grid_.axes[k].values[at[k]]));
  }
  return all;
}

std::vector<std::string> plan::seed_keys(std::size_t cell) const { return seed_keys_.at(netlist_of(cell)); }

std::vector<std::string> plan::overrides(std::size_t cell) const {
  std::vector<std::string> all = values(cell);
  if (asked_.seeds.empty()) return all;
  for (const std::string& key : seed_keys(cell)) all.push_back(fmt::format("{}={}", key, grid_.seed(cell).value()));
  return all;
}

document plan::netlist(std::size_t cell) const { return asked_.netlists[netlist_of(cell)].again(overrides(cell)); }

description plan::read(std::size_t cell) const { return read_netlist(netlist(cell), templates_); }

/// A seed is that of the weights, the order of samples, drawn times and noise: what a run draws anew. The connections
/// of the circuit and the data stay what they are.
void plan::find_seed_keys() {
  for (std::size_t n = 0; n < asked_.netlists.size(); ++n) {
    std::vector<std::size_t> first(grid_.axes.size());
    if (asked_.netlists.size() > 1) first.front() = n;
    const document text = asked_.netlists[n].again(values(grid_.cell_at(first)));
    description netlist;
    try {
      netlist = read_netlist(text, templates_);
    } catch (const usage_error& e) {
      refuse(grid_.cell_at(first), e.what());
    }
    std::vector<std::string> keys;
    if (text.root().table("circuit").has("template")) {
      if (std::any_of(netlist.projections.begin(), netlist.projections.end(), draws)) keys.emplace_back("weights.seed");
      add_drawn_weights(text.root(), "", keys);
    } else {
      for (const projection_description& p : netlist.projections) {
        if (draws(p)) keys.push_back(fmt::format("projection.{}.weights.seed", p.name));
      }
    }
    if (netlist.shuffle) keys.emplace_back("stimuli.shuffle");
    const timeline_description& t = netlist.timeline;
    if (is_drawn(t.predict) || is_drawn(t.teach) || is_drawn(t.rest)) keys.emplace_back("stimuli.jitter_seed");
    keys.emplace_back("circuit.noise_seed");
    std::erase_if(keys, [&](const std::string& key) {
      return std::find(asked_.fixed.begin(), asked_.fixed.end(), key) != asked_.fixed.end() ||
             std::any_of(grid_.axes.begin(), grid_.axes.end(), [&](const axis& a) { return a.key == key; });
    });
    if (keys.empty() && asked_.seeds.size() > 1) {
      throw usage_error("--seeds: all seeds of the netlist are set by --set or --over");
    }
    seed_keys_.push_back(std::move(keys));
  }
}

/// Whose value it is: the one without which the first cell has no mistake; if there is no such, the whole cell is
/// named.
void plan::refuse(std::size_t cell, const std::string& complaint) const {
  const std::string option = "--set ";
  const std::vector<std::string> varied = values(cell);
  for (const std::string& each : varied) {
    // An override's mistake begins with its words.
    if (complaint.starts_with(option + each)) throw usage_error("--over " + complaint.substr(option.size()));
  }
  const std::vector<std::size_t> at = grid_.places(cell);
  const auto of_one = [&](std::size_t k) {
    std::vector<std::size_t> alone(at.size());
    alone[k] = at[k];
    return grid_.cell_at(alone) == grid_.cell_at(at);
  };
  for (std::size_t k = 0; k < at.size(); ++k) {
    if (at[k] == 0 || !of_one(k)) continue;
    throw usage_error(fmt::format("--over {}={}: {}", grid_.axes[k].key, grid_.axes[k].values[at[k]], complaint));
  }
  if (grid_.axes.empty()) throw usage_error(complaint);
  throw usage_error(fmt::format("with {}: {}", grid_.text(cell), complaint));
}

void plan::note_data(const data_description& described) {
  if (described_.size() > most_data_sets) return;
  const auto same = [&](const data_description& other) { return same_data(described, other); };
  if (std::none_of(described_.rbegin(), described_.rend(), same)) described_.push_back(described);
}

void plan::read_all(const std::function<void(const std::string&)>& tell) {
  std::set<std::string> told;
  std::unordered_map<std::string, std::size_t> known;  // by their netlists' hash
  sha256 all;
  for (std::size_t cell = 0; cell < grid_.cells(); ++cell) {
    const document text = netlist(cell);
    description netlist;
    try {
      netlist = read_netlist(text, templates_);
    } catch (const usage_error& e) {
      refuse(cell, e.what());
    }
    for (const std::string& warning : netlist.warnings) {
      if (told.insert(warning).second) tell(warning);
    }
    const std::string hash = sha256_of(text.canonical_text());
    if (const auto [same, is_new] = known.emplace(hash, cell); !is_new) {
      throw usage_error(
          fmt::format("two cells are the same netlist: ({}) and ({})", grid_.text(same->second), grid_.text(cell)));
    }
    update(all, hash);
    epochs_ = std::max(epochs_, netlist.epochs);
    for (const report_description& r : netlist.reports) {
      if (std::find(reports_.begin(), reports_.end(), r.text()) == reports_.end()) reports_.push_back(r.text());
    }
    note_data(netlist.data);
  }
  sha256_ = all.hex();
}

/// Each value with the first values of the other axes.
void plan::try_values(std::size_t at_once) const {
  std::set<std::size_t> cells = {0};
  for (std::size_t k = 0; k < grid_.axes.size(); ++k) {
    std::vector<std::size_t> at(grid_.axes.size());
    for (at[k] = 1; at[k] < grid_.axes[k].values.size(); ++at[k]) cells.insert(grid_.cell_at(at));
  }
  std::vector<std::string> complaints(cells.size());
  const std::vector<std::size_t> tried(cells.begin(), cells.end());
  run_jobs(
      tried, at_once,
      [&](std::size_t cell) {
        const description netlist = read(cell);
        experiment_options options;
        options.simulation.threads = 1;
        options.evaluate = asked_.evaluate;
        const std::shared_ptr<const data_set> set = data(netlist);
        const experiment built(netlist, *set, options);
        return std::string();
      },
      [&](const job_end& end) {
        if (end.answer || end.error == nullptr) return;  // of a death, the cell itself will tell
        complaints[static_cast<std::size_t>(std::lower_bound(tried.begin(), tried.end(), end.job) - tried.begin())] =
            end.message();
      });
  for (std::size_t n = 0; n < tried.size(); ++n) {
    if (!complaints[n].empty()) refuse(tried[n], complaints[n]);
  }
}

void plan::check(std::size_t at_once, const std::function<void(const std::string&)>& tell) {
  find_seed_keys();
  read_all(tell);
  if (described_.size() <= most_data_sets) {
    for (const data_description& d : described_) data_.push_back({d, std::make_shared<const data_set>(load_data(d))});
  }
  try_values(at_once);
}

std::shared_ptr<const data_set> plan::data(const description& netlist) const {
  for (const loaded_data& known : data_) {
    if (same_data(known.described, netlist.data)) return known.set;
  }
  return std::make_shared<const data_set>(load_data(netlist.data));
}

}  // namespace locus::sweep
