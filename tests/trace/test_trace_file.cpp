#include "sim/trace/trace_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <hdf5_hl.h>
#include <sys/file.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/core/errors.hpp"
#include "sim/core/hdf5.hpp"
#include "sim/trace/value_stream.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/trace/fake_simulator.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_trace_file {

namespace {

using namespace locus;
using namespace locus::test;
using Catch::Contains;
using Catch::Equals;

struct written {
  fake_models models;
  circuit c = fake_circuit(models, "f64", 3);
  scratch_directory folder;
  std::string file = folder.path("trace.h5");

  void write(const std::vector<std::string>& record, bool force = false) {
    fake_simulator s(c);
    trace_writer trace(c, recording(file, record, 5), provenance, force);
    run_ticks(trace, s, 0, 10);
    trace.close();
  }
};

bool attached(const stored& h, const std::string& dataset, const std::string& scale, unsigned dimension) {
  const hid_t d = H5Dopen2(h.file(), dataset.c_str(), H5P_DEFAULT);
  const hid_t s = H5Dopen2(h.file(), scale.c_str(), H5P_DEFAULT);
  const bool result = H5DSis_attached(d, s, dimension) > 0;
  H5Dclose(d);
  H5Dclose(s);
  return result;
}

}  // namespace

TEST_CASE_METHOD(written, "the root tells what was run") {
  write({"value.x"});
  const stored h(file);
  REQUIRE(h.text("/", "format") == "locus-trace");
  REQUIRE(h.integer("/", "format_version") == 3);
  REQUIRE(h.text("/", "netlist") == "[circuit]\n");
  REQUIRE(h.text("/", "netlist_sha256") == "abc123");
  REQUIRE(h.number<std::uint64_t>("/", "seed", H5T_NATIVE_UINT64) == 18446744073709551615ull);
  REQUIRE(h.text("/", "precision") == "f64");
  REQUIRE(h.text("/", "version") == "0.1.0");
  REQUIRE(h.integer("/", "lanes") == 3);
  REQUIRE(h.integer("/", "every") == 5);
  REQUIRE(h.integer("/", "complete") == 1);
  REQUIRE(h.text("/", "ended") == "finished");
  REQUIRE(h.integer("/", "ended_tick") == 10);
}

TEST_CASE_METHOD(written, "variables have units, a meaning and dimension scales") {
  write({"value.x", "theta"});
  const stored h(file);
  REQUIRE(h.text("/trace/input.value/x", "units") == "mV");
  REQUIRE(h.text("/trace/input.value/x", "long_name") == "value");
  REQUIRE(h.text("/trace/tick", "units") == "tick");
  REQUIRE(attached(h, "/trace/input.value/x", "/trace/tick", 0));
  REQUIRE(attached(h, "/trace/input.value/x", "/scales/input.value/neuron", 1));
  REQUIRE(attached(h, "/trace/input.value/x", "/scales/input.value/lane", 2));
  REQUIRE(attached(h, "/trace/hidden1.forward/theta", "/trace/tick", 0));
  REQUIRE(attached(h, "/trace/hidden1.forward/theta", "/scales/hidden1.forward/source", 1));
  REQUIRE(h.integers("/scales/input.value/neuron") == std::vector<std::int64_t>{0, 1, 2});
  REQUIRE(h.integers("/scales/hidden1.forward/source") == std::vector<std::int64_t>{0, 1, 2, 0, 1, 2});
  REQUIRE(h.integers("/scales/hidden1.forward/target") == std::vector<std::int64_t>{0, 0, 0, 1, 1, 1});
  REQUIRE(h.integers("/scales/hidden1.some/source") == std::vector<std::int64_t>{2});
  REQUIRE(h.integers("/scales/hidden1.some/target") == std::vector<std::int64_t>{0});
}

TEST_CASE_METHOD(written, "tables have units and meanings, and the column that says when is the scale of the others") {
  trace_description trace = recording(file, {"spike"});
  trace.on_change = {"x"};
  {
    fake_simulator s(c);
    trace_writer writer(c, trace, provenance, true);
    run_ticks(writer, s, 0, 3);
    writer.close();
  }
  const stored h(file);
  const std::vector<std::vector<std::string>> tables = {
      {"/spikes/hidden1.phi", "timestamps", "node_ids", "lanes"},
      {"/changes/input.value/x", "tick", "neuron", "lane", "value"},
      {"/presentations", "tick", "teacher", "end", "number", "epoch", "lane", "sample", "label"}};
  for (const std::vector<std::string>& table : tables) {
    for (std::size_t k = 1; k < table.size(); ++k) {
      const std::string path = table[0] + "/" + table[k];
      INFO(path);
      REQUIRE(h.has(path));
      CHECK_FALSE(h.text(path, "long_name").empty());
      if (k > 1) CHECK(attached(h, path, table[0] + "/" + table[1], 0));
    }
    CHECK(h.text(table[0] + "/" + table[1], "units") == "tick");
  }
  CHECK(h.text("/spikes/hidden1.phi/node_ids", "units") == "1");
  CHECK(h.text("/changes/input.value/x/value", "units") == "mV");
}

TEST_CASE_METHOD(written, "all groups exist, even when nothing is recorded") {
  write({});
  const stored h(file);
  REQUIRE(h.has("/trace"));
  REQUIRE(h.has("/spikes"));
  REQUIRE(h.has("/circuit"));
  REQUIRE(h.integers("/trace/tick") == std::vector<std::int64_t>{0, 5});
}

TEST_CASE_METHOD(written, "the circuit explains itself") {
  write({});
  const stored h(file);
  const std::string input = "/circuit/populations/input.value";
  REQUIRE(h.text(input, "model") == "cell");
  REQUIRE(h.integer(input, "size") == 3);
  REQUIRE(h.integer(input, "index") == 0);
  REQUIRE(h.text(input, "title") == "a cell");
  REQUIRE(h.text(input, "equation") == "x <- x");
  REQUIRE(h.text(input, "source") == "test");
  REQUIRE(h.number<double>(input, "gamma", H5T_NATIVE_DOUBLE) == 0.5);
  REQUIRE(h.text(input, "f") == "tanh");
  REQUIRE(h.number<double>(input, "size_", H5T_NATIVE_DOUBLE) == 7.0);
  const std::string forward = "/circuit/projections/hidden1.forward";
  REQUIRE(h.text(forward, "from") == "input.value.x");
  REQUIRE(h.text(forward, "to") == "hidden1.value.in");
  REQUIRE(h.text(forward, "synapse") == "weight");
  REQUIRE(h.text(forward, "shape") == "all-to-all");
  REQUIRE(h.integer(forward, "connections") == 6);
  REQUIRE(h.integer(forward, "delay") == 0);
  REQUIRE(h.text(forward, "pre") == "input.value.x");
  REQUIRE(h.text(forward, "post") == "hidden1.value.x");
  REQUIRE(h.text(forward, "gate") == "hidden1.phi.spike");
  REQUIRE(h.text(forward, "gate_at") == "post");
  const std::string link = "/circuit/projections/hidden1.value.x->hidden1.phi.error";
  REQUIRE(h.text(link, "synapse") == "link");
  REQUIRE(h.text(link, "shape") == "one-to-one");
  REQUIRE(h.text(link, "pre") == "(none)");
  REQUIRE(h.text("/circuit/projections/hidden1.some", "shape") == "sparse");
  REQUIRE(h.text("/circuit/projections/hidden1.some", "gate") == "(none)");
  REQUIRE(h.integer("/circuit/projections/hidden1.some", "delay") == 2);
}

TEST_CASE_METHOD(written, "an existing file is refused unless forced") {
  write({"value.x"});
  const std::string before = bytes_of(file);
  const auto message = message_of<usage_error>([&] { write({"theta"}); });
  REQUIRE_THAT(message,
               Equals("net.toml:7:1: trace file \"" + file + "\" exists: choose another name or pass --force"));
  REQUIRE((bytes_of(file) == before));
  write({"theta"}, true);
  REQUIRE((bytes_of(file) != before));
}

TEST_CASE_METHOD(written, "a file that is open elsewhere is refused, and keeps its content") {
  write({"value.x"});
  const std::string before = bytes_of(file);
  const int other = ::open(file.c_str(), O_RDONLY);
  REQUIRE(::flock(other, LOCK_SH) == 0);
  REQUIRE_THAT(message_of<run_error>([&] { write({"theta"}, true); }),
               Equals("cannot write \"" + file + "\": it is open in another program"));
  ::close(other);
  REQUIRE((bytes_of(file) == before));
}

TEST_CASE_METHOD(written, "a wrong pattern leaves no file behind") {
  REQUIRE_FALSE(message_of<usage_error>([&] { write({"y"}); }).empty());
  REQUIRE_FALSE(std::filesystem::exists(file));
}

TEST_CASE_METHOD(written, "places where no file can be are refused") {
  file = folder.path("none/trace.h5");
  REQUIRE_THAT(message_of<usage_error>([&] { write({}); }),
               Equals("net.toml:7:1: trace file \"" + file + "\": there is no folder \"" + folder.path("none") + "\""));
  file = folder.path();
  REQUIRE_THAT(message_of<usage_error>([&] { write({}, true); }),
               Equals("net.toml:7:1: trace file \"" + file + "\" exists and is no file: choose another name"));
}

TEST_CASE_METHOD(written, "names that cannot be part of a path, or would be taken twice, are refused") {
  const auto refusal = [&](const std::string& name) {
    c.populations[0].name = name;
    return message_of<usage_error>([&] { write({"hidden1.forward.theta", "x"}); });
  };
  REQUIRE_THAT(refusal("tick"),
               Equals("net.toml:7:1: \"tick.x\" cannot be recorded: traces reserve the name \"tick\""));
  for (const char* name : {"", ".", "a/b", "/"}) {
    REQUIRE_THAT(refusal(name), Contains("a trace needs names that are not empty, not \".\", and have no \"/\""));
  }
  REQUIRE(refusal("..").empty());
  c.populations[0].name = "hidden1.forward";
  models.cell.fields[0].name = "theta";
  REQUIRE_THAT(message_of<usage_error>([&] { write({"theta"}, true); }),
               Contains("\"hidden1.forward.theta\" cannot be recorded: a population and a projection have"));
}

TEST_CASE_METHOD(written, "whatever a field is called, it can be recorded and read") {
  const std::string first = GENERATE(as<std::string>{}, "neuron", "lane", "source", "target", "synapse", "tick", "min");
  const std::string second = GENERATE(as<std::string>{}, "x", "neuron_neuron", "theta");
  models.cell.fields[0].name = first;
  models.cell.fields[1].name = second;
  const bool on_change = GENERATE(false, true);
  trace_description trace = recording(file, {"*"});
  if (on_change) trace.on_change = {"hidden1.value[1]", "input.value[0,2]"};
  else
    trace.record = {"input.value", fmt::format("hidden1.value.{}[1]", first), "hidden1.value." + second, "spike",
                    "theta"};
  {
    fake_simulator s(c);
    trace_writer writer(c, trace, provenance, true);
    run_ticks(writer, s, 0, 6);
    writer.close();
  }
  const trace_reader read(file);
  CHECK(read.variables().size() == 7);
  for (const char* population : {"input.value", "hidden1.value"}) {
    for (std::size_t f = 0; f < 2; ++f) {
      const std::string name = fmt::format("{}.{}", population, models.cell.fields[f].name);
      INFO(name);
      const trace_variable* v = read.find(name);
      REQUIRE(v != nullptr);
      const output_id field{population == std::string("input.value") ? 0u : 1u, f};
      const std::uint32_t neuron = v->neurons.back();
      CHECK(value_stream(read, *v).at(4).back() == fake_simulator::field_number(field, neuron * 3 + 2, 4));
    }
  }
  CHECK(read.find("hidden1.forward.theta")->column_name(4) == "hidden1.forward.theta[1][1]");
}

TEST_CASE_METHOD(written, "blocks that were packed ahead give the same file") {
  const auto record = GENERATE(values<std::vector<std::string>>({{"x", "spike", "theta"}, {"value.x"}}));
  const trace_description trace = recording(file, record, 1);
  const trace_layout layout = make_layout(c, trace, {});
  const recorder_list recorders = make_recorders(c, trace, layout);
  std::vector<table_layout> tables;
  for (const auto& r : recorders) tables.insert(tables.end(), r->tables().begin(), r->tables().end());
  const auto bytes_of_file = [&](bool ahead) {
    {
      trace_file out(c, trace, provenance, layout, recorders, true);
      chunk_packer packer;
      for (const std::size_t frames : {layout.frames, layout.frames / 4 + 3}) {
        trace_block block(layout, tables);
        for (std::size_t f = 0; f < frames; ++f) block.ticks.push_back(static_cast<tick_t>(f));
        for (std::size_t i = 0; i < block.values.size(); ++i)
          block.values[i] = static_cast<std::byte>(i * i / 64 % 251);
        if (ahead) block.pack(layout, packer);
        out.append(block);
      }
      out.end("finished", 0, true);
    }
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string at_once = bytes_of_file(false);
  CHECK(at_once.size() > 10000);
  CHECK(bytes_of_file(true) == at_once);
}

}  // namespace test_trace_trace_file
