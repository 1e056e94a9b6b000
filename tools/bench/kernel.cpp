#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "sim/core/aligned.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/models.hpp"
#include "tools/bench/reference/blas.hpp"
#include "tools/bench/reference/products.hpp"
#include "tools/bench/reference/roofs.hpp"
#include "tools/bench/suite.hpp"

namespace locus::bench {
namespace {

struct sweep_shape {
  std::size_t sources, targets, lanes;
};

/// Arrays of a dense sweep, large enough for the engine's panels and for plain matrices; random numbers, 0 past the
/// last neuron. OpenBLAS has its own, so that neither finds its numbers in a cache of the other's making.
template <class P>
struct arrays {
  explicit arrays(const sweep_shape& s)
      : weights(filled(panels_for(s.targets) * panel_width * s.sources)),
        pre(filled(panels_for(s.sources) * panel_width * s.lanes)),
        post(filled(panels_for(s.targets) * panel_width * s.lanes)),
        changed(s.sources),
        changed_panels(panels_for(s.targets)) {}

  static aligned_vector<P> filled(std::size_t n) {
    const random_stream random(1, "bench", "kernel");
    aligned_vector<P> all(n);
    for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<P>(random.uniform(i) - 0.5);
    return all;
  }

  aligned_vector<P> weights, pre, post;
  P* state[1] = {weights.data()};
  const P *before[1] = {pre.data()}, *after[1] = {post.data()};
  std::vector<std::uint32_t> changed;
  std::vector<std::uint8_t> changed_panels;
};

template <class P>
contestant deliver(const sweep_shape& s) {
  auto a = std::make_shared<arrays<P>>(s);
  transfer_call<P> call;
  call.weights = a->weights.data();
  call.messages = a->pre.data();
  call.sum = a->post.data();
  call.changed_panels = a->changed_panels.data();
  call.lanes = s.lanes;
  call.sources = s.sources;
  call.last_panel = panels_for(s.targets);
  call.active = {nullptr, s.sources};
  return {"Locus, deliver", [a, call, kernel = transfer_for<P>(chosen_target()).dense](std::uint64_t n) {
            for (; n > 0; --n) kernel(call);
          }};
}

/// So small that the weights stay what they are in all that matters.
constexpr double alpha = 1e-7;

template <class P>
contestant learn(const sweep_shape& s) {
  auto a = std::make_shared<arrays<P>>(s);
  const model_declaration& model = *all_models().find("gated-hebbian");
  const parameter_block params = model.make_parameters();
  for (const parameter_info& each : model.parameters) {
    if (each.name == "alpha") each.set(params.get(), alpha);
  }
  learn_call<P> call;
  call.state = a->state;
  call.pre = a->before;
  call.post = a->after;
  call.params = params.get();
  call.lanes = s.lanes;
  call.sources = s.sources;
  call.last_panel = panels_for(s.targets);
  call.active = {nullptr, s.sources};
  call.targets = s.targets;
  call.changed_weights = a->changed.data();
  const auto kernel = kernels_of(model, chosen_target()).template synapse<P>().learn_dense;
  return {"Locus, learn", [a, params, call, kernel](std::uint64_t n) mutable {
            for (; n > 0; --n) kernel(call);
          }};
}

template <class P>
contestant multiply(const std::string& name, const sweep_shape& s, blas::product<P> m) {
  auto a = std::make_shared<arrays<P>>(s);
  const bool learns = m.beta != P(0);
  m.a = learns ? a->post.data() : a->pre.data();
  m.b = learns ? a->pre.data() : a->weights.data();
  m.c = learns ? a->weights.data() : a->post.data();
  return {name, [a, m, &library = *blas::find()](std::uint64_t n) {
            for (; n > 0; --n) library.multiply(m);
          }};
}

/// Multiply-adds in registers: a unit is about as many as the sweep has.
template <class P>
contestant peak(std::uint64_t calls) {
  return {"multiply-adds in registers",
          [calls, kernel = roofs_for<P>(chosen_target()).multiply_add](std::uint64_t n) { keep(kernel(n * calls)); }};
}

/// As a row of the table, what is the faster of two in each round.
row faster_of(const row& a, const row& b) {
  row best{"the faster of the two", {{a.quantities.front().unit, {}, nullptr}}, {}, {}};
  for (std::size_t i = 0; i < a.cost().size(); ++i) {
    best.quantities.front().rounds.push_back(std::min(a.cost()[i], b.cost()[i]));
  }
  return best;
}

template <class P>
struct scaled_peak {
  explicit scaled_peak(const sweep_shape& s) {
    const auto each = static_cast<double>(roofs_for<P>(chosen_target()).multiply_adds);
    calls = static_cast<std::uint64_t>(std::ceil(static_cast<double>(s.sources * s.targets * s.lanes) / each));
    scale = 1e9 / (each * static_cast<double>(calls));
  }
  std::uint64_t calls;
  double scale;  ///< to ns per multiply-add
};

double scale_of(const sweep_shape& s) { return 1e9 / static_cast<double>(s.sources * s.targets * s.lanes); }

template <class P>
void run_deliver(table& out, const pace& p, const sweep_shape& s) {
  using enum blas::transposed;
  const scaled_peak<P> roof(s);
  std::vector<measured> all = {{deliver<P>(s), scale_of(s)}, {peak<P>(roof.calls), roof.scale}};
  if (blas::find() != nullptr) {
    all.push_back(
        {multiply<P>("OpenBLAS, weights [target][source]", s, {second, s.lanes, s.targets, s.sources}), scale_of(s)});
    all.push_back(
        {multiply<P>("OpenBLAS, weights [source][target]", s, {none, s.lanes, s.targets, s.sources}), scale_of(s)});
  } else {
    out.notes.emplace_back(no_blas);
  }
  measure(out, all, "ns per multiply-add", p);
  const bool judged = s.lanes >= 16;
  row& locus = out.rows[0];
  add_share(locus, out.rows[1], "% of the peak", judged ? "kernel.deliver.peak" : "");
  if (out.rows.size() > 2) {
    add_speedup(locus, faster_of(out.rows[2], out.rows[3]), "x as fast as OpenBLAS (the faster way)",
                judged ? "kernel.deliver" : "");
  }
  for (row& r : out.rows) add_rate(r, "G multiply-adds/s", 1);
}

template <class P>
void run_learn(table& out, const pace& p, const sweep_shape& s) {
  const scaled_peak<P> roof(s);
  std::vector<measured> all = {
      {learn<P>(s), scale_of(s)}, {updating<P>(s.sources * s.targets), scale_of(s)}, {peak<P>(roof.calls), roof.scale}};
  if (blas::find() != nullptr) {
    all.push_back({multiply<P>("OpenBLAS", s,
                               {.which = blas::transposed::first,
                                .rows = s.targets,
                                .columns = s.sources,
                                .inner = s.lanes,
                                .alpha = P(alpha),
                                .beta = 1}),
                   scale_of(s)});
  } else {
    out.notes.emplace_back(no_blas);
  }
  measure(out, all, "ns per multiply-add", p);
  const bool one = s.lanes == 1;
  row& locus = out.rows[0];
  add_share(locus, out.rows[1], "% of the read + write bandwidth", one ? "kernel.learn.bandwidth" : "");
  add_share(locus, out.rows[2], "% of the peak");
  if (out.rows.size() > 3) {
    add_speedup(locus, out.rows[3], "x as fast as OpenBLAS", one ? "" : "kernel.learn");
    add_share(out.rows[3], out.rows[2], "% of the peak");
  }
}

/// Reading and updating arrays of these sizes.
template <class P>
void run_bandwidth(table& out, const pace& p, const std::vector<std::size_t>& kibibytes) {
  std::vector<measured> all;
  for (const std::size_t size : kibibytes) {
    const std::size_t n = size * 1024 / sizeof(P);
    const double scale = 1e9 / static_cast<double>(n);
    all.push_back({reading<P>(n), scale});
    all.back().who.name = fmt::format("reading {} KiB", size);
    all.push_back({updating<P>(n), scale});
    all.back().who.name = fmt::format("updating {} KiB in place", size);
  }
  measure(out, all, "ns per number", p);
  for (std::size_t i = 0; i < out.rows.size(); ++i) {
    const bool reads = i % 2 == 0;
    add_rate(out.rows[i], reads ? "GB/s read" : "GB/s read and written", (reads ? 1.0 : 2.0) * double{sizeof(P)});
  }
}

template <class P>
void add_jobs(std::vector<job>& jobs, const std::string& precision) {
  for (const auto& [where, kibibytes] :
       {std::pair{"caches", std::vector<std::size_t>{256, 8192}}, {"memory", {131072}}}) {
    jobs.push_back({fmt::format("{}, {}", where, precision), {}, [sizes = kibibytes](table& out, const pace& p) {
                      run_bandwidth<P>(out, p, sizes);
                    }});
  }
  for (const sweep_shape& s :
       {sweep_shape{784, 512, 20}, {784, 512, 64}, {512, 512, 20}, {784, 32, 20}, {784, 512, 1}}) {
    jobs.push_back({fmt::format("deliver, {} -> {}, lanes {}, {}", s.sources, s.targets, s.lanes, precision),
                    {},
                    [s](table& out, const pace& p) { run_deliver<P>(out, p, s); }});
  }
  for (const sweep_shape& s : {sweep_shape{784, 512, 20}, {784, 512, 1}}) {
    jobs.push_back({fmt::format("learn, {} -> {}, lanes {}, {}", s.sources, s.targets, s.lanes, precision),
                    {},
                    [s](table& out, const pace& p) { run_learn<P>(out, p, s); }});
  }
}

}  // namespace

std::vector<job> kernel_jobs(const std::vector<std::string>&) {
  std::vector<job> jobs;
  add_jobs<float>(jobs, "f32");
  add_jobs<double>(jobs, "f64");
  return jobs;
}

}  // namespace locus::bench
