#include "sim/audit/audit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/audit/findings.hpp"
#include "sim/circuit/census.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/memory.hpp"

namespace locus {
namespace {

/// All measurements of one circuit, in order, and their verdicts.
class auditor {
 public:
  auditor(const audit_subject& subject, const data_set& data, const audit_options& options)
      : subject_(subject),
        data_(data),
        options_(options),
        netlist_(one_lane(fitting(subject.netlist))),
        net_(build_circuit(netlist_)) {
    report_.name = subject.name;
    for (const criterion c : all_criteria) report_.verdicts.push_back({c, outcome::not_measured, {}, {}});
    std::vector<presentation_times> times;
    for (std::uint64_t n = 0; n < options.presentations; ++n) times.push_back(draw_times(netlist_.timeline, n));
    if (data.train.count() == 0) throw usage_error("the data have no training samples: nothing can be presented");
    world_ = write_script(net_, netlist_, data, times);
    if (world_.ticks() < 2) {
      throw usage_error(
          fmt::format("{}: {} presentations have {} ticks together, in which nothing can be measured: make "
                      "stimuli.predict, teach or rest longer",
                      subject.netlist.source, times.size(), world_.ticks()));
    }
  }

  audit_report run() {
    // Statics that the rules keep are least disturbed if the plain repetition comes first.
    if (options_.use.clocks) clocks();
    progress("control", 1);
    control_ = options_.use.control ? find_control(net_, world_, data_) : none();
    report_.control = senders_of(net_, control_);
    read_sets();
    if (options_.use.cone) cone();
    if (options_.use.transport) transport();
    if (options_.use.equivalence) equivalence();
    autonomy();
    noise();
    report_.notes = footnotes(subject_.netlist, net_);
    if (sampled_) report_.notes.push_back(*sampled_);
    return std::move(report_);
  }

 private:
  /// The netlist, if what an audit holds of its circuit at once fits into memory: with one lane two simulators,
  /// snapshots of them in doubles, traced numbers and the graph of connections; with all lanes a simulator and its
  /// twin. Throws run_error.
  static const description& fitting(const description& d) {
    constexpr std::uint64_t copies_with_lanes = 3;
    const std::uint64_t copies =
        d.precision == precision::f32 ? 10 : 6;  // as measured; half of them are doubles in any case
    const std::uint64_t all = predict_memory(outline_circuit(d)).total();
    const std::uint64_t one = predict_memory(outline_circuit(one_lane(d))).total();
    require_memory(std::max(bounded_product(one, copies), bounded_product(all, copies_with_lanes)),
                   fmt::format("{}: an audit, which holds several copies of the circuit (`locus describe`: {}),",
                               d.source, bytes_text(all)));
    return d;
  }

  static description one_lane(description d) {
    d.lanes = 1;
    return d;
  }

  control_map none() const {
    control_map map;
    for (const population& p : net_.populations) map.neurons.emplace_back(p.size, control_map::part::none);
    map.stimuli.resize(net_.stimuli.size());
    return map;
  }

  void progress(const std::string& stage, std::uint64_t step) const {
    constexpr std::uint64_t steps = 8;
    if (options_.on_progress) options_.on_progress(fmt::format("{}: {}", subject_.name, stage), step, steps);
  }

  verdict& of(criterion c) { return report_.verdicts.at(static_cast<std::size_t>(c)); }

  void settle(criterion c, std::vector<evidence> reasons) {
    verdict& v = of(c);
    v.reasons.insert(v.reasons.end(), std::make_move_iterator(reasons.begin()), std::make_move_iterator(reasons.end()));
    v.result = v.reasons.empty() ? outcome::holds : outcome::fails;
  }

  template <class... More>
  void measured(fmt::format_string<More...> text, More&&... more) {
    report_.measured.push_back(fmt::format(text, std::forward<More>(more)...));
  }

  // ---- mechanisms ---------------------------------------------------------------------------------------------

  void clocks() {
    progress("clocks", 0);
    clock_options o;
    o.seed = options_.seed;
    o.presentations = options_.jittered;
    const clock_result result = measure_clocks(net_, netlist_, data_, world_, o);
    clock_reasons_ = describe(net_, result);
    const std::string jitter = result.presentations == 0
                                   ? "longer P, T, Q were not compared"
                                   : fmt::format("with longer P, T, Q in {} presentations the weights {}",
                                                 result.presentations, text_of(worst(result.jittered)));
    measured("clocks: two runs in one process {}; with the clock starting at {} {}; {}.",
             result.repeated ? "differ" : "are the same bits", result.shift,
             result.shifted ? "they differ" : "the same bits", jitter);
  }

  /// What neurons draw comes from the engine, and from nowhere in the circuit.
  void noise() {
    for (const port_id& port : net_.noise_ports()) {
      const population& p = net_.populations[port.population];
      const bool normal = p.model->ports[port.port].from == port_source::normal;
      report_.noise.push_back(p.name);
      measured("noise: each of the {} neurons of {} draws {} numbers of its own at the port {} (seed {}).", p.size,
               p.name, normal ? "standard normal" : "uniform", p.model->ports[port.port].name, netlist_.noise_seed);
    }
  }

  static std::string_view text_of(agreement a) {
    return a == agreement::bit_identical ? "agree bit for bit"
           : a == agreement::to_rounding ? "agree to rounding"
                                         : "do not agree";
  }

  void read_sets() {
    progress("read sets", 2);
    interpreter_options o;
    o.seed = options_.seed;
    o.max_synapses = options_.max_synapses;
    traced_ = interpret(net_, world_, control_, o);
    if (!options_.use.tracing) traced_.difference.reset();
    std::vector<evidence> plasticity, computation;
    if (options_.use.read_sets) {
      plasticity = describe_writes(net_, traced_.paths, traced_.tainted_learning, control_);
      computation = describe_writes(net_, traced_.paths, traced_.nonlocal, control_);
    }
    if (traced_.difference) {
      plasticity.push_back(describe(net_, *traced_.difference));
      computation.push_back(plasticity.back());
    }
    settle(criterion::local_plasticity, plasticity);
    settle(criterion::local_computation, computation);
    measured("read sets: {} writes in {} presentations ({} ticks) were traced; values {} the production engine's.",
             traced_.writes, traced_.presentations, world_.ticks(),
             traced_.difference ? "differ from" : "are bit for bit those of");
    if (traced_.traced_synapses < traced_.learning_synapses) {
      sampled_ = fmt::format("Of {} learning synapses a sample of {} was traced (seed {}); all neurons were.",
                             traced_.learning_synapses, traced_.traced_synapses, options_.seed);
    }
  }

  void cone() {
    progress("causal cone", 3);
    cone_options o;
    o.seed = options_.seed;
    // Each disturbance is followed and compared over the whole circuit: fewer of them in large ones.
    o.disturbances = options_.disturbances / std::max<std::uint64_t>(1, traced_.learning_synapses / 20000);
    const cone_result base = measure_cone(net_, world_, o);
    std::vector<evidence> reasons = describe(net_, base);
    measured(
        "causal cone: {} disturbances ({} absorbed); reach in neuron hops after 1, 2, ... ticks: {}; at most {} hops a "
        "tick.",
        base.disturbances, base.absorbed, reach_text(base), base.per_tick);
    if (subject_.deeper) deeper_cone(o, base, reasons);
    settle(criterion::local_plasticity, reasons);
    settle(criterion::local_computation, reasons);
  }

  static std::string reach_text(const cone_result& cone) {
    std::string text;
    for (const std::uint32_t hops : cone.reach) text += fmt::format("{}{}", text.empty() ? "" : " ", hops);
    return text;
  }

  void deeper_cone(const cone_options& o, const cone_result& base, std::vector<evidence>& reasons) {
    const description deeper = one_lane(*subject_.deeper);
    const circuit net = build_circuit(deeper);
    const script world = write_script(net, deeper, data_, {draw_times(deeper.timeline, 0)});
    const cone_result deep = measure_cone(net, world, o);
    measured("with one more hidden layer: reach {}; at most {} hops a tick.", reach_text(deep), deep.per_tick);
    // Which neurons are drawn may change the measured reach; only longer chains of reactions can make it grow with
    // depth.
    if (deep.per_tick <= base.per_tick || deep.levels <= base.levels) return;
    reasons.push_back(
        {"causal cone",
         fmt::format("with one more hidden layer a disturbance reaches {} hops in one tick instead of {}: "
                     "within a tick it crosses the whole circuit",
                     deep.per_tick, base.per_tick),
         1,
         0,
         {}});
  }

  void transport() {
    progress("weight transport", 4);
    const std::vector<presentation_times> times(options_.jittered, draw_times(netlist_.timeline, 0));
    const transport_result found = find_transport(net_, write_script(net_, netlist_, data_, times));
    settle(criterion::no_weight_transport, describe_transport(net_, found));
    for (const weight_pair& pair : found.pairs) {
      if (pair.shared) continue;
      const std::string& back = net_.projections[pair.feedback].name;
      const std::string& forward = net_.projections[pair.forward].name;
      if (pair.parted) {
        measured("weights: {} was born equal to {} and differs from tick {} on.", back, forward, *pair.parted);
      } else {
        measured("weights: {} was born equal to {} (transport at birth) and stayed equal bit for bit over {} ticks.",
                 back, forward, found.ticks);
      }
      of(criterion::no_weight_transport).detail = "born equal";
    }
  }

  void equivalence() {
    progress("equivalence", 5);
    verdict& v = of(criterion::equivalence);
    if (!subject_.twin) {
      v.detail = "no twin";
      return;
    }
    const bool learns =
        std::any_of(net_.projections.begin(), net_.projections.end(), [](const projection& p) { return p.learns(); });
    if (!learns) {
      v.detail = "nothing learns";
      return;
    }
    equivalence_options o;
    o.updates = options_.updates;
    o.seeds = options_.seeds;
    const equivalence_result result = measure_equivalence(subject_.netlist, *subject_.twin, data_, o);
    v.reasons = describe(net_, result);
    const agreement level = worst(result.layers);
    v.result = level == agreement::no ? outcome::fails : outcome::holds;
    v.detail = level == agreement::bit_identical ? "bit-identical"
               : level == agreement::to_rounding ? "to rounding"
                                                 : "";
    std::string lanes;
    for (const std::uint32_t n : result.lanes) lanes += fmt::format("{}{}", lanes.empty() ? "" : " and ", n);
    measured("equivalence: {} runs of {} updates, lanes = {}{}.", result.runs, result.updates, lanes,
             result.other_seeds ? fmt::format(", {} initialisations", options_.seeds)
                                : ", one initialisation (its weights are given)");
    for (const layer_agreement& layer : result.layers) layer_measured(layer);
    if (!result.alone.empty()) measured("equivalence: not compared: {}.", fmt::join(result.alone, ", "));
  }

  void layer_measured(const layer_agreement& layer) {
    const double bound = rounding_bound(netlist_.precision);
    if (layer.level == agreement::bit_identical) {
      measured("equivalence: {}: bit-identical.", layer.projection);
    } else {
      const auto where = net_.find_projection(layer.projection);
      measured(
          "equivalence: {}: largest difference {:.3g} at {}.theta, update {} ({} ulp); relative to the largest change "
          "{:.2g}, bound {:.0e}; first update {:.6g} times backpropagation's.",
          layer.projection, layer.largest, name_of(net_, {true, *where, layer.connection}), layer.update, layer.ulp,
          layer.relative, bound, layer.ratio);
    }
  }

  void autonomy() {
    progress("autonomy", 6);
    std::vector<evidence> partial, learning;
    if (options_.use.control) {
      partial = describe_writes(net_, traced_.paths, traced_.controlled_state, control_);
      learning = describe_writes(net_, traced_.paths, traced_.controlled_learning, control_);
      if (control_.any()) {
        const suppression_result s = suppress_control(net_, world_, control_);
        if (!s.same) partial.push_back(describe(net_, s));
        else
          measured(
              "control suppressed: the neurons' trajectories stay the same bits over the {} ticks before the first "
              "weight change.",
              s.until);
      }
    }
    if (traced_.difference) partial.push_back(describe(net_, *traced_.difference));
    settle(criterion::partial_autonomy, partial);
    settle(criterion::full_autonomy, partial);
    settle(criterion::full_autonomy, learning);
    settle(criterion::full_autonomy, clock_reasons_);
    traffic();
  }

  void traffic() {
    std::uint64_t messages = 0;
    for (const auto& [sender, t] : traced_.control) {
      messages += t.to_neurons + t.to_synapses;
      std::string receivers;
      for (const auto& [name, n] : t.receivers) receivers += fmt::format("{}{}", receivers.empty() ? "" : ", ", name);
      measured("control: {} sends {:g} messages per update to synapses and {:g} to neurons ({}).", sender,
               per_update(t.to_synapses), per_update(t.to_neurons), receivers);
    }
    if (messages != 0)
      of(criterion::full_autonomy).detail = fmt::format("{:.0f} control messages per update", per_update(messages));
    else if (options_.use.control) measured("control: no source of control.");
  }

  double per_update(std::uint64_t n) const {
    return static_cast<double>(n) / static_cast<double>(traced_.presentations);
  }

  const audit_subject& subject_;
  const data_set& data_;
  const audit_options& options_;
  description netlist_;  ///< with one lane
  circuit net_;
  script world_;
  control_map control_;
  interpretation traced_;
  std::vector<evidence> clock_reasons_;
  std::optional<std::string> sampled_;
  audit_report report_;
};

}  // namespace

std::string_view name_of(criterion c) noexcept {
  switch (c) {
    case criterion::equivalence: return "equivalence";
    case criterion::local_plasticity: return "local-plasticity";
    case criterion::local_computation: return "local-computation";
    case criterion::no_weight_transport: return "no-weight-transport";
    case criterion::partial_autonomy: return "partial-autonomy";
    case criterion::full_autonomy: break;
  }
  return "full-autonomy";
}

audit_report audit(const audit_subject& subject, const data_set& data, const audit_options& options) {
  return auditor(subject, data, options).run();
}

}  // namespace locus
