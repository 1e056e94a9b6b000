#include <catch2/catch.hpp>

#include "sim/core/neuron_indices.hpp"

namespace test_core_neuron_indices {

using namespace locus;

TEST_CASE("neuron indices take two bytes until one needs four", "[core]") {
  neuron_indices list;
  CHECK(list.size() == 0);
  list.resize(3);
  list.set(0, 7);
  list.set(2, 0xffff);
  CHECK(list.memory() == 3 * 2);
  CHECK(list.view().wide == nullptr);
  CHECK(list.view().narrow[2] == 0xffff);

  list.set(1, 0x10000);
  CHECK(list.memory() == 3 * 4);
  CHECK(list.view().narrow == nullptr);
  list.resize(4);
  CHECK(list.size() == 4);
  const std::uint32_t expected[] = {7, 0x10000, 0xffff, 0};
  list.view().visit([&](const auto* first) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      CHECK(list[i] == expected[i]);
      CHECK(first[i] == expected[i]);
    }
  });
}

}  // namespace test_core_neuron_indices
