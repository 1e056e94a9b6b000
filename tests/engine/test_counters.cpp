#include <catch2/catch.hpp>

#include <cstring>

#include "sim/core/errors.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_engine_counters {

using namespace locus;
using namespace locus::testing;

namespace {

/// Counts, from the bits that it sees and nothing else: a message is one synapse -> port delivery, per lane, whose
/// sender or weight changed; in the first tick everybody sends. A delay lets messages arrive later.
class counting_observer : public tick_observer {
 public:
  void on_tick(tick_t, const simulator& s) override {
    const circuit& c = s.net();
    std::vector<std::vector<double>> values, weights;
    for (std::size_t i = 0; i < c.projections.size(); ++i) {
      const projection& p = c.projections[i];
      std::vector<double> sent;
      for (std::size_t j = 0; j < c.size_before(p); ++j) {
        for (std::size_t lane = 0; lane < c.lanes; ++lane) sent.push_back(s.value(p.from, j, lane));
      }
      values.push_back(sent);
      weights.push_back(s.weights(i));
    }
    sent_.push_back(values);
    for (std::size_t i = 0; i < c.projections.size(); ++i) count(c, i, weights[i]);
    weights_ = weights;
    count_spikes(s);
    ++seen.ticks;
  }
  void on_quiet(tick_t first, tick_t last, const simulator& s) override {
    for (tick_t t = first; t < last; ++t) on_tick(t, s);
  }

  activity seen;

 private:
  static bool differ(double a, double b) { return std::memcmp(&a, &b, sizeof a) != 0; }

  void count(const circuit& c, std::size_t i, const std::vector<double>& weights) {
    const projection& p = c.projections[i];
    const std::size_t now = sent_.size() - 1;
    std::uint64_t& counter = p.synapse != nullptr ? seen.messages : seen.links;
    const auto one = [&](std::size_t pre, std::size_t synapse) {
      const std::size_t delay = delay_of(p, synapse);
      for (std::size_t lane = 0; lane < c.lanes; ++lane) {
        const std::size_t at = pre * c.lanes + lane;
        const bool sent =
            now == delay || (now > delay && differ(sent_[now - delay][i][at], sent_[now - delay - 1][i][at]));
        const bool sends = sent || (now > 0 && p.synapse != nullptr && differ(weights[synapse], weights_[i][synapse]));
        counter += sends ? 1 : 0;
      }
    };
    std::size_t synapse = 0;
    for (std::size_t post = 0; post < c.size_after(p); ++post) {
      if (p.shape == projection_shape::one_to_one) {
        one(post, synapse++);
      } else if (p.shape == projection_shape::dense) {
        for (std::size_t pre = 0; pre < c.size_before(p); ++pre) one(pre, synapse++);
      } else {
        for (std::size_t k = 0; k < p.connections.degree(post); ++k) one(p.connections.source(post, k), synapse++);
      }
    }
  }

  void count_spikes(const simulator& s) {
    const circuit& c = s.net();
    for (std::size_t p = 0; p < c.populations.size(); ++p) {
      for (std::size_t f = 0; f < c.populations[p].model->fields.size(); ++f) {
        if (!c.populations[p].model->fields[f].event) continue;
        for (std::size_t i = 0; i < c.populations[p].size; ++i) {
          for (std::size_t lane = 0; lane < c.lanes; ++lane) seen.spikes += s.value({p, f}, i, lane) != 0 ? 1 : 0;
        }
      }
    }
  }

  std::vector<std::vector<std::vector<double>>> sent_;  ///< [tick][projection]
  std::vector<std::vector<double>> weights_;
};

/// Whether the circuit stayed finite; otherwise nothing is compared.
bool check_counts(const description& d, const short_form& form, std::uint64_t which) {
  const auto depth = static_cast<std::int64_t>(form.layers.size()) - 1;
  rig r(d, drawn_data(form.layers.front(), form.layers.back(), 30, which));
  counting_observer counts;
  r.sim->observe(&counts);
  try {
    for (std::uint64_t n = 0; n < 4; ++n) {
      const presentation p =
          draw_presentation(which, n, 30, form.lanes, {1, depth + 3, 0}, {2 * depth + 8, depth + 6, 5});
      r.world.teach(p.samples, p.times);
    }
  } catch (const nonfinite_error&) {
    return false;
  }
  activity found = r.sim->counters();
  found.weight_changes = 0;
  CHECK(found.ticks == counts.seen.ticks);
  CHECK(found.messages == counts.seen.messages);
  CHECK(found.links == counts.seen.links);
  CHECK(found.spikes == counts.seen.spikes);
  return true;
}

}  // namespace

TEST_CASE("counters: messages, links, spikes and ticks are those that can be counted from the bits", "[engine]") {
  std::size_t compared = 0;
  for (std::uint64_t which = 600; which < 660; ++which) {
    short_form form = random_form(which);
    if (form.lanes == 20) form.lanes = 4;
    INFO("circuit " << which << "\n" << form.text());
    compared += check_counts(form.read(), form, which) ? 1 : 0;
  }
  CHECK(compared >= 54);
}

TEST_CASE("counters: the same for sparse projections", "[engine]") {
  std::size_t compared = 0;
  for (std::uint64_t which = 700; which < 720; ++which) {
    short_form form = random_form(which);
    if (form.lanes == 20) form.lanes = 4;
    form.feedback_weights = "fixed-random";
    form.bias = true;
    INFO("circuit " << which << "\n" << form.text());
    description d = form.read();
    for (projection_description& p : d.projections) {
      if (p.name.find("forward") != std::string::npos) p.connect = connection_probability{0.4, which};
      if (p.name.find("feedback") != std::string::npos) p.connect = fixed_indegree{1, which};
    }
    compared += check_counts(d, form, which) ? 1 : 0;
  }
  CHECK(compared >= 18);
}

TEST_CASE("counters: the same for projections with delays", "[engine]") {
  std::size_t compared = 0;
  for (std::uint64_t which = 900; which < 920; ++which) {
    short_form form = random_form(which);
    if (form.lanes == 20) form.lanes = 4;
    form.start = "settle";
    form.feedback_weights = "fixed-random";  // of no other projection, which may become sparse
    INFO("circuit " << which << "\n" << form.text());
    description d = form.read();
    for (std::size_t i = 0; i < d.projections.size(); ++i) {
      d.projections[i].delay = static_cast<std::uint32_t>((which + i) % 4);
      if ((which + i) % 5 == 0) d.projections[i].delays = connection_delays{{}, 1, 3, which};
      if (i % 5 == 4 && !d.projections[i].synapse.empty())
        d.projections[i].connect = connection_probability{0.4, which};
    }
    compared += check_counts(d, form, which) ? 1 : 0;
  }
  CHECK(compared >= 16);
}

}  // namespace test_engine_counters
