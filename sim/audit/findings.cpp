#include "sim/audit/findings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "sim/audit/sentences.hpp"

namespace locus {
namespace {

/// Why a modulator that is joined to an end is not near it, as a clause.
std::string why_not_attached(const circuit& c, const trail_step& s) {
  const projection& p = c.projections[s.who.group];
  if (p.gate_at == gate_end::everywhere) return "";
  const std::size_t end = p.gate_at == gate_end::pre ? p.from.population : p.to.population;
  return attached(c, s.source.group, end)[s.source.index]
             ? " (the wire between them changes nothing, or no more than what all its neighbours hear)"
             : "";
}

/// The origin of a trail, as a clause.
std::string origin_of(const circuit& c, const trail_step& s, const control_map& control) {
  const std::string who = name_of(c, s.who);
  switch (s.kind) {
    case step_kind::smuggled:
      return fmt::format("at tick {} the rule of {} used {} = {}{}, which came over no connection", s.tick, who,
                         name_of(c, s.source, s.field), s.value,
                         s.source_tick == never ? "" : fmt::format(" of tick {}", s.source_tick));
    case step_kind::shared_weight:
      return fmt::format("at tick {} {} received a message weighed with {} = {}, a weight that another synapse owns",
                         s.tick, who, name_of(c, s.source, s.field), s.value);
    case step_kind::many_places:
      return fmt::format(
          "at tick {} {}, one weight that serves at {} places, learnt from all of them: also from {} = {}", s.tick, who,
          c.projections[s.who.group].window->uses(s.who.index), name_of(c, s.source, s.field), s.value);
    case step_kind::far_post: {
      const projection& p = c.projections[s.who.group];
      return fmt::format("at tick {} synapse {} read {} = {}, but its postsynaptic neuron is {}", s.tick, who,
                         name_of(c, s.source, s.field), s.value,
                         name_of(c, {false, p.to.population, ends_of(c, p, s.who.index).post}));
    }
    case step_kind::far_gate:
      return fmt::format("at tick {} synapse {} read {} = {}, a neuron that is neither its end nor attached to one{}",
                         s.tick, who, name_of(c, s.source, s.field), s.value, why_not_attached(c, s));
    case step_kind::control_signal: {
      const auto why = std::find_if(control.sources.begin(), control.sources.end(), [&](const control_source& each) {
        return each.population == s.who.group && each.neuron == s.who.index;
      });
      return fmt::format("control from {} at tick {}{}", who, s.tick,
                         why == control.sources.end() ? "" : fmt::format(" (a source of control: {})", why->why));
    }
    case step_kind::imposed:
      return fmt::format("at tick {} the state of {} was imposed from outside ({})", s.tick, who, s.value);
    case step_kind::passed_on: break;
  }
  return fmt::format("{} at tick {}", who, s.tick);
}

std::vector<path_step> path_of(const circuit& c, const std::vector<trail_step>& chain, const write_tally& last) {
  std::vector<path_step> path;
  const trail_step& origin = chain.front();
  if (!(origin.source == origin.who) || origin.kind == step_kind::smuggled) {
    path.push_back(
        {name_of(c, origin.source), fmt::format("{} = {}", name_of(c, origin.source, origin.field), origin.value)});
  }
  for (const trail_step& s : chain) {
    const std::string name = name_of(c, s.who);
    if (!path.empty() && path.back().entity == name) continue;
    const bool told = s.kind == step_kind::passed_on;
    path.push_back({name, told ? fmt::format("{} at tick {}", name_of(c, s.who, s.field), s.tick)
                               : fmt::format("tick {}", s.tick)});
  }
  const std::string end = name_of(c, last.who);
  if (path.empty() || path.back().entity != end) {
    path.push_back({end, fmt::format("{} at tick {}", name_of(c, last.who, last.field), last.tick)});
  }
  return path;
}

std::string text_of(const std::vector<path_step>& path) {
  std::string text;
  for (const path_step& s : path) text += (text.empty() ? "" : " -> ") + s.entity;
  return text;
}

std::string change(double before, double after) {
  return same_bits(before, after) ? fmt::format("stays {}", before) : fmt::format("{} -> {}", before, after);
}

}  // namespace

std::string name_of(const circuit& c, const entity_ref& who, std::size_t field) {
  if (field == unknown_field) return "a value kept from an earlier run";
  const std::string name = name_of(c, who);
  if (field == received_field) return "a message received by " + name;
  if (field == imposed_field) return "what a stimulus imposed on " + name;
  if (field == weight_field) return name + ".theta";
  if (who.is_synapse) return fmt::format("{}.{}", name, c.projections[who.group].synapse->state[field].name);
  return fmt::format("{}.{}", name, c.populations[who.group].model->fields[field].name);
}

std::vector<evidence> describe_writes(const circuit& c, const write_tallies& writes, const control_map& control) {
  std::vector<evidence> all;
  std::vector<write_tally> ordered;
  for (const auto& entry : writes) ordered.push_back(entry.second);
  std::stable_sort(ordered.begin(), ordered.end(), [](const write_tally& a, const write_tally& b) {
    return a.changed && !b.changed;  // what had an effect first
  });
  for (const write_tally& t : ordered) {
    const std::vector<trail_step>& chain = t.chain;
    evidence e{"read sets", {}, t.count, t.tick, path_of(c, chain, t)};
    const step_kind kind = chain.front().kind;
    if (kind == step_kind::control_signal || kind == step_kind::imposed) e.mechanism = "control";
    const std::string& group = t.who.is_synapse ? c.projections[t.who.group].name : c.populations[t.who.group].name;
    // Who made the step and who inherited it are told apart.
    const bool itself = chain.front().who == t.who;
    e.text = fmt::format(
        "{} ({}, {} of which changed a bit), for example {} at tick {} ({}): {}{}; path {}", group,
        counted(t.count, "write"), t.changes, name_of(c, t.who, t.field), t.tick, change(t.before, t.after),
        itself ? "" : "it used what goes back to this: ", origin_of(c, chain.front(), control), text_of(e.path));
    all.push_back(std::move(e));
  }
  return all;
}

evidence describe(const circuit& c, const tracing_difference& d) {
  return {
      "tracing",
      fmt::format("a rule behaves otherwise when it is traced: {} at tick {} is {} in the production run and {} in the "
                  "traced run, so that nothing that was traced can be relied on",
                  name_of(c, d.who, d.field), d.tick, d.production, d.traced),
      1,
      d.tick,
      {{name_of(c, d.who), fmt::format("tick {}", d.tick)}}};
}

std::vector<evidence> describe(const circuit& c, const cone_result& cone) {
  std::vector<evidence> all;
  std::set<std::pair<bool, std::size_t>> told;
  for (const cone_violation& v : cone.violations) {
    if (!told.insert({v.disturbed.is_synapse, v.disturbed.group}).second) continue;
    evidence e{"causal cone",
               {},
               cone.violations.size(),
               v.tick,
               {{name_of(c, v.disturbed), fmt::format("disturbed at tick {}", v.at)},
                {name_of(c, v.reached), fmt::format("differs at tick {}", v.tick)}}};
    e.text = fmt::format(
        "a disturbance of {} at tick {} was seen in {} at tick {} ({} instead of {}), where no connection "
        "can have brought it by then",
        name_of(c, v.disturbed, v.disturbed_field), v.at, name_of(c, v.reached, v.field), v.tick, v.found,
        v.undisturbed);
    all.push_back(std::move(e));
  }
  return all;
}

std::vector<evidence> describe_runs(const circuit& c, const clock_result& clocks) {
  std::vector<evidence> all;
  const auto add = [&](const std::string& what, const run_difference& d) {
    all.push_back({"clocks",
                   fmt::format("{}: {} at tick {} is {} in one and {} in the other", what, name_of(c, d.who, d.field),
                               d.tick, d.first, d.second),
                   1,
                   d.tick,
                   {{name_of(c, d.who), fmt::format("tick {}", d.tick)}}});
  };
  if (clocks.repeated) add("two runs in one process differ", *clocks.repeated);
  if (clocks.shifted)
    add(fmt::format("a run whose clock starts at {} differs from one that starts at 0", clocks.shift), *clocks.shifted);
  return all;
}

std::vector<evidence> describe_lengths(const circuit& c, const clock_result& clocks, const stillness& still,
                                       const alignment& gates) {
  std::vector<evidence> all;
  constexpr std::size_t most = 4;
  for (const auto* keepers : {&still.clocks, &still.timers}) {
    for (std::size_t n = 0; n < std::min(keepers->size(), most); ++n) {
      const timekeeper& k = (*keepers)[n];
      const std::string name = name_of(c, {false, k.population, k.neuron});
      all.push_back({"clocks",
                     fmt::format("{} keeps time: {}", name, text_of(k)),
                     keepers->size(),
                     k.ticks.empty() ? 0 : k.ticks.front(),
                     {{name, std::string(event_of(k.part))}}});
    }
  }
  for (const late_learning& late : still.learning) {
    const std::string& name = c.projections[late.projection].name;
    all.push_back(
        {"clocks",
         fmt::format("{} learns {} ticks after {}, after a rest, though nothing happens outside, whatever the "
                     "sample",
                     name, late.tick, event_of(late.part)),
         1,
         late.tick,
         {{name, std::string(event_of(late.part))}}});
  }
  for (const closed_gate& gate : gates.closed) {
    const std::string signal = c.name_of(gate.signal);
    all.push_back(
        {"clocks",
         fmt::format("{} learns by {}, which opens after the teacher's onset (to {:.3g}, summed over neurons and "
                     "samples), but not if {} lasts {} longer ({:.3g}): it waits for a time and not for the "
                     "teacher",
                     c.projections[gate.projection].name, signal, gate.open,
                     gate.input > 0 ? "the input" : "the presentation before",
                     counted(static_cast<std::uint64_t>(gate.input + gate.rest), "tick"), gate.left),
         1,
         gate.input + gate.rest,
         {{signal, "closed"}, {c.projections[gate.projection].name, "learns"}}});
  }
  for (const layer_agreement& layer : clocks.stretched) {
    if (layer.level != agreement::no) continue;
    const auto where = c.find_projection(layer.projection);
    const std::string name = name_of(c, {true, *where, layer.connection});
    all.push_back(
        {"clocks",
         fmt::format("the same presentations with other lengths give other weights: {}.theta differs by {:.3g} after "
                     "presentation {} ({:.2g} of the largest change in {})",
                     name, layer.largest, layer.update, layer.relative, layer.projection),
         1,
         0,
         {{name, "theta"}}});
  }
  return all;
}

evidence describe_way(const way_in_a_tick& way) {
  return {"causal cone",
          fmt::format("within one tick, messages cross {} projections one after the other ({}): no delay lies between "
                      "neurons that far apart",
                      way.projections.size(), fmt::join(way.projections, ", ")),
          1,
          0,
          {}};
}

evidence describe(const circuit& c, const suppression_result& s) {
  return {"control",
          fmt::format("with all control suppressed, {} at tick {} is {} instead of {}, before any weight has changed",
                      name_of(c, s.who, s.field), s.tick, s.without, s.with_control),
          1,
          s.tick,
          {{name_of(c, s.who), fmt::format("tick {}", s.tick)}}};
}

std::vector<evidence> describe(const circuit& c, const equivalence_result& e) {
  std::vector<evidence> all;
  for (const layer_agreement& layer : e.layers) {
    if (layer.level != agreement::no) continue;
    const auto where = c.find_projection(layer.projection);
    const std::string name = name_of(c, {true, *where, layer.connection});
    all.push_back(
        {"equivalence",
         fmt::format("{}: {}.theta differs from backpropagation's by {:.3g} after update {} ({:.2g} of the largest "
                     "change in that layer, {} ulp); its first update is {:.4g} times backpropagation's",
                     layer.projection, name, layer.largest, layer.update, layer.relative, layer.ulp, layer.ratio),
         1,
         0,
         {{name, "theta"}}});
  }
  return all;
}

std::vector<std::string> footnotes(const description& netlist, const circuit& c) {
  std::vector<std::string> notes;
  if (netlist.lanes > 1) {
    notes.push_back(
        fmt::format("Its netlist has {} lanes: synapses sum over {} copies of the neurons, which is many brains at "
                    "once. All but equivalence was measured with one lane.",
                    netlist.lanes, netlist.lanes));
  }
  std::set<std::string_view> told;
  for (const population& p : c.populations) {
    if (p.model->info.notes.empty() || !told.insert(p.model->info.name).second) continue;
    notes.push_back(fmt::format("{}: {} ({}). {}", p.model->info.name, p.model->info.equation, p.model->info.source,
                                p.model->info.notes));
  }
  const auto add_once = [&](std::string_view sentence) {
    if (told.insert(sentence).second) notes.emplace_back(sentence);
  };
  for (const projection& p : c.projections) {
    if (p.learns() && c.populations[p.from.population].model->fields[p.from.field].name == "burst") {
      add_once(
          "Errors go up in bursts, one for each onset of an error. In the published circuit they go up all the time.");
    }
  }
  for (const population_description& p : netlist.populations) {
    for (const parameter_setting& s : p.params) {
      const auto* flag = std::get_if<bool>(&s.value);
      const auto* number = std::get_if<double>(&s.value);
      if (s.name == "cause_gate" && flag != nullptr && *flag) {
        add_once(
            "phi spikes only while the prediction stays as it is (cause gate). The paper asks that only feedback makes "
            "it spike, and gives no local mechanism.");
      }
      if (s.name == "tolerance" && number != nullptr && *number > 0) {
        add_once("phi takes errors up to a tolerance for none. The published phi asks for exact zeros.");
      }
    }
  }
  for (const stimulus& s : c.stimuli) {
    if (s.role == stimulus_role::imposed)
      add_once("The prediction is imposed from outside at each input's onset (condition C1).");
  }
  return notes;
}

}  // namespace locus
