#include <fmt/format.h>

#include <random>

#include "tools/bench/networks.hpp"
#include "tools/bench/suite.hpp"

namespace locus::bench {
namespace {

contestant locus_on(std::size_t threads, const std::string& text) {
  return {threads == 1 ? "Locus" : fmt::format("Locus, {} threads", threads), [=](std::uint64_t times) {
            for (; times > 0; --times) {
              const circuit c = build_circuit(description_of(text), all_models(), {}, threads);
              (void)make_simulator(c, on_threads(threads));
            }
          }};
}

contestant twister(std::size_t n) {
  return {"std::mt19937_64", [n](std::uint64_t times) {
            for (; times > 0; --times) {
              std::mt19937_64 random(1);
              std::uniform_real_distribution<double> uniform(-1, 1);
              std::vector<double> all(n);
              for (double& each : all) each = uniform(random);
            }
          }};
}

void run(table& out, const pace& p, const std::string& text, std::size_t synapses, std::string_view key) {
  const double scale = 1e9 / static_cast<double>(synapses);
  measure(out, {{locus_on(1, text), scale}, {twister(synapses), scale}, {locus_on(2, text), scale}}, "ns per synapse",
          p);
  judge(out.rows[0], key);
  add_ratio(out.rows[0], out.rows[1], "x std::mt19937_64");
}

}  // namespace

std::vector<job> build_jobs(const std::vector<std::string>&) {
  std::vector<job> jobs;
  for (const std::string precision : precisions) {
    const std::string dense = pair_of(1000, precision, "fixed");
    jobs.push_back({fmt::format("dense, 1000 <-> 1000, {}", precision),
                    {{"1000 <-> 1000", dense}},
                    [=](table& out, const pace& p) { run(out, p, dense, 2000000, "build.dense"); }});
    const std::string sparse = recurrent(20000, 100, precision);
    jobs.push_back({fmt::format("sparse, 20 000 neurons, in-degree 100, {}", precision),
                    {{"20 000 neurons", sparse}},
                    [=](table& out, const pace& p) { run(out, p, sparse, 2000000, "build.sparse"); }});
  }
  return jobs;
}

}  // namespace locus::bench
