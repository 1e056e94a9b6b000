#include "sim/audit/audit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "sim/audit/alignment.hpp"
#include "sim/audit/circuit_purity.hpp"
#include "sim/audit/findings.hpp"
#include "sim/audit/modulators.hpp"
#include "sim/audit/sentences.hpp"
#include "sim/audit/stillness.hpp"
#include "sim/audit/transport_findings.hpp"
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
    for (const criterion c : all_criteria) report_.verdicts.push_back({c, outcome::not_measured, {}, {}, {}});
    if (data.train.count() == 0) throw usage_error("the data have no training samples: nothing can be presented");
    world_ = presented(std::max(presentations_to_trace(), presentations_to_learn()));
    if (world_.ticks() < 2) {
      throw usage_error(fmt::format(
          "{}: {} {} together, in which nothing can be measured: make "
          "stimuli.predict, teach or rest longer",
          subject.netlist.source,
          world_.spans.size() == 1 ? "1 presentation has" : fmt::format("{} presentations have", world_.spans.size()),
          counted(static_cast<std::uint64_t>(world_.ticks()), "tick")));
    }
  }

  audit_report run() {
    // Statics that the rules keep are least disturbed if the plain repetition comes first.
    using c = criterion;
    const char* const longer = "when presentations are longer, or stimuli are held";
    if (options_.use.clocks) unless_diverging(longer, {c::full_autonomy}, [&] { clocks(); });
    if (options_.use.clocks || options_.use.control)
      unless_diverging(longer, {c::partial_autonomy, c::full_autonomy}, [&] { stillness(); });
    control_ = no_control(net_);
    if (options_.use.control && still_.ticks != 0)
      unless_diverging("while control is looked for", {c::partial_autonomy, c::full_autonomy}, [&] { control(); });
    report_.control = senders_of(net_, control_);
    read_sets();
    if (options_.use.cone)
      unless_diverging("when a state is disturbed by 1", {c::local_plasticity, c::local_computation}, [&] { cone(); });
    if (options_.use.purity) purity();
    classes();
    if (options_.use.transport)
      unless_diverging("within eight presentations", {c::no_weight_transport}, [&] { transport(); });
    locking();
    if (subject_.angled) angles();
    if (options_.use.equivalence) equivalence();
    autonomy();
    for (const auto& [about, why] : unmeasured_) not_measured(about, why);
    noise();
    report_.notes = footnotes(subject_.netlist, net_);
    if (sampled_) report_.notes.push_back(*sampled_);
    return std::move(report_);
  }

 private:
  /// Runs a measurement. If a number becomes infinite in it, but did not in the circuit's own presentations, the
  /// criteria are not measured.
  template <class F>
  void unless_diverging(const char* when, const std::vector<criterion>& about, F&& measure) {
    try {
      measure();
    } catch (const nonfinite_error& e) {
      for (const criterion each : about)
        unmeasured_.emplace_back(
            each,
            fmt::format("the circuit diverges {} ({}): make it stable (a smaller alpha or gamma)", when, e.where()));
    }
  }

  void control() {
    progress("control", 1);
    control_ = find_control(net_, netlist_, data_, still_, timing_ == timing::clock);
  }

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

  /// As many as asked for, and as many more as late messages need to arrive.
  std::uint64_t presentations_to_trace() const {
    constexpr std::uint64_t most_more = 40;
    std::uint64_t delays = 0;
    for (const projection& p : net_.projections) delays += longest_delay(p);
    const std::uint64_t length = std::max<std::uint64_t>(1, longest_presentation(netlist_.timeline));
    return options_.presentations + std::min(most_more, (delays + length - 1) / length);
  }

  /// Up to the first in which a weight changes; 0 if that takes too many.
  std::uint64_t presentations_to_learn() const {
    const script world = presented(presentations_to_tie(net_, netlist_.timeline));
    const auto running = make_simulator(net_);
    const std::vector<std::vector<double>> born = weights_that_learn(*running);
    player play(world, *running);
    try {
      for (std::size_t n = 0; n < world.spans.size(); ++n) {
        play.run_to(world.spans[n].last);
        if (running->counters().weight_changes != 0 && weights_that_learn(*running) != born) return n + 1;
      }
    } catch (const nonfinite_error&) {
      return 0;  // those that are traced will tell
    }
    return 0;
  }

  script presented(std::uint64_t presentations) const {
    std::vector<presentation_times> times;
    for (std::uint64_t n = 0; n < presentations; ++n) times.push_back(draw_times(netlist_.timeline, n));
    return write_script(net_, netlist_, data_, times);
  }

  /// Fewer in large circuits, but not too few. With longer parts, a presentation takes some five times as long.
  std::uint64_t presentations_to_stretch() const {
    return std::min(options_.stretched, affordable_presentations(net_, netlist_.timeline, 8, 5));
  }

  static description one_lane(description d) {
    d.lanes = 1;
    return d;
  }

  void progress(const std::string& stage, std::uint64_t step) const {
    constexpr std::uint64_t steps = 9;
    if (options_.on_progress) options_.on_progress(fmt::format("{}: {}", subject_.name, stage), step, steps);
  }

  verdict& of(criterion c) { return report_.verdicts.at(static_cast<std::size_t>(c)); }

  void settle(criterion c, std::vector<evidence> reasons) {
    verdict& v = of(c);
    v.reasons.insert(v.reasons.end(), std::make_move_iterator(reasons.begin()), std::make_move_iterator(reasons.end()));
    if (!v.reasons.empty()) v.result = outcome::fails;
    else if (v.missing.empty()) v.result = outcome::holds;
  }

  /// What holds only because nobody looked does not hold; what fails does so all the same.
  void not_measured(criterion c, const std::string& why) {
    verdict& v = of(c);
    if (v.result == outcome::fails) return;
    v.result = outcome::not_measured;
    v.missing = why;
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
    o.presentations = presentations_to_stretch();
    lengths_ = measure_clocks(net_, netlist_, data_, world_, o);
    clock_reasons_ = describe_runs(net_, lengths_);
    const std::string stretched =
        lengths_.stretched.empty()
            ? "nothing learns, so that longer parts of presentations were not compared"
            : fmt::format("with parts of presentations longer by up to {} ticks, in {} presentations, the weights {}",
                          lengths_.longest, lengths_.presentations, text_of(worst(lengths_.stretched)));
    measured("clocks: two runs in one process {}; with the clock starting at {} {}; {}{}.",
             lengths_.repeated ? "differ" : "are the same bits", lengths_.shift,
             lengths_.shifted ? "they differ" : "the same bits", stretched,
             net_.noise_ports().empty() || lengths_.stretched.empty() ? "" : " (noise being silent meanwhile)");
  }

  /// Whether what is learnt depends on how long presentations last, and why.
  enum class timing {
    free,       ///< it does not, or nothing learns
    dose,       ///< synapses learn all the time: more in more time
    unsettled,  ///< neurons had not settled, and it no longer does when they have
    swinging,   ///< neurons never settle, and it cannot be told whether they keep time
    clock       ///< something keeps time
  };

  void stillness() {
    progress("clocks", 1);
    still_ = measure_stillness(net_, netlist_, data_);
    measured("stillness: with the stimuli held for {} in each part of a presentation, for {}, {}.",
             counted(static_cast<std::uint64_t>(still_.ticks), "tick"), counted(still_.samples, "sample"),
             !still_.clocks.empty() ? "some neurons keep moving, in the same way for all"
             : still_.swings        ? "some neurons keep moving, as data set them off"
             : plastic()            ? "no neuron keeps time, and synapses learn on"
                                    : "no neuron keeps time");
    if (lengths_.stretched.empty() || worst(lengths_.stretched) != agreement::no) return;
    timing_ = reason_of_timing();
    switch (timing_) {
      case timing::free: break;
      case timing::dose:
        measured("dose: synapses learn all the time, and more in longer presentations; that is no clock.");
        break;
      case timing::unsettled:
        measured(
            "not settled: some neurons have not come to rest when the next stimulus comes, so that the circuit learns "
            "otherwise in longer presentations (first updates are {:.3g} to {:.3g} times as large); that is no clock.",
            extreme([](double a, double b) { return std::min(a, b); }),
            extreme([](double a, double b) { return std::max(a, b); }));
        break;
      case timing::swinging:
        measured(
            "not settled: some neurons never come to rest, but swing on as data set them off, so that what the circuit "
            "learns depends on when the next stimulus comes.");
        break;
      case timing::clock:
        for (evidence& e : describe_lengths(net_, lengths_, still_, gates_)) clock_reasons_.push_back(std::move(e));
        break;
    }
  }

  timing reason_of_timing() {
    if (!options_.use.stillness) return timing::clock;
    if (!still_.clocks.empty() || !still_.timers.empty() || !still_.learning.empty()) return timing::clock;
    if (options_.use.alignment) gates_ = measure_alignment(net_, netlist_, data_);
    if (!gates_.closed.empty()) return timing::clock;
    if (plastic() && differs_at_once()) return timing::dose;
    if (!still_.settles && gates_.measured) return timing::unsettled;
    if (!(still_.settles && still_.settles_inside) && still_learns() && settles_later()) return timing::unsettled;
    return still_.swings ? timing::swinging : timing::clock;
  }

  bool plastic() const { return std::find(still_.plastic.begin(), still_.plastic.end(), true) != still_.plastic.end(); }

  /// Whether the weights differ from the first presentations on in which something is learnt, as a dose makes them.
  bool differs_at_once() const {
    constexpr std::uint64_t soon = 3;
    return std::any_of(lengths_.stretched.begin(), lengths_.stretched.end(), [](const layer_agreement& layer) {
      return layer.first != 0 && layer.first < layer.began + soon;
    });
  }

  /// Whether all that learns in presentations of the netlist's lengths learns in longer ones too: what has a timer is
  /// waiting then, or is done before the teacher comes.
  bool still_learns() const {
    return std::all_of(lengths_.stretched.begin(), lengths_.stretched.end(),
                       [](const layer_agreement& layer) { return layer.size >= 0.05; });
  }

  /// Whether the weights depend far less on durations if all of them are long.
  bool settles_later() const {
    double now = 0;
    for (const layer_agreement& layer : lengths_.stretched) now = std::max(now, layer.relative);
    return settled_difference(net_, netlist_, data_, options_.seed) <= 0.2 * now;
  }

  template <class F>
  double extreme(F&& better) const {
    double found = lengths_.stretched.front().size;
    for (const layer_agreement& layer : lengths_.stretched) found = better(found, layer.size);
    return found;
  }

  /// What neurons draw comes from the engine, and from nowhere in the circuit.
  void noise() {
    for (const port_id& port : net_.noise_ports()) {
      const population& p = net_.populations[port.population];
      const bool normal = p.model->ports[port.port].from == port_source::normal;
      report_.noise.push_back(p.name);
      measured("noise: each of the {} of {} draws {} numbers of its own at the port {} (seed {}).",
               counted(p.size, "neuron"), p.name, normal ? "standard normal" : "uniform",
               p.model->ports[port.port].name, netlist_.noise_seed);
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
    o.cut_wires = options_.use.ties;
    const std::vector<presentation_times> tried(
        std::max<std::uint64_t>(world_.spans.size(), presentations_to_tie(net_, netlist_.timeline)),
        draw_times(netlist_.timeline, 0));
    traced_ = interpret(net_, world_, write_script(net_, netlist_, data_, tried), control_, o);
    if (!options_.use.tracing) traced_.difference.reset();
    std::vector<evidence> plasticity, computation;
    if (options_.use.read_sets) {
      plasticity = describe_writes(net_, traced_.tainted_learning, control_);
      computation = describe_writes(net_, traced_.nonlocal, control_);
    }
    if (traced_.difference) {
      plasticity.push_back(describe(net_, *traced_.difference));
      computation.push_back(plasticity.back());
    }
    settle(criterion::local_plasticity, plasticity);
    settle(criterion::local_computation, computation);
    measured("read sets: {} in {} ({}) were traced; values {} the production engine's.",
             counted(traced_.writes, "write"), counted(traced_.presentations, "presentation"), ticks_traced(),
             traced_.difference ? "differ from" : "are bit for bit those of");
    classify();
    if (traced_.difference) bring_more();
    if (traced_.reads.empty()) {
      not_measured(criterion::local_plasticity, "nothing learns in this circuit");
    } else if (traced_.weight_changes == 0) {
      not_measured(criterion::local_plasticity,
                   fmt::format("no weight changed in {}: look at more of them (--presentations)",
                               counted(traced_.presentations, "presentation")));
    }
    if (traced_.traced_synapses < traced_.learning_synapses) {
      sampled_ = fmt::format("Of {} learning synapses a sample of {} was traced (seed {}); all neurons were.",
                             traced_.learning_synapses, traced_.traced_synapses, options_.seed);
    }
  }

  std::string ticks_traced() const {
    std::string text = counted(static_cast<std::uint64_t>(world_.ticks()), "tick");
    if (traced_.passed_over != 0) text += fmt::format(", without {} in which nothing moved", traced_.passed_over);
    return text;
  }

  // ---- classes of locality --------------------------------------------------------------------------------------

  void classify() {
    for (const synapse_reads& reads : traced_.reads) {
      const projection& p = net_.projections[reads.projection];
      plasticity_class k;
      k.projection = p.name;
      k.age = reads.age;
      k.uses = "weight";
      k.keeps = static_cast<int>(p.synapse->state.size());
      if (reads.state) k.uses += ", its own state";
      if (reads.pre) k.uses += ", pre";
      if (reads.post) k.uses += ", post";
      if (reads.gate) k.uses += fmt::format(", modulator {}", net_.name_of(*p.gate));
      k.level = level_of(reads);
      if (k.level == 3 && !reads.near_gate) {
        k.shared = fmt::format("{} of {} to {}, {}", reads.pure_control ? "control" : "a signal",
                               counted(reads.modulators, "neuron"), counted(reads.fan_out, "synapse"),
                               counted(reads.values, "value"));
      }
      report_.classes.push_back(std::move(k));
    }
  }

  void classes() {
    for (const plasticity_class& k : report_.classes) {
      // What a synapse keeps may go back to before it was watched.
      const auto ticks = [](tick_t t) { return counted(static_cast<std::uint64_t>(t), "tick"); };
      const std::string watched = k.keeps > 1 ? fmt::format(", in {} watched", ticks(world_.ticks())) : "";
      measured("plasticity: {}: class {} (uses {}; keeps {}; the oldest message is {} old{}){}.", k.projection, k.level,
               k.uses, counted(static_cast<std::uint64_t>(k.keeps), "number"), ticks(k.age), watched,
               k.shared.empty() ? "" : ": " + k.shared);
    }
    if (const auto level = report_.locality()) of(criterion::local_plasticity).detail = fmt::format("class {}", *level);
  }

  int level_of(const synapse_reads& reads) const {
    bool far_gate = false;
    for (const auto* tallies : {&traced_.nonlocal, &traced_.tainted_learning}) {
      for (const auto& [key, tally] : *tallies) {
        const auto& [is_synapse, group, field, kind] = key;
        if (!is_synapse || group != reads.projection) continue;
        const bool one = reads.modulators == 1 || reads.one_signal;
        if (static_cast<step_kind>(kind) != step_kind::far_gate || !one) return 4;
        far_gate = true;
      }
    }
    if (far_gate) return 3;
    if (!reads.gate) return reads.state ? 1 : 0;
    return reads.near_gate ? 2 : 3;
  }

  void cone() {
    progress("causal cone", 3);
    cone_options o;
    o.seed = options_.seed;
    // Each disturbance is followed and compared over the whole circuit: fewer of them in large ones.
    o.disturbances = options_.disturbances / std::max<std::uint64_t>(1, traced_.learning_synapses / 20000);
    const cone_result base = measure_cone(net_, world_, o);
    std::vector<evidence> reasons = describe(net_, base);
    measured("causal cone: {} ({} absorbed); reach in neuron hops after 1, 2, ... ticks: {}; at most {} a tick.",
             counted(base.disturbances, "disturbance"), base.absorbed, reach_text(base), counted(base.per_tick, "hop"));
    if (subject_.deeper) deeper_cone(o, base, reasons);
    const way_in_a_tick way = longest_way_in_a_tick(net_);
    measured("within a tick, messages cross {} one after the other{}.", counted(way.projections.size(), "projection"),
             way.projections.empty() ? "" : fmt::format(" ({})", fmt::join(way.projections, ", ")));
    if (way.length > longest_way_of_a_layer) reasons.push_back(describe_way(way));
    settle(criterion::local_plasticity, reasons);
    settle(criterion::local_computation, reasons);
    if (!reasons.empty()) bring_more();
  }

  /// Whose state it is that synapses learn from cannot be told.
  void bring_more() {
    for (plasticity_class& each : report_.classes) each.level = 4;
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
    measured("with one more hidden layer: reach {}; at most {} a tick.", reach_text(deep),
             counted(deep.per_tick, "hop"));
    // Which neurons are drawn may change the measured reach; only longer chains of reactions can make it grow with
    // depth.
    if (deep.per_tick <= base.per_tick || deep.levels <= base.levels) return;
    reasons.push_back({"causal cone",
                       fmt::format("with one more hidden layer a disturbance reaches {} in one tick instead of {}: "
                                   "within a tick it crosses the whole circuit",
                                   counted(deep.per_tick, "hop"), base.per_tick),
                       1,
                       0,
                       {}});
  }

  /// Whether rules are functions of what they declare: else nothing that is measured of them need be so again.
  void purity() {
    progress("purity", 4);
    models_ = test_models(net_, traced_, options_.seed);
    measured("{}", purity_measured(models_));
    settle(criterion::local_plasticity, describe_impure(models_, criterion::local_plasticity));
    settle(criterion::local_computation, describe_impure(models_, criterion::local_computation));
    for (plasticity_class& each : report_.classes) {
      if (brings_more(models_, each.projection)) each.level = 4;
    }
    using c = criterion;
    if (const std::string why = unclear_autonomy(models_); !why.empty())
      for (const c each : {c::partial_autonomy, c::full_autonomy}) unmeasured_.emplace_back(each, why);
    if (const std::string why = opaque_models(models_); !why.empty())
      for (const c each : {c::local_plasticity, c::local_computation, c::partial_autonomy, c::full_autonomy})
        unmeasured_.emplace_back(each, why);
  }

  void transport() {
    progress("weight transport", 5);
    const std::vector<presentation_times> times(8, draw_times(netlist_.timeline, 0));
    copying_options o;
    o.seed = options_.seed;
    const transport_result found = find_transport(net_, write_script(net_, netlist_, data_, times), o);
    settle(criterion::no_weight_transport, describe_transport(net_, found));
    report_.feedback = report_feedback(net_, found);
    for (const std::string& sentence : transport_measured(net_, found)) report_.measured.push_back(sentence);
    verdict& v = of(criterion::no_weight_transport);
    v.detail = transport_detail(found);
    if (v.detail == "unstable") v.result = outcome::not_measured;
  }

  void locking() {
    report_.locking = measure_locking(net_, world_);
    for (const std::string& sentence : locking_measured(report_.locking)) report_.measured.push_back(sentence);
  }

  void angles() {
    progress("angles", 6);
    angle_options o;
    o.updates = options_.updates;
    report_.angles = measure_angles(subject_.netlist, *subject_.angled, data_, o);
    for (const std::string& sentence : angles_measured(*report_.angles)) report_.measured.push_back(sentence);
  }

  void equivalence() {
    progress("equivalence", 7);
    verdict& v = of(criterion::equivalence);
    if (!subject_.twin) {
      v.detail = "no twin";
      v.missing = "there is no backpropagation twin: name one (--twin)";
      return;
    }
    if (!net_.learns()) {
      v.detail = "nothing learns";
      v.missing = "nothing learns in this circuit";
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
    measured("equivalence: {} of {}, lanes = {}{}.", counted(result.runs, "run"), counted(result.updates, "update"),
             lanes,
             result.other_seeds ? ", " + counted(options_.seeds, "initialisation")
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
    progress("autonomy", 8);
    std::vector<evidence> partial, learning;
    if (options_.use.control) {
      partial = describe_writes(net_, traced_.controlled_state, control_);
      learning = describe_writes(net_, traced_.controlled_learning, control_);
      if (control_.any()) {
        const suppression_result s = suppress_control(net_, world_, control_);
        if (!s.same) partial.push_back(describe(net_, s));
        else
          measured(
              "control suppressed: the neurons' trajectories stay the same bits over the {} before the first weight "
              "change.",
              counted(static_cast<std::uint64_t>(s.until), "tick"));
      }
    }
    if (traced_.difference) partial.push_back(describe(net_, *traced_.difference));
    for (evidence& e : describe_impure(models_, criterion::partial_autonomy)) partial.push_back(std::move(e));
    for (evidence& e : describe_impure(models_, criterion::full_autonomy)) learning.push_back(std::move(e));
    settle(criterion::partial_autonomy, partial);
    settle(criterion::full_autonomy, partial);
    settle(criterion::full_autonomy, learning);
    settle(criterion::full_autonomy, clock_reasons_);
    if (!options_.use.control) {
      not_measured(criterion::partial_autonomy, "control was not looked for");
      not_measured(criterion::full_autonomy, "control was not looked for");
    } else if (traced_.reads.empty()) {
      not_measured(criterion::full_autonomy, "nothing learns in this circuit");
    } else if (!options_.use.clocks) {
      not_measured(criterion::full_autonomy, "clocks were not looked for");
    } else if (timing_ == timing::swinging) {
      not_measured(
          criterion::full_autonomy,
          "some neurons never come to rest while the stimuli hold still, so that what is learnt depends on how "
          "long presentations last; whether they keep time cannot be told: make the circuit settle (a smaller "
          "gamma, weaker recurrent weights)");
    } else if (!lengths_.learnt) {
      not_measured(criterion::full_autonomy, fmt::format("no weight changed in {}: with such data the circuit does not "
                                                         "learn, so that nothing can be said of when it does",
                                                         counted(lengths_.presentations, "presentation")));
    }
    traffic();
  }

  void traffic() {
    std::uint64_t messages = 0;
    for (const auto& [sender, t] : traced_.control) {
      messages += t.to_neurons + t.to_synapses;
      std::string receivers;
      for (const auto& [name, n] : t.receivers) receivers += fmt::format("{}{}", receivers.empty() ? "" : ", ", name);
      measured("control: {} sends {:g} {} per update to synapses and {:g} to neurons ({}).", sender,
               per_update(t.to_synapses), per_update(t.to_synapses) == 1 ? "message" : "messages",
               per_update(t.to_neurons), receivers);
    }
    if (messages != 0)
      of(criterion::full_autonomy).detail =
          counted(static_cast<std::uint64_t>(std::llround(per_update(messages))), "control message") + " per update";
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
  clock_result lengths_;
  locus::stillness still_;
  alignment gates_;
  timing timing_ = timing::free;
  control_map control_;
  interpretation traced_;
  std::vector<tested_model> models_;
  std::vector<std::pair<criterion, std::string>> unmeasured_;  ///< and why
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

std::optional<int> audit_report::locality() const {
  std::optional<int> most;
  for (const plasticity_class& each : classes) most = std::max(most.value_or(0), each.level);
  return most;
}

audit_report audit(const audit_subject& subject, const data_set& data, const audit_options& options) {
  return auditor(subject, data, options).run();
}

}  // namespace locus
