#include <catch2/catch.hpp>

#include "sim/netlist/netlist.hpp"
#include "tests/netlist/netlist_testing.hpp"

namespace test_netlist_netlist {

using locus::description;
using locus::section;
using locus::template_catalogue;
using locus::testing::read;
using locus::testing::read_message;

namespace {

/// Reads some keys of its own, as a template does, and adds one population.
void tiny_template(const section& root, description& out) {
  locus::population_description population;
  population.name = "only";
  population.size = static_cast<std::uint32_t>(root.table("circuit").whole("neurons", 1));
  (void)root.table("learning").number("alpha", 1);
  (void)root.table("stimuli").text("start", "settle");
  out.populations.push_back(population);
}

const template_catalogue templates{{"tiny", tiny_template}, {"predictive-coding", tiny_template}};

description read_short(const std::string& keys) {
  return read("[circuit]\ntemplate = \"tiny\"\nneurons = 3\n" + keys, {}, templates);
}

/// The keys of [stimuli] begin on line 5.
description stimuli(const std::string& keys) { return read_short("[stimuli]\n" + keys); }

std::string stimuli_message(const std::string& keys) {
  return locus::testing::usage_message([&] { (void)stimuli(keys); });
}

}  // namespace

TEST_CASE("netlist: what a short form leaves out has its default") {
  const auto d = read_short("");
  CHECK(d.source == "n.toml");
  CHECK(d.precision == locus::precision::f64);
  CHECK(d.lanes == 1);
  CHECK_FALSE(d.record_nonfinite);
  CHECK(d.epochs == 1);
  CHECK_FALSE(d.shuffle.has_value());
  CHECK(d.timeline.predict.low == 8);
  CHECK(d.timeline.predict.high == 8);
  CHECK(d.timeline.teach.low == 4);
  CHECK(d.timeline.rest.high == 0);
  CHECK_FALSE(d.timeline.hold_teacher);
  CHECK(d.timeline.jitter_seed == 1);
  CHECK(d.data.source == "digits");
  CHECK(d.data.split == "shuffled");
  CHECK(d.data.split_seed == 1);
  CHECK(d.trace.file.empty());
  CHECK(d.trace.every == 1);
  CHECK(d.populations.at(0).size == 3);
}

TEST_CASE("netlist: the template sees the common keys already read") {
  bool called = false;
  const template_catalogue watching{{"tiny", [&](const section& root, description& out) {
                                       called = true;
                                       CHECK(out.lanes == 4);
                                       CHECK(out.timeline.predict.low == 3);
                                       tiny_template(root, out);
                                     }}};
  (void)read("[circuit]\ntemplate = 'tiny'\nlanes = 4\nneurons = 1\n[stimuli]\npredict = 3\nstart = 'forward'\n", {},
             watching);
  CHECK(called);
}

TEST_CASE("netlist: a template that does not exist") {
  CHECK(read_message("[circuit]\ntemplate = \"predictive-codin\"\n", {}, templates) ==
        "n.toml:2:12: circuit.template = \"predictive-codin\": no template has this name"
        " (did you mean \"predictive-coding\"?)");
  CHECK(read_message("[circuit]\ntemplate = \"x\"\n", {"circuit.template=bp"}, templates) ==
        "--set circuit.template=bp: circuit.template = \"bp\": no template has this name"
        " (known: predictive-coding, tiny)");
}

TEST_CASE("netlist: neither form") {
  CHECK(read_message("[circuit]\nlanes = 2\n") ==
        "n.toml: expected circuit.template = \"...\" (short form) or at least one [[population]] (long form)");
  CHECK(read_message("") ==
        "n.toml: expected circuit.template = \"...\" (short form) or at least one [[population]] (long form)");
  CHECK(read_message("[circiut]\ntemplate = \"tiny\"\n") ==
        "n.toml:1:1: unknown key \"circiut\" (did you mean \"circuit\"?)");
}

TEST_CASE("netlist: keys of the long form are unknown in the short form") {
  CHECK_THAT(read_message("[circuit]\ntemplate = 'tiny'\nneurons = 1\n[[population]]\nname = 'a'\n", {}, templates),
             Catch::StartsWith("n.toml:4:1: unknown key \"population\""));
}

TEST_CASE("netlist: misspelt keys of the common tables") {
  CHECK(stimuli_message("predikt = 3\n") == "n.toml:5:1: unknown key \"stimuli.predikt\" (did you mean \"predict\"?)");
  CHECK(read_message("[circuit]\ntemplate = 'tiny'\nneurons = 1\nlane = 3\n", {}, templates) ==
        "n.toml:4:1: unknown key \"circuit.lane\" (did you mean \"lanes\"?)");
  CHECK(read_message("[circuit]\ntemplate = 'tiny'\nneurons = 1\n[trace]\nfiel = 'a'\n", {}, templates) ==
        "n.toml:5:1: unknown key \"trace.fiel\" (did you mean \"file\"?)");
}

TEST_CASE("netlist: [circuit]") {
  const auto message = [](const std::string& line) { return read_message("[circuit]\n" + line, {}, templates); };
  CHECK(message("lanes = \"many\"") == "n.toml:2:9: circuit.lanes = \"many\": expected a whole number >= 1");
  CHECK(message("lanes = 4294967296") ==
        "n.toml:2:9: circuit.lanes = 4294967296: expected a whole number <= 4294967295");
  CHECK(message("precision = \"f16\"") ==
        "n.toml:2:13: circuit.precision = \"f16\": expected \"f64\" or \"f32\" (did you mean \"f64\"?)");
  CHECK(message("on_nonfinite = \"ignore\"") ==
        "n.toml:2:16: circuit.on_nonfinite = \"ignore\": expected \"stop\" or \"record\"");
  CHECK(read_message("circuit = 3") == "n.toml:1:11: circuit = 3: expected a table");
}

TEST_CASE("netlist: [stimuli] timeline") {
  const auto d = stimuli(
      "predict = [8, 16]\nteach = 6\nrest = 1\nteacher_off = false\njitter_seed = 7\nepochs = 0\nshuffle = 3\n");
  CHECK(d.timeline.predict.low == 8);
  CHECK(d.timeline.predict.high == 16);
  CHECK(d.timeline.predict.at.text() == "n.toml:5:11");
  CHECK(d.timeline.hold_teacher);
  CHECK(d.timeline.jitter_seed == 7);
  CHECK(d.epochs == 0);
  CHECK(d.shuffle == 3);
  CHECK(stimuli_message("teach = -3") ==
        "n.toml:5:9: stimuli.teach = -3: expected a whole number of ticks >= 0 or a range [low, high]");
  CHECK(stimuli_message("shuffle = true") == "n.toml:5:11: stimuli.shuffle = true: expected a whole number >= 0");
  CHECK(stimuli_message("epochs = -1") == "n.toml:5:10: stimuli.epochs = -1: expected a whole number >= 0");
  CHECK(stimuli_message("jitter_seed = -1") == "n.toml:5:15: stimuli.jitter_seed = -1: expected a whole number >= 0");
  CHECK(stimuli_message("teacher_off = 1") == "n.toml:5:15: stimuli.teacher_off = 1: expected true or false");
}

TEST_CASE("netlist: [stimuli] data by name") {
  CHECK(stimuli("data = \"digits\"").data.source == "digits");
  CHECK(stimuli("data = \"fashion-mnist\"").data.source == "fashion-mnist");
  CHECK(stimuli("data = \"mnist\"\ntrain_on = \"test\"").data.train_on == "test");
  CHECK(stimuli("data = \"idx:mnist\"").data.source == "idx:mnist");
  CHECK(stimuli("data = \"csv:a.csv\"").data.source == "csv:a.csv");
  CHECK(stimuli("data = \"csv:a.csv\"").data.at.text() == "n.toml:5:8");
  const std::string forms =
      "expected \"digits\", \"mnist\", \"fashion-mnist\", \"idx:DIR\", \"csv:FILE\", { inputs = [[...]], targets = "
      "[[...]] }, { inputs = \"npy:FILE\", targets = \"npy:FILE\" } or { teacher = [30, 10] }";
  CHECK(stimuli_message("data = \"digit\"") ==
        "n.toml:5:8: stimuli.data = \"digit\": " + forms + " (did you mean \"digits\"?)");
  CHECK(stimuli_message("data = \"idx:\"") == "n.toml:5:8: stimuli.data = \"idx:\": " + forms);
  CHECK(stimuli_message("data = 3") == "n.toml:5:8: stimuli.data = 3: expected a text");
  CHECK(stimuli_message("split = \"random\"") ==
        "n.toml:5:9: stimuli.split = \"random\": expected \"shuffled\" or \"file-order\"");
  CHECK(stimuli_message("train_limit = -1") == "n.toml:5:15: stimuli.train_limit = -1: expected a whole number >= 0");
}

TEST_CASE("netlist: [stimuli] data in the file") {
  const auto d = stimuli("data = { inputs = [[0, 1], [1, 1]], targets = [[1], [0]] }\n");
  CHECK(d.data.source == "arrays");
  CHECK(d.data.inputs == locus::data_array{"", {2, 2}, {0, 1, 1, 1}});
  CHECK(d.data.targets == locus::data_array{"", {2, 1}, {1, 0}});
  CHECK_FALSE(d.data.test_inputs.given());
  CHECK(stimuli("[stimuli.data]\ninputs = [[1]]\ntargets = [[1]]\n").data.inputs.shape.size() == 2);
  CHECK_FALSE(stimuli("data = { inputs = [[0]] }").data.targets.given());
  CHECK(stimuli("data = { inputs = [[[0, 1]], [[2, 3]]], targets = [0, 2] }").data.inputs ==
        locus::data_array{"", {2, 1, 2}, {0, 1, 2, 3}});
  CHECK(stimuli("data = { inputs = [[0], [1]], targets = [0, 2] }").data.targets == locus::data_array{"", {2}, {0, 2}});
  const std::string forms =
      "expected rows of numbers: [[...], ...], frames of such rows: [[[...], ...], ...], \"npy:FILE\" or "
      "\"hdf5:FILE:DATASET\"";
  CHECK(stimuli_message("data = { targets = [[0]] }") == "n.toml:5:8: stimuli.data.inputs is missing: " + forms);
  CHECK(stimuli_message("data = { inputs = [[0]], targets = [[0], [1]] }") ==
        "n.toml:5:36: stimuli.data.targets = [[0], [1]]: expected 1 rows as in \"inputs\", found 2");
  CHECK(stimuli_message("data = { inputs = [[0]], targets = [[0]], test_inputs = [[1]] }") ==
        "n.toml:5:8: stimuli.data.test_targets is missing: " + forms);
  CHECK(stimuli_message("data = { inputs = [[0]], targets = [[0]], test_targets = [[1]] }") ==
        "n.toml:5:8: stimuli.data.test_inputs is missing: " + forms);
  CHECK(stimuli_message("data = { inputs = [[0]], test_inputs = [[1]], test_targets = [[1]] }") ==
        "n.toml:5:62: stimuli.data.test_targets = [[1]]: expected none, since there are no \"targets\"");
  CHECK(stimuli_message("data = { inputs = [[0, nan]], targets = [[0]] }") ==
        "n.toml:5:24: stimuli.data.inputs[0][1] = nan: expected a finite number");
  CHECK(stimuli_message("data = { inputs = [[0]], targets = [[0]], input = 3 }") ==
        "n.toml:5:43: unknown key \"stimuli.data.input\" (did you mean \"inputs\"?)");
  CHECK(stimuli_message("data = { inputs = [0, 1] }") == "n.toml:5:19: stimuli.data.inputs = [0, 1]: " + forms);
  CHECK(stimuli_message("data = { inputs = 3 }") == "n.toml:5:19: stimuli.data.inputs = 3: " + forms);
  CHECK(stimuli_message("data = { inputs = [[[0], [1]], [[2]]] }") ==
        "n.toml:5:32: stimuli.data.inputs[1] = [[2]]: expected 2 frames as in the first sample, found 1");
  CHECK(stimuli_message("data = { inputs = [[[0, 1]], [[2]]] }") ==
        "n.toml:5:31: stimuli.data.inputs[1][0] = [2]: expected 2 numbers as in the first row, found 1");
  CHECK(stimuli_message("data = { inputs = [[0, 1], [2, [3]]] }") ==
        "n.toml:5:32: stimuli.data.inputs[1][1] = [3]: expected a number");
  CHECK(stimuli_message("data = { inputs = [[0, 1], 2] }") ==
        "n.toml:5:28: stimuli.data.inputs[1] = 2: expected a list of numbers");
  CHECK(stimuli_message("data = { inputs = [[[[0]]]] }") ==
        "n.toml:5:19: stimuli.data.inputs = [[[[0]]]]: expected at most three levels of lists: "
        "[sample][frame][feature]");
  CHECK(stimuli_message("data = { inputs = [[0]], targets = [0.5] }") ==
        "n.toml:5:37: stimuli.data.targets[0] = 0.5: expected a whole number >= 0");
  CHECK(stimuli_message("data = { inputs = [[0]], targets = [65536] }") ==
        "n.toml:5:37: stimuli.data.targets[0] = 65536: expected a whole number <= 65535");
}

TEST_CASE("netlist: [stimuli] arrays in files") {
  const auto d = stimuli(
      "data = { inputs = 'npy:x.npy', targets = 'hdf5:a:b.h5:/c/d', test_inputs = [[1]], test_targets = 'npy:t.npy' }");
  CHECK(d.data.source == "arrays");
  CHECK(d.data.inputs.file_name() == "x.npy");
  CHECK(d.data.inputs.dataset().empty());
  CHECK(d.data.targets.file_name() == "a:b.h5");
  CHECK(d.data.targets.dataset() == "/c/d");
  CHECK(d.data.test_inputs.shape == std::vector<std::uint32_t>{1, 1});
  for (const char* wrong : {"npy:", "x.npy", "hdf5:", "hdf5:a.h5", "hdf5:a.h5:", "hdf5::x", "csv:a.csv"}) {
    INFO(wrong);
    CHECK(stimuli_message("data = { inputs = '" + std::string(wrong) + "' }").find("expected rows of numbers") !=
          std::string::npos);
  }
}

TEST_CASE("netlist: [stimuli] frames and reports, and the length of a tick") {
  const auto d = stimuli("frame_ticks = 3\nreport = ['rms(a.b.c^2)', 'mean(a.x)']\n");
  CHECK(d.timeline.frame_ticks == 3);
  CHECK(d.timeline.frames_at.text() == "n.toml:5:15");
  REQUIRE(d.reports.size() == 2);
  CHECK(d.reports[0].function == locus::report_function::rms);
  CHECK(d.reports[0].of.population == "a.b");
  CHECK(d.reports[0].of.member == "c");
  CHECK(d.reports[0].squared);
  CHECK(d.reports[0].text() == "rms(a.b.c^2)");
  CHECK_FALSE(d.reports[1].squared);
  CHECK(stimuli("").timeline.frame_ticks == 0);
  CHECK(stimuli_message("frame_ticks = 0") == "n.toml:5:15: stimuli.frame_ticks = 0: expected a whole number >= 1");
  CHECK(read_message("[circuit]\ndt = 0\n", {}, templates) ==
        "n.toml:2:6: circuit.dt = 0: expected the milliseconds of a tick, a number > 0");
}

TEST_CASE("netlist: [trace]") {
  const auto d = read_short("[trace]\nfile = \"a.h5\"\nrecord = [\"value.x\"]\nevery = 5\n");
  CHECK(d.trace.file == "a.h5");
  CHECK(d.trace.record == std::vector<std::string>{"value.x"});
  CHECK(d.trace.every == 5);
  CHECK(d.trace.at.text() == "n.toml:4:1");
  const auto message = [](const std::string& line) { return read_message("[trace]\n" + line); };
  CHECK(message("every = 0") == "n.toml:2:9: trace.every = 0: expected a whole number >= 1");
  CHECK(message("precision = 'f16'").find("n.toml:2:13: trace.precision = \"f16\": expected \"run\" or \"f32\"") == 0);
  const std::string windows = "expected [first, last] with 0 <= first < last, or a list of such windows";
  CHECK(message("presentations = [3, 3]") == "n.toml:2:17: trace.presentations = [3, 3]: " + windows);
  CHECK(message("presentations = [[0, 1], [3]]") == "n.toml:2:26: trace.presentations[1] = [3]: " + windows);
  CHECK(message("messages_limit = -1") == "n.toml:2:18: trace.messages_limit = -1: expected a whole number >= 0");
  const auto logged = read_short(
      "[trace]\non_change = ['phi.spike']\npresentations = [0, 5]\nprecision = 'f32'\nmessages = true\n"
      "messages_limit = 7\n");
  CHECK(logged.trace.on_change == std::vector<std::string>{"phi.spike"});
  CHECK(logged.trace.presentations == std::vector<locus::window>{{0, 5}});
  CHECK(logged.trace.precision == "f32");
  CHECK(logged.trace.messages);
  CHECK(logged.trace.messages_limit == 7);
  CHECK(read_short("[trace]\npresentations = [[0, 5], [9, 10]]").trace.presentations ==
        std::vector<locus::window>{{0, 5}, {9, 10}});
  CHECK(message("from = 4\nuntil = 4") == "n.toml:3:9: trace.until = 4: expected a tick after from = 4");
  CHECK(message("record = \"value.x\"") == "n.toml:2:10: trace.record = \"value.x\": expected a list of texts");
}

}  // namespace test_netlist_netlist
