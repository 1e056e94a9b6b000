#include "tools/bench/networks.hpp"
#include "tools/bench/suite.hpp"

namespace locus::bench {
namespace {

constexpr std::uint64_t billion = 1000000000;
constexpr std::uint64_t some_ticks = 1000;

void advance(simulator& s, std::uint64_t ticks) { s.advance(s.now() + static_cast<tick_t>(ticks)); }

void run(table& out, const pace& p, const sizes& layers, const document& text) {
  const data_set images = images_for(layers, text);
  trainer tracked(text, images, on_threads(1));
  simulator_options everything = on_threads(1);
  everything.track_activity = false;
  trainer busy(text, images, everything);
  busy.update(1);
  const contestant quiet = {"a presentation and 10^9 ticks", [&](std::uint64_t n) {
                              for (; n > 0; --n) {
                                tracked.update(1);
                                advance(tracked.sim(), billion);
                              }
                            }};
  const contestant computed = {"computing 10^9 ticks (from 1000)",
                               [&](std::uint64_t n) { advance(busy.sim(), n * some_ticks); }};
  measure(out, {{quiet, 1e3}, {computed, 1e3 * double{billion} / double{some_ticks}}}, "ms", p);
  judge(out.rows[0], "quiet.billion");
  add_ratio(out.rows[0], out.rows[1], "x computing them");
}

}  // namespace

std::vector<job> quiet_jobs(const std::vector<std::string>& overrides) {
  const sizes layers{784, 32, 10};
  const document text = document::from_text(image_network(layers, "f32"), "bench", overrides);
  return {{name_of(layers) + ", f32, batch 20",
           {{name_of(layers), text.canonical_text()}},
           [=](table& out, const pace& p) { run(out, p, layers, text); }}};
}

}  // namespace locus::bench
