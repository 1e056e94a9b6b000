#include <fmt/format.h>

#include "tools/bench/networks.hpp"
#include "tools/bench/reference/blas.hpp"
#include "tools/bench/reference/products.hpp"
#include "tools/bench/suite.hpp"

namespace locus::bench {
namespace {

/// The time that reading each weight once (to deliver) and updating it once (to learn) takes at the least, as a
/// share of what the row took.
quantity share_of_roof(const row& locus, const row& read, const row& update) {
  quantity q{"% of the read + write bandwidth", {}, nullptr};
  for (std::size_t i = 0; i < locus.cost().size(); ++i) {
    q.rounds.push_back(100 * (read.cost()[i] + update.cost()[i]) / locus.cost()[i]);
  }
  return q;
}

template <class P>
void run(table& out, const pace& p, const std::string& text, const shapes& all, bool in_cache) {
  runner network(text);
  const double scale = 1e9 / static_cast<double>(weights_of(all));
  std::vector<measured> contestants = {{{"Locus", [&](std::uint64_t n) { network.ticks(n); }}, scale},
                                       {reading<P>(weights_of(all)), scale},
                                       {updating<P>(weights_of(all)), scale}};
  if (blas::find() != nullptr) contestants.push_back({blas_messages<P>(all, true), scale});
  else out.notes.push_back(no_blas);
  measure(out, contestants, "ns per message", p);
  row& locus = out.rows[0];
  locus.facts = network.work();
  if (in_cache) judge(locus, "learn.in-cache");
  locus.quantities.push_back(share_of_roof(locus, out.rows[1], out.rows[2]));
  if (!in_cache) locus.quantities.back().judged = find_target("learn.outside");
  add_rate(out.rows[1], "GB/s read", static_cast<double>(sizeof(P)));
  add_rate(out.rows[2], "GB/s read and written", static_cast<double>(2 * sizeof(P)));
  if (out.rows.size() > 3) add_ratio(locus, out.rows[3], "x OpenBLAS");
}

template <class P>
void add_learning_jobs(std::vector<job>& jobs, const std::string& precision) {
  const std::string small = chain({784, 32, 10}, precision, "\"all-to-all\"", "gated-hebbian");
  jobs.push_back({fmt::format("dense, 784-32-10, {}: weights fit L2", precision),
                  {{"784-32-10", small}},
                  [=](table& out, const pace& p) {
                    run<P>(out, p, small, {{784, 32}, {32, 10}}, true);
                  }});
  const std::string large = pair_of(1000, precision, "gated-hebbian");
  jobs.push_back({fmt::format("dense, 1000 <-> 1000, {}: weights do not fit L2", precision),
                  {{"1000 <-> 1000", large}},
                  [=](table& out, const pace& p) {
                    run<P>(out, p, large, {{1000, 1000}, {1000, 1000}}, false);
                  }});
}

}  // namespace

std::vector<job> learn_jobs(const std::vector<std::string>&) {
  std::vector<job> jobs;
  add_learning_jobs<float>(jobs, "f32");
  add_learning_jobs<double>(jobs, "f64");
  return jobs;
}

}  // namespace locus::bench
