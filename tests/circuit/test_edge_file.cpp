#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "sim/circuit/connections.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/hdf5.hpp"
#include "sim/netlist/weights_file.hpp"
#include "tests/circuit/circuit_testing.hpp"
#include "tests/data/npy_files.hpp"
#include "tests/data/scratch_directory.hpp"

namespace test_circuit_edge_file {

using namespace locus;
using Catch::Contains;
using Catch::EndsWith;
using test::bytes_in_order;
using test::npy_dictionary;
using test::npy_file;
using test::scratch_directory;

namespace {

/// Synapses from 3 neurons onto 4; `keys` say which, and their weights.
std::string netlist(const std::string& keys) {
  return "[[population]]\nname = \"a\"\nmodel = \"point-value\"\nsize = 3\n"
         "[[population]]\nname = \"b\"\nmodel = \"point-value\"\nsize = 4\n"
         "[[projection]]\nname = \"s\"\nfrom = \"a.rate\"\nto = \"b.feedback\"\nsynapse = \"fixed\"\n" +
         keys + "\n";
}

/// Connections and weights of one file, and nothing else.
std::string both_of(const std::string& file, const std::string& dataset = "") {
  const std::string table =
      " = { file = \"" + file + "\"" + (dataset.empty() ? "" : ", dataset = \"" + dataset + "\"") + " }\n";
  return netlist("connect" + table + "weights" + table);
}

struct edge {
  std::size_t post, pre;
  double weight;
  friend bool operator==(const edge&, const edge&) = default;
};

std::vector<edge> edges_of(const std::string& text) {
  const circuit c = testing::circuit_of(text);
  const std::vector<double> weights = initial_weights(c, 0);
  std::vector<edge> all;
  each_connection(c, c.projections[0], [&](std::size_t pre, std::size_t post, std::size_t k) {
    all.push_back({post, pre, weights[k]});
  });
  return all;
}

const std::vector<edge> expected = {{0, 2, 0.5}, {1, 0, -1}, {1, 1, 0.1}, {3, 0, 4}};

/// What building the circuit says of a file of that content, after the folder.
std::string message(const std::string& name, const std::string& content, bool weights = true) {
  const scratch_directory folder;
  const std::string file = folder.write(name, content);
  try {
    (void)edges_of(weights ? both_of(file) : netlist("connect = { file = \"" + file + "\" }"));
  } catch (const std::exception& error) {
    const std::string all = error.what();
    const std::size_t at = all.find(file);
    return at == std::string::npos ? all : all.substr(at + folder.path().size() + 1);
  }
  return "(nothing)";
}

/// An array [n, 3] or [n, 2].
template <class T>
std::string array_of(const std::string& type, const std::vector<T>& numbers, std::size_t columns) {
  const std::string shape = "(" + std::to_string(numbers.size() / columns) + ", " + std::to_string(columns) + ")";
  return npy_file(npy_dictionary(type, shape), bytes_in_order(numbers, false));
}

}  // namespace

TEST_CASE("edge file: CSV in any order of lines and columns") {
  const scratch_directory folder;
  CHECK(edges_of(both_of(folder.write("e.csv", "post,pre,weight\n3,0,4\n1,1,0.1\n0,2,0.5\n1,0,-1\n"))) == expected);
  CHECK(edges_of(both_of(folder.write("f.csv",
                                      "\xEF\xBB\xBF# a comment\r\n weight , pre, post\r\n\r\n0.5,2,0\r\n-1,0,1\r\n"
                                      "4, 0, 3\r\n0.1,1,1"))) == expected);
}

TEST_CASE("edge file: NumPy arrays of pairs, and of pairs with weights") {
  const scratch_directory folder;
  const std::string weighted =
      folder.write("w.npy", array_of<double>("<f8", {3, 0, 4, 1, 1, 0.1, 0, 2, 0.5, 1, 0, -1}, 3));
  CHECK(edges_of(both_of(weighted)) == expected);
  const std::string pairs = folder.write("p.npy", array_of<std::int32_t>("<i4", {1, 1, 0, 2, 3, 0, 1, 0}, 2));
  CHECK(edges_of(netlist("connect = { file = \"" + pairs + "\" }\nweights = { file = \"" + weighted + "\" }")) ==
        expected);
}

TEST_CASE("edge file: MatrixMarket has rows of targets, counted from 1") {
  const scratch_directory folder;
  CHECK(edges_of(both_of(folder.write("e.mtx",
                                      "%%MatrixMarket matrix coordinate real general\n% a comment\n4 3 4\n"
                                      "4 1 4\n2 2 0.1\n\n1 3 5e-1\n2 1 -1\n"))) == expected);
  const std::string pattern =
      folder.write("p.mtx", "%%MatrixMarket matrix coordinate pattern general\n4 3 2\n4 1\n1 3\n");
  CHECK(edges_of(netlist("connect = { file = \"" + pattern + "\" }\nweights = { values = [[7, 8]] }")) ==
        std::vector<edge>{{0, 2, 7}, {3, 0, 8}});
}

TEST_CASE("edge file: weights as they were saved, and SONATA's edges, in any order") {
  const scratch_directory folder;
  write_weights(folder.path("w.h5"),
                {{"s", {1, 4, {4, 0.1, 0.5, -1}}, false, {0, 1, 2, 0}, {3, 1, 0, 1}},
                 {"dense", {4, 3, std::vector<double>(12)}, false, {}, {}}},
                {});
  CHECK(edges_of(both_of(folder.path("w.h5"))) == expected);
  CHECK(edges_of(both_of(folder.path("w.h5"), "s")) == expected);
  CHECK_THROWS_WITH(edges_of(netlist("connect = { file = \"" + folder.path("w.h5") + "\", dataset = \"dense\" }")),
                    Contains("no connections are called \"dense\": expected datasets dense:target and dense:source"));

  {
    const hdf5::session exclusive;
    atomic_file place(folder.path("e.h5"));
    hdf5::object file = hdf5::create_file(place);
    const auto add = [&](const std::string& path, hid_t type, hid_t memory, const void* numbers) {
      hdf5::write(hdf5::create_dataset(file, path, type, {.size = {4}, .chunk = {}}), memory, numbers);
    };
    const std::vector<std::uint64_t> target = {3, 1, 0, 1}, source = {0, 1, 2, 0};
    const std::vector<double> weight = {4, 0.1, 0.5, -1};
    add("/edges/a__b__s/target_node_id", H5T_STD_U64LE, H5T_NATIVE_UINT64, target.data());
    add("/edges/a__b__s/source_node_id", H5T_STD_U64LE, H5T_NATIVE_UINT64, source.data());
    add("/edges/a__b__s/0/syn_weight", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, weight.data());
    add("/mine/target", H5T_STD_U64LE, H5T_NATIVE_UINT64, target.data());
    add("/mine/source", H5T_STD_U64LE, H5T_NATIVE_UINT64, source.data());
    add("/mine/weight", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, weight.data());
    add("/half/target", H5T_STD_U64LE, H5T_NATIVE_UINT64, target.data());
    add("/real/target", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, weight.data());
    add("/real/source", H5T_STD_U64LE, H5T_NATIVE_UINT64, source.data());
    hdf5::close(file);
    place.commit();
  }
  const std::string file = folder.path("e.h5");
  CHECK(edges_of(both_of(file, "/edges/a__b__s")) == expected);
  CHECK(edges_of(both_of(file, "mine")) == expected);
  CHECK_THROWS_WITH(edges_of(both_of(file, "half")), Contains("there is /half/target, but no /half/source"));
  CHECK_THROWS_WITH(edges_of(both_of(file, "real")), Contains("/real/target") && Contains("must be integers"));
}

TEST_CASE("edge file: weights of a table go to whatever connects the same pairs") {
  const scratch_directory folder;
  const std::string file = folder.write("e.csv", "post,pre,weight\n3,0,4\n1,1,0.1\n0,2,0.5\n1,0,-1\n");
  const std::string weights = "weights = { file = \"" + file + "\" }";
  CHECK(edges_of(netlist("connect = { post_pre = [[1, 0], [0, 2], [3, 0], [1, 1]] }\n" + weights)) == expected);
  CHECK_THROWS_WITH(edges_of(netlist("connect = { post_pre = [[1, 0], [0, 2], [3, 1], [1, 1]] }\n" + weights)),
                    Contains("are of other connections: weight 3 is of [3, 0], but here of [3, 1] ([post, pre])"));
  CHECK_THROWS_WITH(edges_of(netlist(weights)), Contains("has 4 weights for the 12 connections of \"s\""));
}

TEST_CASE("edge file: the long form names it") {
  const scratch_directory folder;
  const std::string text = both_of(folder.write("e.csv", "post,pre,weight\n3,0,4\n0,2,0.5\n"));
  const std::string expanded = long_form(testing::description_of(text));
  CHECK_THAT(expanded, Contains("connect = { file = \"" + folder.path("e.csv") + "\" }\n"));
  CHECK(long_form(testing::description_of(expanded)) == expanded);
  CHECK(edges_of(expanded) == edges_of(text));
}

TEST_CASE("edge file: an empty list connects nothing") {
  const scratch_directory folder;
  CHECK(edges_of(both_of(folder.write("e.csv", "post,pre,weight\n"))).empty());
}

TEST_CASE("edge file: what is wrong with a CSV file is told with its line") {
  CHECK_THAT(message("e.csv", ""), EndsWith("e.csv: no header line: expected post,pre or post,pre,weight"));
  CHECK_THAT(message("e.csv", "pre,target\n"), Contains("e.csv:1:5: column \"target\": expected the header post,pre"));
  CHECK_THAT(message("e.csv", "post,weight\n"), Contains("e.csv:1:1: no column \"pre\""));
  CHECK_THAT(message("e.csv", "post,pre,post\n"), Contains("e.csv:1:10: column \"post\" is there twice"));
  CHECK_THAT(message("e.csv", "post,pre,weight\n1,0,1\n1,1\n"), Contains("e.csv:3:1: 2 fields: expected 3"));
  CHECK_THAT(message("e.csv", "post,pre,weight\n1,0.5,1\n"), Contains("e.csv:2:3: \"0.5\": expected the number"));
  CHECK_THAT(message("e.csv", "post,pre,weight\n1,0,nan\n"), Contains("e.csv:2:5: nan: must be finite"));
  CHECK_THAT(message("e.csv", "post,pre,weight\n1,0,\n"), Contains("e.csv:2:5: \"\": must be a number"));
  CHECK_THAT(message("e.csv", "post,pre,weight\n\n4,0,1\n"),
             Contains("e.csv:3:1: the pair [post, pre] is [4, 0]: projection \"s\" has 4 targets and 3 sources"));
  CHECK_THAT(message("e.csv", "post,pre,weight\n1,-1,1\n"), Contains("e.csv:2:3: the pair [post, pre] is [1, -1]"));
  CHECK_THAT(message("e.csv", "post,pre,weight\n1,3,1\n"), Contains("is [1, 3]"));
  CHECK_THAT(message("e.csv", "post,pre,weight\n1,2,1\n0,0,1\n1,2,1\n"),
             Contains("e.csv:4:1: the pair [post, pre] is [1, 2], as in line 2: each may be listed once"));
  CHECK_THAT(message("e.csv", "post,pre\n1,2\n"),
             EndsWith("e.csv: it has no weights: expected a header post,pre,weight"));
  CHECK_THAT(message("e.csv", "post,pre\n1,99999999999999999999\n", false), Contains("e.csv:2:3: "));
}

TEST_CASE("edge file: what is wrong with a NumPy file is told with its row") {
  CHECK_THAT(message("e.npy", "no"), Contains("e.npy: "));
  const std::string good = array_of<double>("<f8", {3, 0, 4, 1, 1, 0.1}, 3);
  CHECK(message("e.npy", good) == "(nothing)");
  CHECK_THAT(message("e.npy", good.substr(0, good.size() - 1)), Contains("e.npy: truncated"));
  CHECK_THAT(message("e.npy", array_of<double>("<f8", {3, 0, 4, 1, 0.5, 0.1}, 3)),
             Contains("e.npy: row 1: 0.5: expected the number of a neuron"));
  CHECK_THAT(message("e.npy", array_of<double>("<f8", {3, 0, 4, 1, 3, 0.1}, 3)), Contains("e.npy: row 1: the pair"));
  CHECK_THAT(message("e.npy", array_of<double>("<f8", {3, 0, 4, 1, 2, 1, 3, 0, 1}, 3)),
             Contains("e.npy: row 2: the pair [post, pre] is [3, 0], as in row 0"));
  CHECK_THAT(message("e.npy", array_of<double>("<f8", {3, 0, 4, 1}, 2)),
             Contains("e.npy: 2 x 2 floating-point numbers: expected integers, [n, 2] (post, pre)"));
  CHECK_THAT(message("e.npy", array_of<std::int64_t>("<i8", {3, 0, 4, 1}, 2), false),
             Contains("e.npy: row 1: the pair [post, pre] is [4, 1]"));
  CHECK_THAT(message("e.npy", array_of<std::int64_t>("<i8", {3, 0}, 2)), Contains("e.npy: it has no weights"));
  CHECK_THAT(message("e.npy", array_of<std::int64_t>("<i8", {3, -1}, 2), false), Contains("is [3, -1]"));
}

TEST_CASE("edge file: what is wrong with a MatrixMarket file is told with its line") {
  const std::string banner = "%%MatrixMarket matrix coordinate real general\n";
  CHECK_THAT(message("e.mtx", ""), Contains("e.mtx:1: expected \"%%MatrixMarket matrix coordinate real general\""));
  CHECK_THAT(message("e.mtx", "%%MatrixMarket matrix array real general\n"), Contains("e.mtx:1: expected"));
  CHECK_THAT(message("e.mtx", "%%MatrixMarket matrix coordinate real symmetric\n"), Contains("e.mtx:1: expected"));
  CHECK_THAT(message("e.mtx", banner), Contains("e.mtx:1: expected the numbers of rows, columns and entries"));
  CHECK_THAT(message("e.mtx", banner + "4 3\n"), Contains("e.mtx:2: expected the numbers of rows"));
  CHECK_THAT(message("e.mtx", banner + "3 4 1\n1 1 1\n"),
             Contains("e.mtx:2: a matrix of 3 rows and 4 columns: projection \"s\" has 4 targets and 3 sources"));
  CHECK_THAT(message("e.mtx", banner + "4 3 2\n1 1 1\n"), Contains("e.mtx:3: the file ends after 1 of 2 entries"));
  CHECK_THAT(message("e.mtx", banner + "4 3 1\n1 1 1\n2 1 1\n"), Contains("e.mtx:4: more than 1 entries"));
  CHECK_THAT(message("e.mtx", banner + "4 3 1\n1 1\n"), Contains("e.mtx:3: 2 numbers: expected row, column and value"));
  CHECK_THAT(message("e.mtx", banner + "4 3 1\n0 1 1\n"), Contains("e.mtx:3:1: row and column 0, 1: expected whole"));
  CHECK_THAT(message("e.mtx", banner + "4 3 1\n1  x 1\n"), Contains("e.mtx:3:4: row and column 1, x: expected whole"));
  CHECK_THAT(message("e.mtx", banner + "4 3 1\n5 1 1\n"),
             Contains("e.mtx:3:1: row and column are [5, 1]: projection \"s\" has 4"));
  CHECK_THAT(message("e.mtx", banner + "4 3 1\n1 1 x\n"), Contains("e.mtx:3:5: value \"x\": expected a number"));
  CHECK_THAT(message("e.mtx", banner + "4 3 1\n1 1 inf\n"), Contains("e.mtx:3:5: weight inf: must be finite"));
  CHECK_THAT(message("e.mtx", banner + "4 3 2\n1 1 1\n1 1 1\n"),
             Contains("e.mtx:4:1: row and column are [1, 1], as in line 3"));
}

TEST_CASE("edge file: what is no file, or none of HDF5, is told") {
  CHECK_THROWS_WITH(edges_of(both_of("/nowhere/e.csv")), Contains("/nowhere/e.csv: cannot be read as a file"));
  CHECK_THROWS_WITH(edges_of(both_of("/nowhere/e.mtx")), Contains("/nowhere/e.mtx: cannot be read as a file"));
  CHECK_THROWS_WITH(edges_of(both_of("/nowhere/e.h5")), Contains("/nowhere/e.h5"));
  CHECK_THAT(message("e.h5", "post,pre\n"), Contains("e.h5"));
}

// ---- delays ----

namespace {

/// A projection whose connections, weights and delays stand in one file.
std::string late_of(const std::string& file, const std::string& dataset = "") {
  const std::string table =
      " = { file = \"" + file + "\"" + (dataset.empty() ? "" : ", dataset = \"" + dataset + "\"") + " }\n";
  return netlist("connect" + table + "weights" + table + "delay" + table);
}

struct late_edge {
  std::size_t post, pre;
  std::uint32_t delay;
  friend bool operator==(const late_edge&, const late_edge&) = default;
};

std::vector<late_edge> late_edges_of(const std::string& text) {
  const circuit c = testing::circuit_of(text);
  std::vector<late_edge> all;
  each_connection(c, c.projections[0], [&](std::size_t pre, std::size_t post, std::size_t k) {
    all.push_back({post, pre, delay_of(c.projections[0], k)});
  });
  CHECK(outline_circuit(testing::description_of(text)).projections[0].delay_up_to == c.projections[0].delay_up_to);
  return all;
}

const std::vector<late_edge> late = {{0, 2, 7}, {1, 0, 1}, {1, 1, 3}, {3, 0, 2}};

std::string late_message(const std::string& name, const std::string& content, const std::string& more = "") {
  const scratch_directory folder;
  const std::string file = folder.write(name, content);
  try {
    (void)late_edges_of(netlist("connect = { file = \"" + file + "\" }\ndelay = { file = \"" + file + "\" }\n" + more));
  } catch (const std::exception& error) {
    const std::string all = error.what();
    const std::size_t at = all.find(file);
    return at == std::string::npos ? all : all.substr(at + folder.path().size() + 1);
  }
  return "(nothing)";
}

}  // namespace

TEST_CASE("edge file: delays beside the connections, in every kind of file") {
  const scratch_directory folder;
  const std::string csv = folder.write("e.csv", "delay,post,pre,weight\n2,3,0,4\n3,1,1,0.1\n7,0,2,0.5\n1,1,0,-1\n");
  CHECK(late_edges_of(late_of(csv)) == late);
  CHECK(edges_of(late_of(csv)) == expected);
  const std::string numbers =
      folder.write("e.npy", array_of<double>("<f8", {3, 0, 4, 2, 1, 1, 0.1, 3, 0, 2, 0.5, 7, 1, 0, -1, 1}, 4));
  CHECK(late_edges_of(late_of(numbers)) == late);
  CHECK(edges_of(late_of(numbers)) == expected);
  const std::string whole =
      folder.write("w.npy", array_of<std::int64_t>("<i8", {1, 1, 3, 0, 2, 7, 3, 0, 2, 1, 0, 1}, 3));
  const std::string pairs_and_delays = "connect = { file = \"" + whole + "\" }\ndelay = { file = \"" + whole + "\" }";
  CHECK(late_edges_of(netlist(pairs_and_delays)) == late);
  // Of a matrix the numbers are what is asked for.
  const std::string delays =
      folder.write("d.mtx", "%%MatrixMarket matrix coordinate integer general\n4 3 4\n4 1 2\n2 2 3\n1 3 7\n2 1 1\n");
  const std::string weights =
      folder.write("w.mtx", "%%MatrixMarket matrix coordinate real general\n4 3 4\n4 1 4\n2 2 0.1\n1 3 0.5\n2 1 -1\n");
  const std::string matrices = "connect = { file = \"" + weights + "\" }\nweights = { file = \"" + weights +
                               "\" }\ndelay = { file = \"" + delays + "\" }";
  CHECK(late_edges_of(netlist(matrices)) == late);
  CHECK(edges_of(netlist(matrices)) == expected);
}

TEST_CASE("edge file: delays in HDF5, as --save-weights writes them, in a group, and in SONATA's edges") {
  const scratch_directory folder;
  write_weights(folder.path("w.h5"),
                {{"s", {1, 4, {4, 0.1, 0.5, -1}}, false, {0, 1, 2, 0}, {3, 1, 0, 1}, {2, 3, 7, 1}}}, {});
  CHECK(late_edges_of(late_of(folder.path("w.h5"))) == late);
  CHECK(edges_of(late_of(folder.path("w.h5"))) == expected);
  {
    const hdf5::session exclusive;
    atomic_file place(folder.path("e.h5"));
    hdf5::object file = hdf5::create_file(place);
    const auto add = [&](const std::string& path, hid_t type, hid_t memory, const void* numbers, hsize_t count = 4) {
      hdf5::write(hdf5::create_dataset(file, path, type, {.size = {count}, .chunk = {}}), memory, numbers);
    };
    const std::vector<std::uint64_t> target = {3, 1, 0, 1}, source = {0, 1, 2, 0}, ticks = {2, 3, 7, 1};
    const std::vector<double> weight = {4, 0.1, 0.5, -1}, ms = {0.2, 0.3, 0.7, 0.1}, off = {0.2, 0.35, 0.7, 0.1};
    for (const char* const name : {"/mine/", "/edges/ticks/", "/edges/ms/", "/edges/off/", "/edges/none/", "/short/"}) {
      const std::string group = name, end = group.starts_with("/edges") ? "_node_id" : "";
      add(group + "target" + end, H5T_STD_U64LE, H5T_NATIVE_UINT64, target.data());
      add(group + "source" + end, H5T_STD_U64LE, H5T_NATIVE_UINT64, source.data());
      add(group + (end.empty() ? "weight" : "0/syn_weight"), H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, weight.data());
    }
    add("/mine/delay", H5T_STD_U32LE, H5T_NATIVE_UINT64, ticks.data());
    add("/short/delay", H5T_STD_U32LE, H5T_NATIVE_UINT64, ticks.data(), 3);
    add("/edges/ticks/0/delay_ticks", H5T_STD_U32LE, H5T_NATIVE_UINT64, ticks.data());
    add("/edges/ticks/0/delay", H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, off.data());  // the exact ones count
    add("/edges/ms/0/delay", H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, ms.data());
    add("/edges/off/0/delay", H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, off.data());
    hdf5::close(file);
    place.commit();
  }
  const std::string file = folder.path("e.h5"), dt = "[circuit]\ndt = 0.1\n";
  CHECK(late_edges_of(late_of(file, "mine")) == late);
  CHECK(late_edges_of(late_of(file, "/edges/ticks")) == late);
  CHECK(late_edges_of(dt + late_of(file, "/edges/ms")) == late);
  CHECK_THROWS_WITH(
      late_edges_of(dt + late_of(file, "/edges/off")),
      Contains("row 1: delay 0.3") && Contains("ms: expected a whole number of ticks, each of which is 0.1 ms"));
  CHECK_THROWS_WITH(late_edges_of(late_of(file, "/edges/ms")), Contains("each of which is 1 ms"));
  CHECK_THROWS_WITH(late_edges_of(late_of(file, "/edges/none")), Contains("/edges/none/0/delay"));
  CHECK_THROWS_WITH(late_edges_of(late_of(file, "short")), Contains("it has 3 delays for 4 connections"));
}

TEST_CASE("edge file: delays go to whatever connects the same pairs, and the long form names their file") {
  const scratch_directory folder;
  const std::string file = folder.write("e.csv", "post,pre,delay\n3,0,2\n1,1,3\n0,2,7\n1,0,1\n");
  const std::string delay = "\ndelay = { file = \"" + file + "\" }";
  const std::string listed = netlist("connect = { post_pre = [[1, 0], [0, 2], [3, 0], [1, 1]] }" + delay);
  CHECK(late_edges_of(listed) == late);
  const std::string expanded = long_form(testing::description_of(listed));
  CHECK_THAT(expanded, Contains("delay = { file = \"" + file + "\" }\n"));
  CHECK(late_edges_of(expanded) == late);
  CHECK_THROWS_WITH(late_edges_of(netlist("connect = { post_pre = [[1, 0], [0, 2], [3, 1], [1, 1]] }" + delay)),
                    Contains("are of other connections: delay 3 is of [3, 0], but here of [3, 1] ([post, pre])"));
  CHECK_THROWS_WITH(late_edges_of(netlist(delay.substr(1))), Contains("has 4 delays for the 12 connections of \"s\""));
}

TEST_CASE("edge file: what is wrong with delays is told with its place") {
  CHECK(late_message("e.csv", "post,pre,delay\n1,0,60000\n") == "(nothing)");
  CHECK_THAT(late_message("e.csv", "post,pre,delay\n1,0,1\n1,1, 2.5\n"),
             Contains("e.csv:3:6: delay 2.5: expected ticks, a whole number from 1 on"));
  for (const char* wrong : {"0", "-1", "4294967296", "1e300"})
    CHECK_THAT(late_message("e.csv", std::string("post,pre,delay\n1,0,") + wrong + "\n"),
               Contains("e.csv:2:5: delay "));
  CHECK_THAT(late_message("e.csv", "post,pre,delay\n1,0,x\n"), Contains("e.csv:2:5: \"x\": must be a number"));
  CHECK_THAT(late_message("e.csv", "post,pre\n1,0\n"),
             EndsWith("e.csv: it has no delays: expected a column \"delay\" in its header"));
  CHECK_THAT(late_message("e.csv", "post,pre,delay\n1,3,1\n"), Contains("e.csv:2:3: the pair [post, pre] is [1, 3]"));
  CHECK_THAT(late_message("e.npy", array_of<std::int64_t>("<i8", {1, 0, 2, 1, 1, 0}, 3)),
             Contains("e.npy: row 1: delay 0: expected ticks"));
  CHECK_THAT(late_message("e.npy", array_of<std::int64_t>("<i8", {1, 0, 1, 1}, 2)), Contains("it has no delays"));
  CHECK_THAT(late_message("e.npy", array_of<double>("<f8", {1, 0, 2.0}, 3)), Contains("it has no delays"));
  const std::string banner = "%%MatrixMarket matrix coordinate ";
  CHECK_THAT(late_message("e.mtx", banner + "real general\n4 3 1\n1 1 1.5\n"), Contains("e.mtx:3:5: delay 1.5"));
  CHECK_THAT(late_message("e.mtx", banner + "pattern general\n4 3 1\n1 1\n"), Contains("it has no delays"));
  const std::string keys = "delay = { file = \"e.csv\", uniform = [1, 2] }";
  CHECK_THROWS_WITH(testing::description_of(netlist(keys)), Contains("\"uniform\" and \"file\" exclude each other"));
  CHECK_THROWS_WITH(testing::description_of(netlist("delay = { }")), Contains("expected ticks, { uniform = [1, 5] }"));
  CHECK_THROWS_WITH(testing::description_of(netlist("delay = { file = \"e.csv\", dataset = \"x\" }")),
                    Contains("only HDF5 files have it"));
}

}  // namespace test_circuit_edge_file
