#include <fmt/format.h>

#include "tools/bench/networks.hpp"
#include "tools/bench/reference/blas.hpp"
#include "tools/bench/reference/products.hpp"
#include "tools/bench/suite.hpp"

namespace locus::bench {
namespace {

contestant ticking(const std::string& name, runner& r) {
  return {name, [&r](std::uint64_t n) { r.ticks(n); }};
}

/// A dense network beside OpenBLAS and beside reading as many numbers as it has weights.
template <class P>
void run_dense(table& out, const pace& p, const std::string& text, const shapes& all, bool in_cache) {
  runner network(text);
  const double scale = 1e9 / static_cast<double>(weights_of(all));
  std::vector<measured> contestants = {{ticking("Locus", network), scale}, {reading<P>(weights_of(all)), scale}};
  if (blas::find() != nullptr) contestants.push_back({blas_messages<P>(all, false), scale});
  else out.notes.push_back(no_blas);
  measure(out, contestants, "ns per message", p);
  row& locus = out.rows[0];
  locus.facts = network.work();
  if (in_cache) judge(locus, sizeof(P) == sizeof(float) ? "message.in-cache.f32" : "message.in-cache.f64");
  add_share(locus, out.rows[1], "% of the read bandwidth", in_cache ? "" : "message.outside");
  add_rate(out.rows[1], "GB/s", static_cast<double>(sizeof(P)));
  if (out.rows.size() > 2) add_ratio(locus, out.rows[2], "x OpenBLAS");
}

constexpr std::uint32_t sparse_size = 20000, sparse_degree = 100;

/// Everybody sends; of a layer of sources a share sends and the others are silent.
template <class P>
void run_sparse(table& out, const pace& p, const std::string& everybody, const std::string& layer) {
  runner all(everybody);
  runner tenth(layer, 0.1);
  runner hundredth(layer, 0.01);
  constexpr double scale = 1e9 / (double{sparse_size} * sparse_degree);
  measure(out,
          {{ticking("Locus, all sources active", all), scale},
           {ticking("Locus, 10 % of the sources active", tenth), scale},
           {ticking("Locus, 1 % of the sources active", hundredth), scale},
           {compressed_rows<P>(sparse_size, sparse_degree), scale}},
          "ns per synapse and tick", p);
  judge(out.rows[0], sizeof(P) == sizeof(float) ? "message.sparse.f32" : "message.sparse.f64");
  judge(out.rows[2], "message.few");
  out.rows[0].facts = all.work();
  out.rows[1].facts = tenth.work();
  out.rows[2].facts = hundredth.work();
  for (std::size_t i = 0; i < 3; ++i) add_ratio(out.rows[i], out.rows[3], "x CSR loop");
}

template <class P>
void add_message_jobs(std::vector<job>& jobs, const std::string& precision) {
  const std::string small = chain({784, 32, 10}, precision, "\"all-to-all\"", "fixed");
  jobs.push_back({fmt::format("dense, 784-32-10, {}: weights fit L2", precision),
                  {{"784-32-10", small}},
                  [=](table& out, const pace& p) {
                    run_dense<P>(out, p, small, {{784, 32}, {32, 10}}, true);
                  }});
  const std::string large = pair_of(1000, precision, "fixed");
  jobs.push_back({fmt::format("dense, 1000 <-> 1000, {}: weights do not fit L2", precision),
                  {{"1000 <-> 1000", large}},
                  [=](table& out, const pace& p) {
                    run_dense<P>(out, p, large, {{1000, 1000}, {1000, 1000}}, false);
                  }});
  const std::string everybody = recurrent(sparse_size, sparse_degree, precision);
  const std::string layer = chain({sparse_size, sparse_size}, precision,
                                  fmt::format("{{ fixed_indegree = {}, seed = 1 }}", sparse_degree), "fixed");
  jobs.push_back({fmt::format("sparse, 20 000 neurons, in-degree 100, {}", precision),
                  {{"all sources active", everybody}, {"a share of the sources active", layer}},
                  [=](table& out, const pace& p) { run_sparse<P>(out, p, everybody, layer); }});
}

}  // namespace

std::vector<job> message_jobs(const std::vector<std::string>&) {
  std::vector<job> jobs;
  add_message_jobs<float>(jobs, "f32");
  add_message_jobs<double>(jobs, "f64");
  return jobs;
}

}  // namespace locus::bench
