#include "sim/audit/transport.hpp"

#include <algorithm>
#include <set>

#include "sim/audit/ways.hpp"

namespace locus {
namespace {

/// The weights of a pair's common connections.
struct paired_weights {
  std::vector<double> forward, feedback;
};

class finder {
 public:
  finder(const circuit& c, const script& world, const copying_options& options)
      : net_(c), world_(world), options_(options), ways_(c) {}

  transport_result run() {
    for (std::size_t a = 0; a < net_.projections.size(); ++a) {
      for (std::size_t b = a + 1; b < net_.projections.size(); ++b) {
        if (at(a).synapse == nullptr || at(b).synapse == nullptr) continue;
        if (owner(a) == owner(b)) add_shared(a, b);
        else add_apart(a, b);
      }
    }
    told_once();
    find_copies();
    std::erase_if(found_,
                  [&](const candidate& each) { return !each.told && !each.pair.transports() && !each.pair.unknown(); });
    for (const candidate& each : found_) result_.pairs.push_back(each.pair);
    watch();
    std::erase_if(result_.pairs, [](const weight_pair& pair) { return pair.birth.common == 0; });
    return std::move(result_);
  }

 private:
  struct candidate {
    weight_pair pair;
    bool declared = false;  ///< as a copy
    bool told = false;      ///< whatever is found
  };

  [[nodiscard]] const projection& at(std::size_t i) const { return net_.projections[i]; }
  [[nodiscard]] std::size_t owner(std::size_t i) const { return at(i).shared_with.value_or(i); }

  /// `first` is the one that owns the weights, if one of the two does.
  [[nodiscard]] weight_pair ordered(std::size_t first, std::size_t second, bool transposed) const {
    weight_pair pair;
    const bool back = ways_.way_of(at(first)) < 0 || ways_.way_of(at(second)) > 0;
    pair.forward = back ? second : first;
    pair.feedback = back ? first : second;
    pair.transposed = transposed;
    return pair;
  }

  void add_shared(std::size_t a, std::size_t b) {
    if (owner(b) == b) std::swap(a, b);
    const auto turned = [&](std::size_t i) { return at(i).shared_with && at(i).transposed; };
    const bool transposed = turned(a) != turned(b);
    // What a way away from the inputs is used for transposed leads back, over however many interneurons.
    const bool turns_back = transposed && ways_.way_of(at(a)) != 0;
    if (!turns_back && !ways_.opposite(at(a), at(b), transposed)) {
      if (owner(a) == a) result_.parallel.emplace_back(a, b);
      return;
    }
    candidate each{ordered(a, b, transposed), false, true};
    each.pair.shared = true;
    found_.push_back(each);
  }

  [[nodiscard]] bool fit(std::size_t a, std::size_t b, bool transposed) const {
    const std::uint32_t before = net_.size_before(at(a)), after = net_.size_after(at(a));
    return transposed ? before == net_.size_after(at(b)) && after == net_.size_before(at(b))
                      : before == net_.size_before(at(b)) && after == net_.size_after(at(b));
  }

  void add_apart(std::size_t a, std::size_t b) {
    if (at(a).copied_from == b) std::swap(a, b);
    const bool single = net_.size_before(at(a)) == 1 && net_.size_after(at(a)) == 1;
    for (const bool transposed : {true, false}) {
      if (!fit(a, b, transposed) || !ways_.opposite(at(a), at(b), transposed)) continue;
      candidate each{ordered(a, b, transposed), false, false};
      each.declared = at(b).copied_from == a && (single || at(b).transposed == transposed);
      each.told = each.declared || (transposed && ways_.swapped(at(a), at(b)));
      found_.push_back(each);
      if (single) break;
    }
  }

  /// Where a user is opposite to the owner, what it is to other users need not be told.
  void told_once() {
    std::set<std::size_t> told;
    const auto owns = [&](const weight_pair& p) {
      return owner(p.forward) == p.forward || owner(p.feedback) == p.feedback;
    };
    for (const candidate& each : found_) {
      if (each.pair.shared && owns(each.pair)) told.insert({each.pair.forward, each.pair.feedback});
    }
    std::erase_if(found_, [&](const candidate& each) {
      const weight_pair& p = each.pair;
      return p.shared && !owns(p) && (told.contains(p.forward) || told.contains(p.feedback));
    });
  }

  void find_copies() {
    std::vector<watched_pair> pairs;
    std::vector<following weight_pair::*> where;
    std::vector<std::size_t> whose;
    const auto watch = [&](std::size_t n, std::size_t source, std::size_t target, following weight_pair::*result) {
      if (!at(target).learns()) return;
      pairs.push_back({source, target, found_[n].pair.transposed});
      where.push_back(result);
      whose.push_back(n);
    };
    for (std::size_t n = 0; n < found_.size(); ++n) {
      const weight_pair& pair = found_[n].pair;
      if (at(pair.forward).shared_with || at(pair.feedback).shared_with) continue;
      watch(n, pair.forward, pair.feedback, &weight_pair::feedback_follows);
      watch(n, pair.feedback, pair.forward, &weight_pair::forward_follows);
    }
    const std::vector<following> results = measure_copying(net_, world_, pairs, options_);
    for (std::size_t n = 0; n < results.size(); ++n) found_[whose[n]].pair.*where[n] = results[n];
  }

  // ---- the run without disturbances ------------------------------------------------------------------------------

  [[nodiscard]] paired_weights read(const simulator& s, const weight_pair& pair) const {
    const std::vector<double> forward = s.weights(pair.forward), feedback = s.weights(pair.feedback);
    paired_weights all;
    each_common(net_, at(pair.forward), at(pair.feedback), pair.transposed, [&](std::size_t i, std::size_t k) {
      all.forward.push_back(forward[i]);
      all.feedback.push_back(feedback[k]);
    });
    return all;
  }

  [[nodiscard]] pair_measures measure(const simulator& s, const weight_pair& pair) const {
    const paired_weights all = read(s, pair);
    return measure_pair(all.forward, all.feedback, net_.precision == precision::f32);
  }

  /// A connection of the feedback whose weight is not its opposite's.
  [[nodiscard]] std::optional<std::size_t> difference(const simulator& s, const weight_pair& pair) const {
    const std::vector<double> forward = s.weights(pair.forward), feedback = s.weights(pair.feedback);
    std::optional<std::size_t> found;
    each_common(net_, at(pair.forward), at(pair.feedback), pair.transposed, [&](std::size_t i, std::size_t k) {
      if (!found && !same_bits(forward[i], feedback[k])) found = k;
    });
    return found;
  }

  void watch() {
    const auto sim = make_simulator(net_);
    for (std::size_t n = 0; n < result_.pairs.size(); ++n) {
      weight_pair& pair = result_.pairs[n];
      pair.birth = measure(*sim, pair);
      const auto& f = found_[n];
      // Without a word in the netlist, equal weights say something only if they are not all the same number.
      pair.born_equal = !pair.shared && (f.declared || pair.birth.factor) && !difference(*sim, pair);
    }
    player play(world_, *sim);
    std::uint64_t changes = 0;
    while (!play.done()) {
      play.run_tick();
      if (sim->counters().weight_changes == changes) continue;
      changes = sim->counters().weight_changes;
      for (weight_pair& pair : result_.pairs) {
        if (!pair.born_equal || pair.parted) continue;
        const auto k = difference(*sim, pair);
        if (!k) continue;
        pair.parted = play.played() - 1;
        pair.connection = *k;
      }
    }
    for (weight_pair& pair : result_.pairs) pair.end = measure(*sim, pair);
    result_.ticks = world_.ticks();
  }

  const circuit& net_;
  const script& world_;
  const copying_options& options_;
  ways ways_;
  std::vector<candidate> found_;
  transport_result result_;
};

}  // namespace

transport_result find_transport(const circuit& c, const script& world, const copying_options& options) {
  return finder(c, world, options).run();
}

}  // namespace locus
