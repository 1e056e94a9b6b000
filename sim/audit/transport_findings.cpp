#include "sim/audit/transport_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/audit/findings.hpp"
#include "sim/audit/sentences.hpp"
#include "sim/audit/trail.hpp"

namespace locus {
namespace {

/// One connection of each, the ones that belong together.
struct example {
  std::string forward, feedback;
};

example example_of(const circuit& c, const weight_pair& pair) {
  std::optional<example> first;
  each_common(c, c.projections[pair.forward], c.projections[pair.feedback], pair.transposed,
              [&](std::size_t i, std::size_t k) {
                if (first) return;
                first = {name_of(c, {true, pair.forward, i}), name_of(c, {true, pair.feedback, k})};
              });
  return first.value_or(example{c.projections[pair.forward].name, c.projections[pair.feedback].name});
}

evidence describe_shared(const circuit& c, const weight_pair& pair) {
  const projection &forward = c.projections[pair.forward], &back = c.projections[pair.feedback];
  const example ends = example_of(c, pair);
  std::string text;
  if (forward.shared_with && back.shared_with) {
    text = fmt::format("{} and {} use the same weights at all times, those of {}", back.name, forward.name,
                       c.projections[*back.shared_with].name);
  } else {
    const bool usual = back.shared_with.has_value();
    text = fmt::format("{} uses the weights of {} at all times", (usual ? back : forward).name,
                       (usual ? forward : back).name);
  }
  return {"weight transport",
          fmt::format("{} ({}): {}.theta is {}.theta", text, counted(pair.birth.common, "weight"), ends.feedback,
                      ends.forward),
          pair.birth.common,
          0,
          {{ends.forward, "theta"}, {ends.feedback, "the same theta"}}};
}

evidence describe_copy(const circuit& c, const weight_pair& pair) {
  const bool usual = pair.feedback_follows.copies;
  const following& how = usual ? pair.feedback_follows : pair.forward_follows;
  const example ends = example_of(c, pair);
  const std::string &source = c.projections[usual ? pair.forward : pair.feedback].name,
                    &copy = c.projections[usual ? pair.feedback : pair.forward].name;
  return {"weight transport",
          fmt::format("{} copies the weights of {} while the circuit runs: when {} of {} were disturbed, the weights "
                      "of {} moved {:.4g} times as far, which is {} of all that they did",
                      copy, source, counted(how.disturbed, "weight"), source, copy, how.factor, percent(how.explained)),
          how.disturbed,
          0,
          {{usual ? ends.forward : ends.feedback, "theta"},
           {usual ? ends.feedback : ends.forward, fmt::format("{:.4g} theta", how.factor)}}};
}

std::string relation_of(const weight_pair& pair) {
  if (pair.shared) return "shared";
  if (pair.copied()) return "copied";
  if (pair.born_equal) return "born equal";
  return pair.birth.factor ? "born proportional" : "apart";
}

std::string degrees(double angle) { return std::isnan(angle) ? "-" : fmt::format("{:.3g}", angle); }

std::string measures_text(const circuit& c, const weight_pair& pair, tick_t ticks) {
  const pair_measures &birth = pair.birth, &end = pair.end;
  return fmt::format(
      "weights: {} against {} ({}), at birth and after {}: magnitude {:.3g} and {:.3g}, same sign {} "
      "and {}, angle {} and {} degrees{}.",
      c.projections[pair.feedback].name, c.projections[pair.forward].name, counted(birth.common, "common connection"),
      counted(static_cast<std::uint64_t>(ticks), "tick"), birth.magnitude, end.magnitude, percent(birth.same_sign),
      percent(end.same_sign), degrees(birth.angle), degrees(end.angle),
      end.factor && *end.factor != 1 ? fmt::format("; {:.6g} times the forward weights", *end.factor) : "");
}

std::string followed(const circuit& c, std::size_t source, std::size_t target, const following& how) {
  return fmt::format("{} of {} were disturbed, and the weights of {} moved {:.2g} times as far ({} of what they did)",
                     counted(how.disturbed, "weight"), c.projections[source].name, c.projections[target].name,
                     how.factor, percent(how.explained));
}

}  // namespace

std::vector<evidence> describe_transport(const circuit& c, const transport_result& found) {
  std::vector<evidence> all;
  for (const weight_pair& pair : found.pairs) {
    if (pair.shared) all.push_back(describe_shared(c, pair));
    else if (pair.copied()) all.push_back(describe_copy(c, pair));
  }
  return all;
}

std::vector<feedback_report> report_feedback(const circuit& c, const transport_result& found) {
  std::vector<feedback_report> all;
  for (const weight_pair& pair : found.pairs) {
    feedback_report r{c.projections[pair.forward].name,
                      c.projections[pair.feedback].name,
                      relation_of(pair),
                      pair.birth,
                      pair.end,
                      found.ticks,
                      {},
                      {}};
    if (pair.feedback_follows.disturbed != 0) {
      r.follows = pair.feedback_follows.factor;
      r.explained = pair.feedback_follows.explained;
    }
    all.push_back(std::move(r));
  }
  return all;
}

std::vector<std::string> transport_measured(const circuit& c, const transport_result& found) {
  std::vector<std::string> all;
  for (const weight_pair& pair : found.pairs) {
    const std::string &back = c.projections[pair.feedback].name, &forward = c.projections[pair.forward].name;
    all.push_back(measures_text(c, pair, found.ticks));
    if (pair.born_equal && !pair.copied()) {
      all.push_back(pair.parted
                        ? fmt::format("weights: {} was born equal to {} and differs from tick {} on.", back, forward,
                                      *pair.parted)
                        : fmt::format("weights: {} was born equal to {} (transport at birth) and stayed equal bit for "
                                      "bit over {}.",
                                      back, forward, counted(static_cast<std::uint64_t>(found.ticks), "tick")));
    }
    if (pair.copied()) continue;
    if (pair.unknown()) {
      all.push_back(
          fmt::format("weights: whether one of {} and {} follows the other could not be measured: the circuit "
                      "answers to a disturbance of the one with a larger one.",
                      back, forward));
    }
    std::string text;
    if (pair.feedback_follows.disturbed != 0) text = followed(c, pair.forward, pair.feedback, pair.feedback_follows);
    if (pair.forward_follows.disturbed != 0) {
      text += (text.empty() ? "" : "; ") + followed(c, pair.feedback, pair.forward, pair.forward_follows);
    }
    if (!text.empty()) all.push_back("weights: " + text + ".");
  }
  for (const auto& [owner, user] : found.parallel) {
    all.push_back(fmt::format("weights: {} uses the weights of {} and leads the same way: that is no transport.",
                              c.projections[user].name, c.projections[owner].name));
  }
  if (found.pairs.empty()) all.emplace_back("weights: no two projections of synapses lead opposite ways.");
  return all;
}

std::string transport_detail(const transport_result& found) {
  const auto any = [&](auto&& f) { return std::any_of(found.pairs.begin(), found.pairs.end(), f); };
  if (any([](const weight_pair& p) { return p.transports(); })) return "";
  if (any([](const weight_pair& p) { return p.unknown(); })) return "unstable";
  if (any([](const weight_pair& p) { return p.born_equal; })) return "born equal";
  return any([](const weight_pair& p) { return p.birth.factor.has_value(); }) ? "born proportional" : "";
}

}  // namespace locus
