#include "sim/why/trace_why.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "sim/audit/feedback_measures.hpp"
#include "sim/audit/wiring.hpp"
#include "sim/circuit/connections.hpp"
#include "sim/core/bits.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/find_by_name.hpp"
#include "sim/experiment/experiment.hpp"
#include "sim/run/checkpointing.hpp"
#include "sim/trace/message_log.hpp"
#include "sim/trace/value_stream.hpp"
#include "sim/why/explainer.hpp"

namespace locus {
namespace {

/// Where the numbers of a recorded variable are in the circuit.
struct recorded_place {
  bool synapse = false;
  std::size_t group = 0, field = 0;
  std::vector<std::size_t> index;  ///< [column]: neuron or weight
};

/// Holds what is kept of a run against a trace.
class trace_check {
 public:
  trace_check(const trace_reader& trace, const history& kept) : trace_(trace), kept_(kept) {
    if (has_messages(trace)) log_.emplace(trace);
  }

  /// All that was recorded of the ticks [from, until). Throws run_error at the first number that differs.
  void compare(tick_t from, tick_t until) {
    const window kept = kept_.extent();
    from = std::max({from, kept.first, tick_t{0}});
    until = std::min(until, kept.last);
    if (from >= until) return;
    std::optional<difference> first;
    for (const trace_variable& v : trace_.variables()) {
      const auto found = compare(v, from, first ? first->tick + 1 : until);
      if (found && (!first || found->tick < first->tick)) first = found;
    }
    if (!first) return;
    throw run_error(fmt::format(
        "\"{}\": its netlist, run anew, does not give what the trace holds, so that nothing can be explained: {} at "
        "tick {} is {} in the trace and {} anew. Was the circuit perturbed, its data changed, or the trace written by "
        "another version (it says {})?",
        trace_.path(), first->name, first->tick, first->in_trace, first->anew, trace_.facts().version));
  }

  /// Messages of a tick that the log has. Throws run_error if they are others.
  void compare_messages(tick_t tick, port_id port, std::size_t neuron, std::size_t lane,
                        const std::vector<changed_message>& messages) {
    if (!log_ || !recorded(tick)) return;
    const std::vector<logged_message>& all = logged(tick);
    if (log_->dropped() > 0 && log_->extent().second <= tick + 1) return;  // perhaps cut off
    const circuit& c = kept_.net();
    std::size_t n = 0;
    for (const logged_message& m : all) {
      if (m.connection >= c.projections.size() || m.target != neuron || m.lane != lane) continue;
      if (c.projections[m.connection].to != port) continue;
      const auto same = std::find_if(messages.begin(), messages.end(), [&](const changed_message& each) {
        return each.projection == m.connection && each.source == m.source && equal(each.sent, m.sent) &&
               equal(each.value, m.value);
      });
      if (same == messages.end()) differs(tick, m);
      ++n;
    }
    if (n != messages.size()) {
      throw run_error(fmt::format("\"{}\": at tick {}, {} messages to {}[{}] are in its log, and {} when it runs anew",
                                  trace_.path(), tick, n, c.name_of(port), neuron, messages.size()));
    }
    logged_ += n;
  }

  [[nodiscard]] std::uint64_t compared() const noexcept { return compared_; }
  [[nodiscard]] std::uint64_t logged() const noexcept { return logged_; }

  [[nodiscard]] bool recorded(tick_t tick) const {
    const std::vector<window>& all = trace_.facts().windows;
    const auto [first, last] = trace_.extent();
    if (tick < first || tick >= last) return false;
    return all.empty() ||
           std::any_of(all.begin(), all.end(), [&](const window& w) { return w.first <= tick && tick < w.last; });
  }

  /// Where a variable is in the circuit; nothing: the circuit has none of that name.
  [[nodiscard]] std::optional<recorded_place> place(const trace_variable& v) const {
    const circuit& c = kept_.net();
    recorded_place at;
    if (v.weights) {
      const auto group = c.find_projection(v.group);
      if (!group || c.projections[*group].synapse == nullptr) return std::nullopt;
      const projection& p = c.projections[*group];
      const auto field = find_by_name(p.synapse->state, v.name);
      const std::size_t owner = p.shared_with.value_or(*group);
      if (!field || *field >= kept_fields(c.projections[owner])) return std::nullopt;
      at = {true, owner, *field, {}};
      for (std::size_t n = 0; n < v.columns(); ++n) {
        const auto k = connection_between(c, p, v.sources[n], v.neurons[n]);
        if (!k) return std::nullopt;
        at.index.push_back(p.shared_with ? owner_connection(c, p, *k) : *k);
      }
      return at;
    }
    const auto group = c.find_population(v.group);
    const auto field = group ? c.populations[*group].model->find_field(v.name) : std::nullopt;
    if (!field) return std::nullopt;
    at = {false, *group, *field, {}};
    for (const std::uint32_t neuron : v.neurons) {
      if (neuron >= c.populations[*group].size) return std::nullopt;
      at.index.push_back(neuron);
    }
    return at;
  }

 private:
  struct difference {
    tick_t tick = 0;
    std::string name;
    double in_trace = 0, anew = 0;
  };

  /// Traces may hold float of what was double.
  [[nodiscard]] bool equal(double anew, double in_trace) const {
    if (same_bits(anew, in_trace) || (std::isnan(anew) && std::isnan(in_trace))) return true;
    return same_bits(static_cast<double>(static_cast<float>(anew)), in_trace);
  }

  std::optional<difference> compare(const trace_variable& v, tick_t from, tick_t until) {
    const auto at = place(v);
    if (!at)
      throw run_error(fmt::format("\"{}\": its netlist has no {}, which it holds", trace_.path(), v.full_name()));
    value_stream values(trace_, v);
    const bool frames = v.storage == trace_storage::frames;
    for (const tick_t t : ticks_of(frames, from, until)) {
      const std::span<const double> row = values.at(t);
      for (std::size_t n = 0; n < v.columns(); ++n) {
        for (std::uint32_t lane = 0; lane < v.lanes; ++lane) {
          const double there = row[n * v.lanes + lane];
          if (!frames && std::isnan(there)) continue;  // not yet listed
          const double anew = at->synapse ? kept_.synapse(at->group, at->field, at->index[n], lane, t)
                                          : kept_.value({at->group, at->field}, at->index[n], lane, t);
          if (!equal(anew, there)) return difference{t, v.column_name(n), there, anew};
          ++compared_;
        }
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::vector<tick_t> ticks_of(bool frames, tick_t from, tick_t until) const {
    if (frames) {
      const std::vector<tick_t>& all = trace_.frames();
      return {std::lower_bound(all.begin(), all.end(), from), std::lower_bound(all.begin(), all.end(), until)};
    }
    std::vector<tick_t> all;
    for (tick_t t = from; t < until; ++t) {
      if (recorded(t)) all.push_back(t);
    }
    return all;
  }

  const std::vector<logged_message>& logged(tick_t tick) {
    constexpr std::uint64_t most = 10'000'000;
    const auto known = messages_.find(tick);
    return known != messages_.end() ? known->second
                                    : messages_.emplace(tick, log_->read(tick, tick + 1, most)).first->second;
  }

  [[noreturn]] void differs(tick_t tick, const logged_message& m) const {
    throw run_error(
        fmt::format("\"{}\": at tick {} its log has the message {} from neuron {} to {} over {}, which does "
                    "not come when its netlist runs anew",
                    trace_.path(), tick, m.value, m.source, m.target, log_->connections()[m.connection].name));
  }

  const trace_reader& trace_;
  const history& kept_;
  std::optional<message_log> log_;
  std::map<tick_t, std::vector<logged_message>> messages_;
  std::uint64_t compared_ = 0, logged_ = 0;
};

/// Runs a trace's netlist up to what is asked.
class rerun : public tick_observer {
 public:
  /// `events`: all that is asked, at least one; of one alone that did not happen is found out when it does.
  rerun(const trace_reader& trace, const why_request& request, const std::vector<std::string>& events)
      : trace_(trace),
        request_(request),
        checkpoints_({.resume = request.checkpoint}),
        loaded_(checkpoints_.load(netlist_of(trace, request.checkpoint.empty()), {})),
        twin_(checkpoints_.twin(loaded_, {})),
        data_(load_data(loaded_.netlist.data)) {
    experiment_options options;
    if (twin_) {
      options.against = &*twin_;
      options.against_name = checkpoints_.against();
    }
    options.evaluate = !request.checkpoint.empty() && checkpoints_.evaluates();
    options.simulation.threads = request.threads;
    options.simulation.stop = [this] { return done_; };
    options.stop = [this](experiment&) { return done_; };
    experiment_ = std::make_unique<experiment>(loaded_.netlist, data_, std::move(options));
    if (request.lane && *request.lane >= net().lanes)
      throw usage_error(fmt::format("--lane {}: the circuit has lanes 0 to {}", *request.lane, net().lanes - 1));
    for (const std::string& each : events) {
      events_.push_back({each, read_event(net(), each)});
      check_tick(events_.back());
    }
    const auto earlier = [](const asked& a, const asked& b) { return needed(a.event) < needed(b.event); };
    event_ = std::max_element(events_.begin(), events_.end(), earlier)->event;
    first_ = event_.tick;
    for (const asked& each : events_) first_ = std::min(first_, each.event.tick);
    checkpoints_.resume(*experiment_);
    from_ = experiment_->sim().now();
    if (from_ > first_) {
      throw usage_error(
          fmt::format("--from {}: that checkpoint is of tick {}, after tick {}", request.checkpoint, from_, first_));
    }
    kept_.emplace(net(), request.bytes);
    check_.emplace(trace, *kept_);
  }

  trace_explanation explain() {
    run();
    check_->compare(event_.tick - 1, event_.tick + 2);
    const auto& [question, event] = events_.front();
    if (!happened_)
      throw usage_error(did_not_happen(*kept_, event, question, before_, after_, trace_.extent().second - 1));
    if (!kept_->knows(event.tick - 1)) {
      throw usage_error(fmt::format("{}: nothing is kept of what was before tick {}: choose an earlier checkpoint",
                                    question, kept_->extent().first));
    }
    const locality near(net(), loaded_.netlist, data_);
    trace_explanation result = told(event, near);
    check_->compare(result.first, event.tick - 1);
    result.compared = check_->compared();
    result.logged = check_->logged();
    return result;
  }

  std::vector<std::optional<trace_explanation>> explain_all() {
    run();
    check_->compare(first_ - 1, event_.tick + 2);
    const locality near(net(), loaded_.netlist, data_);
    std::vector<std::optional<trace_explanation>> all;
    for (const asked& each : events_) {
      const bool known = kept_->knows(each.event.tick - 1) && happened(*kept_, each.event, lane());
      all.push_back(known ? std::optional(told(each.event, near)) : std::nullopt);
      if (!known) continue;
      all.back()->compared = check_->compared();
      all.back()->logged = check_->logged();
    }
    return all;
  }

  void on_tick(tick_t tick, const simulator& s) override {
    if (!settled_) kept_->on_tick(tick, s);
    else if (!happened_) look_for_next(tick, s);
    if (request_.on_tick) request_.on_tick(tick, needed());
    settle();
  }

  void on_quiet(tick_t first, tick_t last, const simulator& s) override {
    if (!settled_) kept_->on_quiet(first, last, s);
    else if (last >= trace_.extent().second) done_ = true;
    settle();
  }

 private:
  struct asked {
    std::string question;
    asked_event event;
  };

  void run() {
    experiment_->sim().observe(this);
    experiment_->on_presentation([this](const begun_presentation& p) { note(p); });
    try {
      (void)experiment_->run();
      if (kept_->extent().last <= needed()) kept_->conclude(experiment_->sim());
    } catch (const nonfinite_error&) {  // what is kept of the ticks before is still true
    }
    experiment_->sim().observe(nullptr);
    if (kept_->extent().last <= needed()) {
      throw run_error(fmt::format("\"{}\": run anew, it ends at tick {}, before tick {}", trace_.path(),
                                  kept_->extent().last, needed()));
    }
  }

  [[nodiscard]] trace_explanation told(const asked_event& event, const locality& near) {
    const explanation_world world{
        *kept_, near, presentations_,
        [this](tick_t t, port_id port, std::size_t neuron, std::size_t lane, const std::vector<changed_message>& all) {
          check_->compare_messages(t, port, neuron, lane, all);
        }};
    trace_explanation result;
    result.told = locus::explain(world, event, request_.lane, request_.options);
    result.first = event.tick - 1;
    for (const explanation_step& s : result.told.steps) result.first = std::min(result.first, s.tick);
    result.first = std::max<tick_t>(result.first, kept_->extent().first);
    result.last = std::min(event.tick + 2, kept_->extent().last);
    result.single = net().precision == precision::f32;
    result.run_from = from_;
    return result;
  }

  /// A checkpoint is of the netlist as it was run; the long form needs no templates.
  static document netlist_of(const trace_reader& trace, bool as_long_form) {
    const trace_facts& facts = trace.facts();
    return document::from_text(!as_long_form || facts.long_form.empty() ? facts.netlist : facts.long_form,
                               trace.path() + " (its netlist)");
  }

  [[nodiscard]] const circuit& net() const { return experiment_->net(); }

  /// The tick that has to be seen.
  [[nodiscard]] static tick_t needed(const asked_event& e) { return e.tick + (e.synapse ? 1 : 0); }
  [[nodiscard]] tick_t needed() const { return needed(event_); }
  [[nodiscard]] std::size_t lane() const { return request_.lane.value_or(0); }

  void check_tick(const asked& one) const {
    const tick_t tick = one.event.tick;
    const auto [first, last] = trace_.extent();
    const std::vector<window>& all = trace_.facts().windows;
    const bool inside = first <= tick && tick < last &&
                        (all.empty() || std::any_of(all.begin(), all.end(),
                                                    [&](const window& w) { return w.first <= tick && tick < w.last; }));
    if (inside) return;
    if (first == last) throw usage_error(fmt::format("{}: \"{}\" has no ticks", one.question, trace_.path()));
    std::vector<std::string> spans;
    for (const window& w : all) {
      const tick_t from = std::max(w.first, first), until = std::min(w.last, last);
      if (from < until)
        spans.push_back(until - from == 1 ? fmt::format("{}", from) : fmt::format("{} to {}", from, until - 1));
    }
    constexpr std::size_t few = 8;
    const std::size_t rest = spans.size() > few ? spans.size() - few : 0;
    spans.resize(spans.size() - rest);
    if (spans.empty()) spans.push_back(fmt::format("{} to {}", first, last - 1));
    throw usage_error(fmt::format("{}: tick {} was not recorded; \"{}\" has ticks {}{}", one.question, tick,
                                  trace_.path(), fmt::join(spans, ", "),
                                  rest > 0 ? fmt::format(" and {} more windows", rest) : ""));
  }

  void note(const begun_presentation& p) {
    kept_presentation k{p.first, p.times.number, p.epoch, {p.samples.begin(), p.samples.end()}, {}};
    for (const std::uint32_t sample : p.samples) k.labels.push_back(p.labels.empty() ? -1 : p.labels[sample]);
    constexpr std::size_t most = 10000;
    if (presentations_.size() == 2 * most) presentations_.erase(presentations_.begin(), presentations_.begin() + most);
    presentations_.push_back(std::move(k));
  }

  /// Once all is there, whether it happened; if not, the run goes on to when it does.
  void settle() {
    if (done_) return;
    const window kept = kept_->extent();
    if (!settled_ && kept.last > needed() && kept_->knows(event_.tick)) {
      settled_ = true;
      happened_ = kept_->knows(event_.tick - 1) && happened(*kept_, event_, lane());
      if (!happened_ && events_.size() == 1) look_before();
      done_ = happened_ || events_.size() > 1;
    }
  }

  /// The numbers that are asked about, at the moment.
  [[nodiscard]] std::vector<double> numbers_asked(const simulator& s) const {
    if (event_.synapse) {
      const std::size_t lanes =
          net().projections[event_.group].synapse->state[*event_.field].per_lane ? net().lanes : 1;
      const std::vector<double> all =
          *event_.field == 0 ? s.weights(event_.group) : s.synapse_field(event_.group, *event_.field);
      return {all[event_.index * lanes + (lanes > 1 ? lane() : 0)]};
    }
    std::vector<double> now;
    for (std::size_t f = 0; f < net().populations[event_.group].model->fields.size(); ++f) {
      if (!event_.field || *event_.field == f) now.push_back(s.value({event_.group, f}, event_.index, lane()));
    }
    return now;
  }

  void look_for_next(tick_t tick, const simulator& s) {
    const std::vector<double> now = numbers_asked(s);
    if (last_ && !same_bits(*last_, now) && !(one_event() && now.front() != 1)) {
      after_ = event_.synapse ? tick - 1 : tick;
      done_ = true;
    }
    last_ = now;
    if (tick >= trace_.extent().second) done_ = true;
  }

  [[nodiscard]] bool one_event() const {
    return !event_.synapse && event_.field && net().populations[event_.group].model->fields[*event_.field].event;
  }

  void look_before() {
    before_ = happened_before(*kept_, event_, lane());
    std::vector<double> now;
    if (event_.synapse) {
      now.push_back(kept_->synapse(event_.group, *event_.field, event_.index, lane(), event_.tick + 1));
    } else {
      for (std::size_t f = 0; f < net().populations[event_.group].model->fields.size(); ++f) {
        if (!event_.field || *event_.field == f)
          now.push_back(kept_->value({event_.group, f}, event_.index, lane(), event_.tick));
      }
    }
    last_ = now;
  }

  const trace_reader& trace_;
  const why_request& request_;
  checkpointing checkpoints_;
  loaded_netlist loaded_;
  std::optional<description> twin_;
  data_set data_;
  std::unique_ptr<experiment> experiment_;
  std::vector<asked> events_;
  asked_event event_;  ///< the latest
  tick_t first_ = 0;   ///< of the earliest
  std::optional<history> kept_;
  std::optional<trace_check> check_;
  std::vector<kept_presentation> presentations_;
  tick_t from_ = 0;
  bool settled_ = false, happened_ = false, done_ = false;
  std::optional<std::vector<double>> last_;  ///< of what is asked, while its next change is looked for
  std::optional<tick_t> before_, after_;
};

}  // namespace

trace_explanation explain_trace(const trace_reader& trace, const why_request& request) {
  rerun run(trace, request, {request.event});
  return run.explain();
}

std::vector<std::optional<trace_explanation>> explain_trace(const trace_reader& trace, const why_request& request,
                                                            const std::vector<std::string>& events) {
  if (events.empty()) return {};
  rerun run(trace, request, events);
  return run.explain_all();
}

}  // namespace locus
