#include "sim/sweep/axes.hpp"

#include <catch2/catch.hpp>

#include <cmath>

#include "sim/core/errors.hpp"

namespace test_sweep_axes {

using namespace locus;
using namespace locus::sweep;
using Catch::Contains;
using texts = std::vector<std::string>;

TEST_CASE("axes: lists of values, as --set takes them", "[sweep]") {
  const axis a = parse_axis("circuit.activation=tanh,relu");
  CHECK(a.key == "circuit.activation");
  CHECK(a.values == texts{"tanh", "relu"});
  CHECK(parse_axis(" learning.alpha = 0.1 , 1e-3 ").values == texts{"0.1", "1e-3"});
  CHECK(parse_axis("circuit.layers=[64, 32, 10],[64,64,10]").values == texts{"[64, 32, 10]", "[64,64,10]"});
  CHECK(parse_axis("weights={ init = \"a,b\", seed = 1 },{ init = 'c}' }").values ==
        texts{"{ init = \"a,b\", seed = 1 }", "{ init = 'c}' }"});
  CHECK(parse_axis(R"(trace.file="a\",b",c)").values == texts{R"("a\",b")", "c"});
  CHECK(parse_axis("circuit.layers[1]=16,32").key == "circuit.layers[1]");
  CHECK(parse_axis("a=b=c").values == texts{"b=c"});
  CHECK(parse_axis("netlist=a.toml,b.toml").key == netlist_key);
}

TEST_CASE("axes: texts with colons are no ranges unless they begin with a number", "[sweep]") {
  CHECK(parse_axis("stimuli.data=hdf5:a.h5:x,csv:b.csv").values == texts{"hdf5:a.h5:x", "csv:b.csv"});
  CHECK(parse_axis("k=\"1:2:lin2\"").values == texts{"\"1:2:lin2\""});
  CHECK(parse_axis("k=[1, 2]:3").values == texts{"[1, 2]:3"});
}

TEST_CASE("axes: equal ratios", "[sweep]") {
  CHECK(parse_axis("learning.alpha=1e-4:1e-2:log5").values ==
        texts{"0.0001", "0.000316227766017", "0.001", "0.00316227766017", "0.01"});
  CHECK(parse_axis("circuit.lanes=1:64:log7").values == texts{"1", "2", "4", "8", "16", "32", "64"});
  CHECK(parse_axis("k=100:1:log3").values == texts{"100", "10", "1"});
  CHECK(parse_axis("k=1:1e20:log2").values == texts{"1", "1e+20"});
}

TEST_CASE("axes: equal differences", "[sweep]") {
  CHECK(parse_axis("k=0:1:lin11").values ==
        texts{"0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"});
  CHECK(parse_axis("k=-1:1:lin3").values == texts{"-1", "0", "1"});
  CHECK(parse_axis("k=1:2:lin3").values == texts{"1", "1.5", "2"});
  CHECK(parse_axis("k=5:1:lin2").values == texts{"5", "1"});
  // Whole numbers stay exact where a double has not all of them.
  CHECK(parse_axis("k=1152921504606846977:1152921504606846979:lin3").values ==
        texts{"1152921504606846977", "1152921504606846978", "1152921504606846979"});
}

TEST_CASE("axes: steps", "[sweep]") {
  CHECK(parse_axis("k=2:10:2").values == texts{"2", "4", "6", "8", "10"});
  CHECK(parse_axis("k=2:9:2").values == texts{"2", "4", "6", "8"});
  CHECK(parse_axis("k=10:2:-4").values == texts{"10", "6", "2"});
  CHECK(parse_axis("k=0:0.3:0.1").values == texts{"0", "0.1", "0.2", "0.3"});
  CHECK(parse_axis("k=3:3:1").values == texts{"3"});
  CHECK(parse_axis("k=1,10:30:10,100").values == texts{"1", "10", "20", "30", "100"});
}

TEST_CASE("axes: what is malformed is refused with a sentence", "[sweep]") {
  const auto complaint = [](const std::string& text) {
    try {
      (void)parse_axis(text);
    } catch (const usage_error& e) {
      CHECK_THAT(std::string(e.what()), Contains("--over " + text));
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  CHECK_THAT(complaint(""), Contains("expected KEY=VALUE"));
  CHECK_THAT(complaint("learning.alpha"), Contains("expected KEY=VALUE"));
  CHECK_THAT(complaint("=1,2"), Contains("expected KEY=VALUE"));
  CHECK_THAT(complaint("k="), Contains("expected a value"));
  CHECK_THAT(complaint("k=1,,2"), Contains("a value is empty"));
  CHECK_THAT(complaint("k=1,2,"), Contains("a value is empty"));
  CHECK_THAT(complaint("k=tanh,relu,tanh"), Contains("the value tanh is there twice"));
  CHECK_THAT(complaint("k=1,1:3:1"), Contains("the value 1 is there twice"));
  CHECK_THAT(complaint("k=1:1:lin3"), Contains("both ends are the same"));
  CHECK_THAT(complaint("k=1:1:log3"), Contains("both ends are the same"));
  CHECK_THAT(complaint("k=0:1:log5"), Contains("equal ratios need both ends to be > 0"));
  CHECK_THAT(complaint("k=-1:1:log5"), Contains("> 0"));
  CHECK_THAT(complaint("k=1:2"), Contains("expected 1:2:log5"));
  CHECK_THAT(complaint("k=1:2:"), Contains("expected 1:2:log5"));
  CHECK_THAT(complaint("k=1:x:lin3"), Contains("the end of the range, \"x\", is no number"));
  CHECK_THAT(complaint("k=1:nan:lin3"), Contains("is no number"));
  CHECK_THAT(complaint("k=1:inf:lin3"), Contains("is no number"));
  CHECK_THAT(complaint("k=1:2:log"), Contains("no number of values"));
  CHECK_THAT(complaint("k=1:2:log1"), Contains(">= 2"));
  CHECK_THAT(complaint("k=1:2:lin-3"), Contains(">= 2"));
  CHECK_THAT(complaint("k=1:2:lin1.5"), Contains("no number of values"));
  CHECK_THAT(complaint("k=1:2:lin99999999999999999999"), Contains("no number of values"));
  CHECK_THAT(complaint("k=1:2:sqrt3"), Contains("neither log, lin"));
  CHECK_THAT(complaint("k=1:2:3:4"), Contains("neither log, lin"));
  CHECK_THAT(complaint("k=1:2:0"), Contains("never come to the end"));
  CHECK_THAT(complaint("k=1:2:-1"), Contains("never come to the end"));
  CHECK_THAT(complaint("k=0:1:1e-12"), Contains("more than 1000000 values"));
}

TEST_CASE("axes: seeds", "[sweep]") {
  CHECK(parse_seeds("3") == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(parse_seeds("7, 3,11") == std::vector<std::uint64_t>{7, 3, 11});
  CHECK(parse_seeds("0,9223372036854775807").back() == 9223372036854775807u);
  for (const char* wrong : {"", "0", "-1", "x", "1,", "1,-2", "1.5", "1:3", "99999999999"}) {
    CAPTURE(wrong);
    CHECK_THROWS_WITH(parse_seeds(wrong), Contains("--seeds"));
  }
}

TEST_CASE("axes: values as numbers", "[sweep]") {
  CHECK(numbers_in({"1", "2.5", "1e-3"}) == std::vector<double>{1, 2.5, 1e-3});
  CHECK(numbers_in({"1", "tanh"}).empty());
  CHECK(numbers_in({"nan"}).empty());
}

}  // namespace test_sweep_axes
