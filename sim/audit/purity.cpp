#include "sim/audit/purity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "sim/audit/program_symbols.hpp"
#include "sim/audit/purity_task.hpp"
#include "sim/audit/sealed_process.hpp"
#include "sim/engine/models.hpp"

namespace locus {
namespace {

using namespace purity;

constexpr std::array<const char*, mechanism_count> names = {"sealed", "order", "neighbours", "lanes",
                                                            "places", "many",  "sets",       "traced"};
constexpr std::array<const char*, mechanism_count> circumstances = {"without system, clock and environment",
                                                                    "evaluated once more or in another order",
                                                                    "beside others in its panel",
                                                                    "with other lanes",
                                                                    "at another place in memory",
                                                                    "after many evaluations",
                                                                    "by the scalar kernels",
                                                                    "by the rules that the audit follows"};

bool used(const purity_mechanisms& use, mechanism m) {
  switch (m) {
    case mechanism::sealed: return use.sealed;
    case mechanism::order: return use.order;
    case mechanism::neighbours: return use.neighbours;
    case mechanism::lanes: return use.lanes;
    case mechanism::places: return use.places;
    case mechanism::many: return use.many;
    case mechanism::sets: return use.sets;
    case mechanism::traced: break;
  }
  return use.traced;
}

std::string struct_name(std::string_view model) {
  std::string name(model);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// The measurement of one model. It must lie on the heap: a sealed process reads it.
class purity_measurement {
 public:
  purity_measurement(const model_declaration& model, const parameter_block& params, const purity_options& options)
      : model_(model), params_(params), options_(options), target_(chosen_target()) {
    const ingredients from = {&model_,
                              params_.get(),
                              &kernels_of(model_, target_),
                              &kernels_of(model_, simd_target::scalar),
                              target_,
                              &options_.recorded,
                              random_stream(options_.seed, "purity", model_.info.name),
                              options_.only};
    if (model_.kind == model_kind::neuron) add_neuron_tasks(from, tasks_);
    if (model_.plastic) {
      add_modulator_tasks(from, tasks_);
      add_learning_tasks(from, tasks_);
      add_lane_tasks(from, tasks_);
    }
    std::size_t room = 0;
    for (const auto& t : tasks_) room = std::max(room, t->room());
    const std::size_t book = (sizeof(notes) + 63) / 64 * 64;
    memory_ = std::make_unique<shared_memory>(book + room + 64);
    bench_ = {new (memory_->data()) notes, memory_->data() + book};
  }

  purity_result result() {
    for (const auto& t : tasks_) t->record(bench_);
    vary_here(mechanism::sets);
    vary_here(mechanism::traced);
    plan_repetitions();
    if (!tasks_.empty()) work();
    purity_result r;
    r.tested = true;
    report_deviations(r);
    if (!trespass_.empty()) r.findings.push_back(finding("sealed", trespass_));
    if (options_.use.symbols) look_at_symbols(r);
    r.evaluations = bench_.book->evaluations;
    r.sealed = why_not_sealed_.empty() && left_open_.empty() && trespass_.empty();
    r.calls = options_.use.many ? least_calls() : 0;
    r.watched = watched(r.evaluations);
    return r;
  }

 private:
  [[nodiscard]] purity_finding finding(const char* by, std::string what) const {
    return {std::string(model_.info.name), by, std::move(what)};
  }

  void vary_here(mechanism by) {
    if (!used(options_.use, by) || (by == mechanism::traced && model_.traced == nullptr)) return;
    for (const auto& t : tasks_) t->vary(by, bench_);
  }

  /// How often each task is repeated: as often as is asked for, or what the time allows.
  void plan_repetitions() {
    sweeps_.assign(tasks_.size(), 0);
    if (!options_.use.many) return;
    double needed = 0;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      const std::uint64_t calls = tasks_[i]->calls_per_sweep();
      if (calls == 0) continue;
      sweeps_[i] = (options_.evaluations + calls - 1) / calls;
      needed += seconds_per_sweep(*tasks_[i]) * static_cast<double>(sweeps_[i]);
    }
    if (needed <= options_.seconds) return;
    for (std::uint64_t& n : sweeps_) n = static_cast<std::uint64_t>(static_cast<double>(n) * options_.seconds / needed);
  }

  /// Of processor time.
  [[nodiscard]] double seconds_per_sweep(const task& t) const {
    const auto now = [] {
      timespec time = {};
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
      return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    };
    double least = 1;
    for (int n = 0; n < 3; ++n) {
      constexpr std::uint64_t sweeps = 4;
      const double start = now();
      t.repeat(bench_, sweeps);
      least = std::min(least, (now() - start) / sweeps);
    }
    return least;
  }

  /// All tasks under all circumstances; in a sealed process, this must not allocate.
  void evaluate(bool sealed) const {
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      bench_.book->task = tasks_[i]->number();
      if (sealed) tasks_[i]->vary(mechanism::sealed, bench_);
      for (const mechanism m : {mechanism::order, mechanism::neighbours, mechanism::lanes, mechanism::places}) {
        if (used(options_.use, m)) tasks_[i]->vary(m, bench_);
      }
      tasks_[i]->repeat(bench_, sweeps_[i]);
    }
  }

  /// In a sealed process; if that cannot be or comes to no end, here.
  void work() {
    why_not_sealed_ = options_.use.sealed ? why_not_sealed() : "not asked for";
    if (why_not_sealed_.empty()) {
      const sealed_end end = run_sealed(
          *memory_, [](void* self) { static_cast<const purity_measurement*>(self)->evaluate(true); }, this);
      left_open_ = end.left_open;
      if (!end.started) why_not_sealed_ = fmt::format("{}", fmt::join(end.left_open, ", "));
      if (end.finished) return;
      if (end.started) trespass_ = fmt::format("{} {}", tasks_[bench_.book->task]->name(), end.did);
    }
    evaluate(false);
  }

  /// One finding a mechanism: the first of the rules that deviates.
  void report_deviations(purity_result& r) const {
    for (std::size_t m = 0; m < mechanism_count; ++m) {
      const task* first = nullptr;
      std::size_t rules = 0;
      for (const auto& t : tasks_) {
        if (bench_.book->found[t->number()][m].count == 0) continue;
        if (rules++ == 0) first = t.get();
      }
      if (first == nullptr) continue;
      const deviation& d = bench_.book->found[first->number()][m];
      std::string text = fmt::format("{}, {}: {}", first->name(), circumstances[m], first->text_of(d));
      if (d.count > 1) text += fmt::format(" ({} times)", d.count);
      if (rules > 1) text += fmt::format("; also {} other rule{}", rules - 1, rules == 2 ? "" : "s");
      r.findings.push_back(finding(names[m], std::move(text)));
    }
  }

  void look_at_symbols(purity_result& r) const {
    const auto& symbols = program_symbols::of_this_program();
    const std::vector<std::string> kept = symbols.variables_of_model(struct_name(model_.info.name));
    if (kept.empty()) return;
    r.findings.push_back(finding("symbols", fmt::format("keeps a static variable: {}", fmt::join(kept, ", "))));
  }

  [[nodiscard]] std::uint64_t least_calls() const {
    std::uint64_t least = options_.evaluations;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      const std::uint64_t calls = tasks_[i]->calls_per_sweep();
      if (calls != 0) least = std::min(least, calls * sweeps_[i]);
    }
    return least;
  }

  [[nodiscard]] std::string where_watched() const {
    if (!why_not_sealed_.empty()) return fmt::format("not in a sealed process ({})", why_not_sealed_);
    if (!trespass_.empty()) return "in a sealed process, which ended early, and then here";
    if (left_open_.empty()) return "in a sealed process";
    return fmt::format("in a sealed process, to which these were left open: {}", fmt::join(left_open_, ", "));
  }

  [[nodiscard]] std::string watched(std::uint64_t evaluations) const {
    std::vector<std::string> how, not_done;
    for (const mechanism m : {mechanism::order, mechanism::neighbours, mechanism::lanes, mechanism::places,
                              mechanism::sets, mechanism::traced})
      (used(options_.use, m) ? how : not_done).emplace_back(circumstances[static_cast<std::size_t>(m)]);
    if (options_.use.many) how.push_back(fmt::format("{} times and more in a row", least_calls()));
    else not_done.emplace_back("many times");
    std::string text = fmt::format("{} evaluations ({}, {}) {}", evaluations, name_of(target_),
                                   options_.only ? name_of(*options_.only) : "f32 and f64", where_watched());
    if (!how.empty()) text += fmt::format(": {}", fmt::join(how, ", "));
    if (tasks_.empty()) text = "there is no rule to evaluate";
    if (!not_done.empty()) text += fmt::format("; not {}", fmt::join(not_done, ", "));
    if (!options_.use.symbols) return text + "; symbols not looked at";
    return text + (program_symbols::of_this_program().known() ? "; the program's symbols"
                                                              : "; symbols not looked at: this program has none");
  }

  const model_declaration& model_;
  const parameter_block params_;
  const purity_options options_;
  const simd_target target_;
  task_list tasks_;
  std::unique_ptr<shared_memory> memory_;
  bench bench_;
  std::vector<std::uint64_t> sweeps_;
  std::string why_not_sealed_, trespass_;
  std::vector<std::string> left_open_;
};

}  // namespace

purity_result measure_purity(const model_declaration& model, const parameter_block& params,
                             const purity_options& options) {
  if (model.text != nullptr) {
    purity_result by_text;
    by_text.tested = by_text.by_text = by_text.sealed = true;
    by_text.watched =
        "nothing was evaluated: the rules are text, in which nothing can be named but the model's own state, "
        "parameters and "
        "messages.";
    return by_text;
  }
  purity_result opaque;
  if (model.kernels == nullptr) {
    opaque.why_not = "opaque: the model is only described, there is no code to evaluate";
    return opaque;
  }
  return std::make_unique<purity_measurement>(model, params, options)->result();
}

}  // namespace locus
