/// Control that counts from the teacher's end.

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "tests/experiment/relays.hpp"

namespace test_experiment_control {

using namespace locus;
using namespace locus::testing;

TEST_CASE("control: may count from the teacher's end, whatever its length", "[experiment]") {
  const auto at = [](const std::string& onset, const presentation_times& times) {
    played p(relay("data = { inputs = [[1]], targets = [[5]] }\npredict = 3\nteach = [4, 6]\nrest = 2\n",
                   "[[population]]\nname = 'told'\nmodel = 'controller'\nsize = 1\n"
                   "[[stimulus]]\npopulation = 'told'\nrole = 'control'\nonset = " +
                       onset + "\nticks = 2\n"));
    signals seen(p.r, {"told"});
    p.r.sim->observe(&seen);
    p.r.world.teach(std::vector<std::uint32_t>{0}, times);
    tick_t first = 0;
    while (seen.of[0].at(static_cast<std::size_t>(first)) == 0) ++first;
    CHECK(seen.of[0].at(static_cast<std::size_t>(first) + 1) == 1);
    return first;
  };
  CHECK(at("'end - 1'", {3, 4, 2}) == 3 + 4 - 1);
  CHECK(at("'end - 1'", {3, 6, 2}) == 3 + 6 - 1);
  CHECK(at("'end'", {3, 5, 2}) == 3 + 5);
  CHECK(at("'end-4'", {3, 4, 2}) == 3);
  CHECK(at("'end - 7'", {3, 4, 2}) == 0);
  CHECK(at("0", {3, 6, 2}) == 3);
}

TEST_CASE("control: what counts from the end must lie within the shortest presentation", "[experiment]") {
  const auto refused = [](const std::string& onset, const std::string& ticks) {
    return message_of_run(relay("data = { inputs = [[1]], targets = [[5]] }\npredict = 3\nteach = [4, 6]\nrest = 2\n",
                                "[[population]]\nname = 'told'\nmodel = 'controller'\nsize = 1\n"
                                "[[stimulus]]\npopulation = 'told'\nrole = 'control'\nonset = " +
                                    onset + "\nticks = " + ticks + "\n"));
  };
  CHECK(refused("'end'", "2").empty());
  CHECK(refused("'end - 7'", "9").empty());
  CHECK(refused("'end + 1'", "2")
            .find("the control signal of \"told\" comes at ticks 1 to 2 after the teacher's end, "
                  "which is outside the presentation (-7 to 1)") != std::string::npos);
  CHECK_FALSE(refused("'end - 8'", "1").empty());
  CHECK_FALSE(refused("'end - 3'", "0").empty());  // as long as the teacher, 6 ticks at most: to 3 after its end
  CHECK(refused("'end - 4'", "0").empty());
}

}  // namespace test_experiment_control
