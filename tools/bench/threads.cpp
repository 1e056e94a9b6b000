#include <fmt/format.h>

#include <array>
#include <memory>

#include "sim/core/processors.hpp"
#include "tools/bench/networks.hpp"
#include "tools/bench/suite.hpp"

namespace locus::bench {
namespace {

constexpr std::array<std::size_t, 3> thread_counts = {1, 2, 0};  // 0: chosen from the netlist
constexpr std::array<const char*, 3> thread_names = {"one thread", "two threads", "as many as chosen"};

/// Compares the same work on one thread, on two, and on the chosen number. `make(threads)` builds what does a unit.
template <class Make>
void compare(table& out, const pace& p, const std::string& unit, bool large, const Make& make) {
  if (usable_processors() < 2) {
    out.notes.emplace_back("not measured: there is one processor to use");
    return;
  }
  std::vector<measured> contestants;
  for (std::size_t i = 0; i < thread_counts.size(); ++i) {
    contestants.push_back({{thread_names[i], make(thread_counts[i])}, 1e6});
  }
  measure(out, contestants, unit, p, clock_kind::wall);
  add_speedup(out.rows[1], out.rows[0], "x as fast as one", large ? "threads.large" : "");
  add_speedup(out.rows[2], out.rows[0], "x as fast as one", "threads.chosen");
}

std::function<void(std::uint64_t)> ticking(const std::string& text, std::size_t threads) {
  auto network = std::make_shared<runner>(text, 1, on_threads(threads));
  return [network](std::uint64_t n) { network->ticks(n); };
}

std::function<void(std::uint64_t)> training(const document& text, const std::shared_ptr<const data_set>& images,
                                            std::size_t threads) {
  auto trained = std::make_shared<trainer>(text, *images, on_threads(threads));
  return [trained, images](std::uint64_t n) { trained->update(n); };
}

job update_job(const sizes& layers, bool large, const std::vector<std::string>& overrides) {
  const document text = document::from_text(image_network(layers, "f32"), "bench", overrides);
  return {fmt::format("update, {}, f32, batch 20", name_of(layers)),
          {{name_of(layers), text.canonical_text()}},
          [=](table& out, const pace& p) {
            const auto images = std::make_shared<const data_set>(images_for(layers, text));
            compare(out, p, "us per update", large, [&](std::size_t n) { return training(text, images, n); });
          }};
}

job message_job(const std::string& title, const std::string& text) {
  return {title, {{title, text}}, [=](table& out, const pace& p) {
            compare(out, p, "us per tick", true, [&](std::size_t n) { return ticking(text, n); });
          }};
}

}  // namespace

std::vector<job> threads_jobs(const std::vector<std::string>& overrides) {
  return {update_job({784, 1024, 1024, 10}, true, overrides),  // 1 861 632 forward synapses
          message_job("messages, dense, 1000 <-> 1000, f32", pair_of(1000, "f32", "fixed")),
          message_job("messages that learn, dense, 1000 <-> 1000, f32", pair_of(1000, "f32", "gated-hebbian")),
          message_job("messages, sparse, 20 000 neurons, in-degree 100, f32", recurrent(20000, 100, "f32")),
          update_job({784, 32, 10}, false, overrides),
          update_job({784, 512, 512, 10}, false, overrides)};
}

}  // namespace locus::bench
