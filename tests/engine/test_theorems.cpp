#include <catch2/catch.hpp>

#include <cmath>

#include "tests/engine/follower.hpp"
#include "tests/reference/backpropagation.hpp"

namespace test_engine_theorems {

using namespace locus;
using namespace locus::testing;

namespace {

/// Reads eps of all layers in every tick.
class error_reader : public tick_observer {
 public:
  explicit error_reader(const rig& r, std::size_t depth) : rig_(r), depth_(depth) {}
  void on_tick(tick_t, const simulator& s) override {
    std::vector<std::vector<double>> all(depth_ + 1);
    for (std::size_t k = 1; k <= depth_; ++k) {
      const output_id output = rig_.output(layer_name(k, depth_) + ".error", "eps");
      all[k].resize(rig_.net.populations[output.population].size * rig_.net.lanes);
      s.read_field(output, all[k].data());
    }
    eps.push_back(std::move(all));
  }
  void on_quiet(tick_t first, tick_t last, const simulator& s) override {
    for (tick_t t = first; t < last; ++t) on_tick(t, s);
  }

  std::vector<std::vector<std::vector<double>>> eps;  ///< [tick][layer][neuron, lane]

 private:
  const rig& rig_;
  std::size_t depth_;
};

template <class F>
void each_network(F&& f) {
  for (const char* activation : {"sigmoid", "tanh", "relu"}) {
    for (const char* neuron : {"two-compartment", "segregated", "point"}) {
      for (const std::vector<std::uint32_t>& layers :
           {std::vector<std::uint32_t>{6, 5, 3}, {6, 19, 7, 3}, {9, 8, 7, 6, 5}, {7, 6, 18, 6, 5, 4}}) {
        short_form form;
        form.layers = layers;
        form.activation = activation;
        form.neuron = neuron;
        form.start = "forward";
        form.bias = layers.size() % 2 == 0;
        form.lanes = 3;
        form.alpha = 0.05;
        f(form);
      }
    }
  }
}

/// Deltas of backpropagation for the first three samples, before any learning.
dense::backpropagation<double> textbook(const rig& r, const short_form& form) {
  const dense::settings s = settings_of(form);
  dense::backpropagation<double> bp{s.sizes, s.activations, s.lanes, s.alpha, s.bias, {}, {}, {}, {}, {}};
  take_forward_weights<double>(r, s.sizes.size() - 1, s.bias, bp);
  std::vector<double> input, target;
  for (std::uint32_t j = 0; j < form.layers.front(); ++j) {
    for (std::uint32_t i = 0; i < form.lanes; ++i) input.push_back(r.data.train.input.at(i, j));
  }
  for (std::uint32_t j = 0; j < form.layers.back(); ++j) {
    for (std::uint32_t i = 0; i < form.lanes; ++i) target.push_back(r.data.train.target.at(i, j));
  }
  bp.run(input, target);
  return bp;
}

}  // namespace

// Theorem 3.1 of Song et al. 2020 and its relaxed form: with C1, eps of layer l (from the output) at tick l after the
// teacher is gamma^l delta. The values are of order 1 and the sums short: some tens of roundings, 1e-12 is ample.
TEST_CASE("theorem: eps at t = l is gamma^l delta", "[engine]") {
  each_network([](short_form form) {
    for (const double gamma : {0.5, 1.0, 2.0}) {
      for (const char* rule : {"none", "z-il"}) {
        form.gamma = gamma;
        form.rule = rule;
        form.teach = "8";
        INFO(form.text());
        rig r(form.read(), drawn_data(form.layers.front(), form.layers.back(), 3, 5));
        const dense::backpropagation<double> bp = textbook(r, form);
        const std::size_t depth = form.layers.size() - 1;
        error_reader reader(r, depth);
        r.sim->observe(&reader);
        r.world.teach(std::vector<std::uint32_t>{0, 1, 2}, {2, static_cast<std::int64_t>(depth) + 2, 0});
        for (std::size_t l = 0; l < depth; ++l) {
          const std::size_t k = depth - l;
          for (std::size_t n = 0; n < bp.delta[k].size(); ++n) {
            const double expected = std::pow(gamma, static_cast<double>(l)) * bp.delta[k][n];
            CHECK(std::fabs(reader.eps[2 + l][k][n] - expected) <= 1e-12);
          }
        }
      }
    }
  });
}

// Lemma A3: the wave front moves one layer a tick. In two compartments eps is (mu - mu) + 0, exactly 0 before the
// front; in a point neuron x was set to mu by the imposition and x - mu is exactly 0 as well.
TEST_CASE("theorem: from an imposed prediction, eps of layer l is exactly 0 before t = l", "[engine]") {
  each_network([](short_form form) {
    for (const double gamma : {0.3, 1.0}) {
      form.gamma = gamma;
      form.rule = "z-il";
      form.teach = "8";
      INFO(form.text());
      rig r(form.read(), drawn_data(form.layers.front(), form.layers.back(), 3, 6));
      const std::size_t depth = form.layers.size() - 1;
      error_reader reader(r, depth);
      r.sim->observe(&reader);
      r.world.teach(std::vector<std::uint32_t>{0, 1, 2}, {3, static_cast<std::int64_t>(depth) + 2, 0});
      for (std::size_t t = 0; t < 3 + depth; ++t) {
        for (std::size_t l = t < 3 ? 0 : t - 3 + 1; l < depth; ++l) {
          for (const double eps : reader.eps[t][depth - l]) CHECK(eps == 0);
        }
      }
    }
  });
}

TEST_CASE("theorem: two compartments have the deltas of backpropagation bit for bit at gamma = 1", "[engine]") {
  each_network([](short_form form) {
    if (form.neuron == "point") return;
    form.rule = "z-il";
    form.teach = "8";
    INFO(form.text());
    rig r(form.read(), drawn_data(form.layers.front(), form.layers.back(), 3, 7));
    const dense::backpropagation<double> bp = textbook(r, form);
    const std::size_t depth = form.layers.size() - 1;
    error_reader reader(r, depth);
    r.sim->observe(&reader);
    r.world.teach(std::vector<std::uint32_t>{0, 1, 2}, {1, static_cast<std::int64_t>(depth), 0});
    for (std::size_t l = 0; l < depth; ++l) CHECK(reader.eps[1 + l][depth - l] == bp.delta[depth - l]);
  });
}

}  // namespace test_engine_theorems
