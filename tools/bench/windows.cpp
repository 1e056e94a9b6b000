#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "sim/core/random.hpp"
#include "sim/engine/exchange.hpp"
#include "sim/engine/plasticity.hpp"
#include "tools/bench/networks.hpp"
#include "tools/bench/suite.hpp"

namespace locus::bench {
namespace {

/// One projection between two populations, whose neurons do nothing here: what sends is said to have changed, and the
/// engine sums the port or learns, with all that belongs to it but the neurons' own rules.
template <class P>
class swept_projection {
 public:
  explicit swept_projection(const std::string& text)
      : net_(build_circuit(description_of(text))),
        network_(net_, chosen_target(), 0, 1),
        exchange_(network_, team_, false),
        plasticity_(network_, team_) {
    for (std::size_t n = 0; n < net_.populations.size(); ++n) {
      const random_stream random(1, "bench", net_.populations[n].name);
      population_state<P>& p = network_.populations[n];
      for (phase_state<P>& phase : p.phases) std::fill(phase.moved.begin(), phase.moved.end(), std::uint8_t{1});
      for (std::size_t f = 0; f < p.fields.size(); ++f) {
        for (std::size_t i = 0; i < p.size; ++i) {
          for (std::size_t lane = 0; lane < p.lanes; ++lane)
            p.fields[f][field_offset(i, lane, p.lanes)] = static_cast<P>(0.1 + random.uniform(i, lane));
          if (p.outlets[f])
            p.outlets[f]->present()[i / panel_width] |= static_cast<std::uint16_t>(1u << i % panel_width);
        }
      }
    }
  }

  /// Every synapse in every lane.
  [[nodiscard]] double products() const {
    return static_cast<double>(net_.connections(net_.projections.front()) * net_.lanes);
  }

  void deliver(std::uint64_t times) {
    port_state<P>& port = network_.ports[network_.port_index(net_.projections.front().to)];
    for (; times > 0; --times, ++now_) {
      network_.senders.front()->note_first(now_);
      exchange_.deliver(port, now_, false, true, counters_);
    }
  }

  void learn(std::uint64_t times) {
    learning_state<P>& l = network_.learning.front();
    for (; times > 0; --times, ++now_) {
      for (outlet<P>* seen : l.pre.seen) seen->note_first(now_);
      for (outlet<P>* seen : l.post.seen) seen->note_first(now_);
      plasticity_.sweep(l, now_, true, false);
    }
  }

 private:
  circuit net_;
  worker_team team_{1};
  network_state<P> network_;
  exchange<P> exchange_;
  plasticity<P> plasticity_;
  activity counters_;
  tick_t now_ = 1;
};

struct window_shape {
  std::uint32_t channels_before, channels_after, side, window;

  [[nodiscard]] std::uint32_t side_after() const { return side - window + 1; }
  [[nodiscard]] std::string before() const { return fmt::format("[{}, {}, {}]", channels_before, side, side); }
  [[nodiscard]] std::string after() const {
    return fmt::format("[{}, {}, {}]", channels_after, side_after(), side_after());
  }
};

/// Two populations of these shapes, joined by synapses that learn so slowly that they stay what they are in all that
/// matters.
std::string joined(const std::string& before, const std::string& after, const std::string& connect,
                   const std::string& weights, const std::string& precision, std::size_t lanes) {
  std::string text = fmt::format("[circuit]\nprecision = \"{}\"\nlanes = {}\n", precision, lanes);
  for (const auto& [name, shape] : {std::pair{"below", before}, {"above", after}}) {
    text += fmt::format(
        "\n[[population]]\nname = \"{}\"\nmodel = \"point-value\"\nshape = {}\nparams = {{ activation = \"identity\" "
        "}}\n",
        name, shape);
  }
  return text + fmt::format(
                    "\n[[projection]]\nname = \"up\"\nfrom = \"below.rate\"\nto = \"above.feedback\"\nconnect = {}\n"
                    "weights = {{ {}init = \"uniform\", scale = 0.1, seed = 1 }}\nsynapse = \"gated-hebbian\"\n"
                    "post = \"above.rate\"\nparams = {{ alpha = 1e-9 }}\n",
                    connect, weights);
}

std::string window_network(const window_shape& s, bool shared, const std::string& precision, std::size_t lanes) {
  return joined(s.before(), s.after(), fmt::format("{{ window = [{0}, {0}] }}", s.window),
                shared ? "shared = \"window\", " : "", precision, lanes);
}

std::string dense_network(std::size_t neurons, const std::string& precision, std::size_t lanes) {
  const std::string shape = fmt::format("[{}]", neurons);
  return joined(shape, shape, "\"all-to-all\"", "", precision, lanes);
}

constexpr std::uint32_t window_sizes[] = {3, 5};

template <class P>
void run(table& out, const pace& p, const std::vector<window_shape>& shapes, const std::string& precision,
         std::size_t lanes) {
  swept_projection<P> dense(dense_network(512, precision, 20));  // where the dense kernels are at their best
  std::vector<std::unique_ptr<swept_projection<P>>> windows;
  std::vector<measured> all;
  const auto add = [&](const std::string& name, swept_projection<P>& swept) {
    const double scale = 1e9 / swept.products();
    all.push_back({{name + ", deliver", [&swept](std::uint64_t n) { swept.deliver(n); }}, scale});
    all.push_back({{name + ", learn", [&swept](std::uint64_t n) { swept.learn(n); }}, scale});
  };
  for (const window_shape& s : shapes) {
    windows.push_back(std::make_unique<swept_projection<P>>(window_network(s, true, precision, lanes)));
    add(fmt::format("{0} x {0}", s.window), *windows.back());
  }
  add("dense, 512 -> 512, lanes 20", dense);
  measure(out, all, "ns per multiply-add", p);
  const std::size_t last = out.rows.size();
  for (std::size_t i = 0; i + 2 < last; ++i) {
    const bool learns = i % 2 == 1;
    add_share(out.rows[i], out.rows[last - 2 + i % 2], "% of the dense rate",
              learns ? "windows.learn" : "windows.deliver");
  }
  for (row& r : out.rows) add_rate(r, "G multiply-adds/s", 1);
}

void build(const std::string& text) {
  const circuit c = build_circuit(description_of(text));
  (void)make_simulator(c, on_threads(1));
}

void run_building(table& out, const pace& p, const window_shape& s, const std::string& precision) {
  const auto building = [](const std::string& name, const std::string& text) {
    const circuit c = build_circuit(description_of(text));
    return measured{{name,
                     [text](std::uint64_t n) {
                       for (; n > 0; --n) build(text);
                     }},
                    1e9 / static_cast<double>(c.connections(c.projections.front()))};
  };
  measure(out,
          {building("a weight each", window_network(s, false, precision, 1)),
           building("one kernel", window_network(s, true, precision, 1)),
           building("dense, as many", dense_network(3168, precision, 1))},
          "ns per connection", p);
  for (std::size_t i = 0; i < 2; ++i) judge(out.rows[i], "windows.build");
}

template <class P>
void add_jobs(std::vector<job>& jobs, const std::string& precision) {
  for (const window_shape& s : {window_shape{1, 10, 28, 0}, {10, 5, 12, 0}, {16, 16, 28, 0}}) {
    for (const std::size_t lanes : {std::size_t{20}, std::size_t{1}}) {
      std::vector<window_shape> shapes;
      std::vector<shown_netlist> shown;
      for (const std::uint32_t window : window_sizes) {
        shapes.push_back(s);
        shapes.back().window = window;
        shown.push_back({fmt::format("{0} x {0}", window), window_network(shapes.back(), true, precision, lanes)});
      }
      jobs.push_back({fmt::format("{} -> {} channels, from {} x {}, lanes {}, {}", s.channels_before, s.channels_after,
                                  s.side, s.side, lanes, precision),
                      std::move(shown), [=](table& out, const pace& p) { run<P>(out, p, shapes, precision, lanes); }});
    }
  }
  const window_shape large{16, 16, 68, 3};  // 10^7 connections
  jobs.push_back({fmt::format("build, 16 -> 16 channels, 3 x 3, from 68 x 68, {}", precision),
                  {{"one kernel", window_network(large, true, precision, 1)}},
                  [=](table& out, const pace& p) { run_building(out, p, large, precision); }});
}

}  // namespace

std::vector<job> windows_jobs(const std::vector<std::string>&) {
  std::vector<job> jobs;
  add_jobs<float>(jobs, "f32");
  add_jobs<double>(jobs, "f64");
  return jobs;
}

}  // namespace locus::bench
