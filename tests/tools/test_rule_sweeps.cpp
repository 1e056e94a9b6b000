/// The kernels that `locus bench rules` compares with compute the same bits as the texts.

#include <catch2/catch.hpp>

#include "tools/bench/rule_sweeps.hpp"

namespace test_tools_rule_sweeps {

using namespace locus;
using namespace locus::bench;

namespace {

template <class P>
void compare(const state_kernel<P>& written, const projection_sizes& size) {
  INFO(written.model << ", lanes " << size.lanes);
  const model_declaration& text = *all_models().find(written.model);
  const auto sweep = [&](const model_declaration& m) {
    return swept_synapses<P>(m, kernels_of(m, chosen_target()).template synapse<P>(), size);
  };
  swept_synapses<P> by_text = sweep(text), by_writing = sweep(by_hand(text, written));
  const aligned_vector<P> at_first = by_text.state(text.weight);
  for (int n = 0; n < 40; ++n) {
    by_text.update();
    by_writing.update();
    for (std::size_t f = 0; f < text.state.size(); ++f) REQUIRE(by_text.state(f) == by_writing.state(f));
  }
  CHECK(by_text.state(text.weight) != at_first);
}

}  // namespace

TEMPLATE_TEST_CASE("rule sweeps: what is written by hand has the bits of the text", "[bench]", float, double) {
  for (const state_kernel<TestType>& written : state_kernels_for<TestType>(chosen_target())) {
    for (const std::size_t lanes : {1u, 3u}) compare<TestType>(written, {48, 32, lanes});
  }
}

}  // namespace test_tools_rule_sweeps
