#include "sim/audit/locking.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/audit/sentences.hpp"

namespace locus {
namespace {

/// Takes the changes of one projection, tick by tick.
class change_watch {
 public:
  change_watch() = default;
  change_watch(std::string projection, std::string field) {
    result_.projection = std::move(projection);
    result_.field = std::move(field);
  }

  void change(tick_t tick) {
    ++result_.changes;
    if (!first_) first_ = tick;
    last_ = tick;
  }

  void end(const presentation_span& span) {
    if (!first_) return;
    const bool fresh = result_.presentations++ == 0;
    const auto take = [&](tick_bounds& bounds, tick_t value) {
      bounds =
          fresh ? tick_bounds{value, value} : tick_bounds{std::min(bounds.least, value), std::max(bounds.most, value)};
    };
    take(result_.first, *first_ - span.first);
    take(result_.first_after_teacher, *first_ - span.onset);
    take(result_.last_after_teacher, last_ - span.onset);
    take(result_.span, last_ - *first_);
    first_.reset();
  }

  [[nodiscard]] const locking& result() const { return result_; }

 private:
  locking result_;
  std::optional<tick_t> first_;
  tick_t last_ = 0;
};

std::string ticks_text(const tick_bounds& t) {
  if (t.least == t.most) return fmt::format("{} {}", t.least, t.least == 1 || t.least == -1 ? "tick" : "ticks");
  return fmt::format("{} to {} ticks", t.least, t.most);
}

std::string after_teacher(const tick_bounds& t) {
  if (t.most < 0) return ticks_text({-t.most, -t.least}) + " before the teacher";
  if (t == tick_bounds{0, 0}) return "with the teacher";
  return ticks_text(t) + " after the teacher's onset";
}

/// What comes after the names.
std::string text_of(const locking& l, bool several, std::uint64_t watched) {
  if (l.presentations == 0) {
    return fmt::format("{} not change in {}", several ? "do" : "does", counted(watched, "presentation"));
  }
  std::string text = fmt::format("first {} {} after a presentation's first tick ({})", several ? "change" : "changes",
                                 ticks_text(l.first), after_teacher(l.first_after_teacher));
  if (l.span == tick_bounds{0, 0}) text += " and never again in it";
  else text += fmt::format(" and last {} later", ticks_text(l.span));
  if (l.presentations < watched) {
    text += fmt::format("; in {} of {} not at all", watched - l.presentations, counted(watched, "presentation"));
  }
  return text;
}

bool alike(const locking& a, const locking& b) {
  return a.presentations == b.presentations && a.first == b.first && a.first_after_teacher == b.first_after_teacher &&
         a.span == b.span;
}

}  // namespace

std::string name_of(const locking& l) { return l.field.empty() ? l.projection : l.projection + "." + l.field; }

locking_result measure_locking(const circuit& c, const script& world) {
  const auto sim = make_simulator(c);
  struct kept {
    std::size_t projection, field;
    bool weight;  ///< theta, or what messages are multiplied with
    std::vector<double> before;
    change_watch watch;
  };
  std::vector<kept> fields;
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    for (std::size_t f = 0; p.learns() && f < p.synapse->state.size(); ++f) {
      const std::size_t weight = p.synapse->weight;
      fields.push_back({i, f, f == 0 || f == weight, sim->synapse_field(i, f),
                        change_watch(p.name, f == 0 && weight == 0 ? "" : p.synapse->state[f].name)});
    }
  }
  change_watch all;
  player play(world, *sim);
  std::uint64_t counted_changes = 0;
  for (const presentation_span& span : world.spans) {
    while (play.played() < span.last) {
      const tick_t tick = play.played();
      play.run_tick();
      if (sim->counters().weight_changes == counted_changes) continue;
      counted_changes = sim->counters().weight_changes;
      bool any = false;
      for (kept& each : fields) {
        std::vector<double> now = sim->synapse_field(each.projection, each.field);
        if (same_bits(now, each.before)) continue;
        each.before = std::move(now);
        each.watch.change(tick);
        any = any || each.weight;
      }
      if (any) all.change(tick);
    }
    for (kept& each : fields) each.watch.end(span);
    all.end(span);
  }
  locking_result result;
  for (const kept& each : fields) result.projections.push_back(each.watch.result());
  result.all = all.result();
  result.presentations = world.spans.size();
  return result;
}

std::vector<std::string> locking_measured(const locking_result& result) {
  if (result.projections.empty()) return {};
  const std::uint64_t watched = result.presentations;
  std::vector<std::string> all = {fmt::format("update locking: weights {}.", text_of(result.all, true, watched))};
  std::vector<bool> told(result.projections.size(), false);
  for (std::size_t n = 0; n < result.projections.size(); ++n) {
    const locking& first = result.projections[n];
    if (told[n] || alike(first, result.all)) continue;
    std::vector<std::string> names;
    for (std::size_t k = n; k < result.projections.size(); ++k) {
      if (!alike(first, result.projections[k])) continue;
      told[k] = true;
      names.push_back(name_of(result.projections[k]));
    }
    all.push_back(
        fmt::format("update locking: {} {}.", fmt::join(names, ", "), text_of(first, names.size() > 1, watched)));
  }
  return all;
}

}  // namespace locus
