#include "sim/netlist/weights_file.hpp"

#include <hdf5.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <random>

#include "sim/core/hdf5.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/trace/fake_simulator.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_weights_file {

namespace {

using namespace locus;
using namespace locus::test;
using Catch::Contains;
using Catch::Equals;

struct weights_in_files {
  scratch_directory folder;
  std::string file = folder.path("w.h5");

  std::string error(const std::string& name) const {
    return message_of<run_error>([&] { static_cast<void>(read_weights(file, name)); });
  }
  void write(matrix m, bool single = false) const {
    write_weights(file, {{"hidden1.forward", std::move(m), single, {}, {}}}, {});
  }
  void write_raw(hid_t type, std::vector<hsize_t> size, const void* data) const {
    const hdf5::session exclusive;
    atomic_file place(file);
    hdf5::object opened = hdf5::create_file(place);
    {
      const hdf5::object dataset = hdf5::create_dataset(opened, "w", type, {.size = std::move(size), .chunk = {}});
      hdf5::write(dataset, type, data);
    }
    hdf5::close(opened);
    place.commit();
  }
};

const double tiny = std::numeric_limits<double>::denorm_min();

}  // namespace

TEST_CASE_METHOD(weights_in_files, "weights come back bit for bit") {
  const matrix a{2, 3, {0.1, -0.0, 1e300, tiny, -1.0 / 3.0, 7}};
  const matrix b{1, 2, {static_cast<double>(0.1f), -2.5}};
  write_weights(file, {{"a", a, false, {}, {}}, {"b->c.d", b, true, {}, {}}, {"empty", {1, 0, {}}, false, {}, {}}}, {});
  const matrix read = read_weights(file, "a");
  REQUIRE(read.rows == 2);
  REQUIRE(read.columns == 3);
  REQUIRE(std::memcmp(read.values.data(), a.values.data(), sizeof(double) * 6) == 0);
  REQUIRE(read_weights(file, "b->c.d").values == b.values);
  REQUIRE(read_weights(file, "empty").values.empty());
  REQUIRE(stored(file).width("/b->c.d") == 4);
}

TEST_CASE_METHOD(weights_in_files, "equal weights are equal bytes, and replace what was there at once") {
  const matrix a{1, 3, {1, 2, 3}};
  write(a);
  const std::string first = bytes_of(file);
  write({1, 3, {4, 5, 6}});
  REQUIRE((bytes_of(file) != first));
  write(a);
  REQUIRE((bytes_of(file) == first));
  const std::filesystem::directory_iterator entries(folder.path());
  REQUIRE(std::distance(begin(entries), end(entries)) == 1);
}

TEST_CASE_METHOD(weights_in_files, "a place that cannot be written to is an error, with no file left behind") {
  file = folder.path("none/w.h5");
  REQUIRE_THAT(message_of<run_error>([&] {
                 write({1, 1, {1}});
               }),
               Equals("cannot write \"" + file + "\": No such file or directory"));
  std::filesystem::create_directories(folder.path("none/w.h5/full"));
  REQUIRE_THAT(message_of<usage_error>([&] {
                 write({1, 1, {1}});
               }),
               Contains("cannot write \"" + file + "\": it is a folder"));
  REQUIRE_FALSE(std::filesystem::exists(file + "." + std::to_string(::getpid()) + ".part"));
}

TEST_CASE_METHOD(weights_in_files, "errors of reading name file, dataset and reason") {
  const std::string cannot = "cannot read \"" + file + "\"";
  REQUIRE_THAT(error("w"), Equals(cannot + ": No such file or directory"));
  folder.write("w.h5", "text, which is no HDF5 at all");
  REQUIRE_THAT(error("w"), Equals(cannot + ": not an HDF5 file"));
  folder.write("w.h5", "");
  REQUIRE_THAT(error("w"), Equals(cannot + ": not an HDF5 file"));
  write({1, 2, {1, 2}});
  REQUIRE_THAT(error("hidden1.forwrad"),
               Equals(cannot + ": no dataset \"hidden1.forwrad\" (did you mean \"hidden1.forward\"?)"));
  REQUIRE_THAT(error("something else"), Equals(cannot + ": no dataset \"something else\" (known: hidden1.forward)"));
  REQUIRE_THAT(error(""), Contains("no dataset \"\""));
  REQUIRE_THAT(error("/"), Contains("no dataset \"/\""));
  REQUIRE_THAT(error("a/b"), Contains("no dataset \"a/b\""));
  write({1, 2, {1, std::nan("")}});
  REQUIRE_THAT(error("hidden1.forward"), Equals(cannot + " (/hidden1.forward): weight [0][1] is nan: must be finite"));
  write({2, 1, {1, -INFINITY}}, true);
  REQUIRE_THAT(error("hidden1.forward"), Equals(cannot + " (/hidden1.forward): weight [1][0] is -inf: must be finite"));
}

TEST_CASE_METHOD(weights_in_files, "datasets of another kind are refused") {
  const std::string cannot = "cannot read \"" + file + "\" (/w): ";
  const std::vector<double> numbers = {1, 2, 3, 4};
  write_raw(H5T_NATIVE_DOUBLE, {4}, numbers.data());
  REQUIRE_THAT(error("w"), Equals(cannot + "it has 1 dimension: weights must have two, [post][pre]"));
  write_raw(H5T_NATIVE_DOUBLE, {2, 2, 1}, numbers.data());
  REQUIRE_THAT(error("w"), Equals(cannot + "it has 3 dimensions: weights must have two, [post][pre]"));
  const std::vector<int> integers = {1, 2, 3, 4};
  write_raw(H5T_NATIVE_INT, {2, 2}, integers.data());
  REQUIRE_THAT(error("w"), Equals(cannot + "it holds integers: must be floating-point numbers"));
  write_raw(H5T_C_S1, {2, 2}, "abcd");
  REQUIRE_THAT(error("w"), Equals(cannot + "it holds text: must be floating-point numbers"));
}

TEST_CASE_METHOD(weights_in_files, "a truncated file is refused") {
  write({50, 50, std::vector<double>(2500, 0.25)});
  const std::string bytes = bytes_of(file);
  for (std::size_t length = 0; length < bytes.size(); length += 97) {
    folder.write("w.h5", bytes.substr(0, length));
    REQUIRE_THAT(error("hidden1.forward"), Contains("cannot read \"" + file + "\""));
  }
}

TEST_CASE_METHOD(weights_in_files, "a file that claims more than it can hold is refused before anything is allocated") {
  {
    const hdf5::session exclusive;
    atomic_file place(file);
    hdf5::object opened = hdf5::create_file(place);
    {
      const hsize_t huge = hsize_t{1} << 30u;
      const hdf5::object dataset = hdf5::create_dataset(
          opened, "w", H5T_IEEE_F64LE, {.size = {huge, huge}, .chunk = {1, 16}, .compress = true, .extendible = true});
    }
    hdf5::close(opened);
    place.commit();
  }
  REQUIRE_THAT(error("w"), Contains("it claims 1073741824 x 1073741824 numbers, more than the file can hold"));
}

TEST_CASE_METHOD(weights_in_files,
                 "sparse weights come back with the neurons at their ends, and the file names its netlist") {
  const matrix some{1, 3, {1, 2, 3}}, all{1, 3, {4, 5, 6}};
  write_weights(file, {{"some", some, false, {4, 1, 2}, {0, 1, 1}}, {"all", all, false, {}, {}}},
                {"[x]", "abc", "9.9"});
  const matrix_in_file read = read_weights(file, "some");
  CHECK(read.values == some.values);
  CHECK(read.source == std::vector<std::uint32_t>{4, 1, 2});
  CHECK(read.target == std::vector<std::uint32_t>{0, 1, 1});
  CHECK(read_weights(file, "all").source.empty());
  CHECK(read_weights(file, "/some").target == read.target);
  const stored f(file);
  CHECK(f.text("/", "netlist") == "[x]");
  CHECK(f.text("/", "netlist_sha256") == "abc");
  CHECK(f.text("/", "version") == "9.9");
}

TEST_CASE_METHOD(weights_in_files, "ends that are not of the weights are an error") {
  write_weights(file, {{"some", {1, 3, {1, 2, 3}}, false, {4, 1}, {0, 1, 1}}}, {});
  CHECK_THAT(error("some"), Contains("/some:source has 2 neurons for 3 weights"));
}

TEST_CASE_METHOD(weights_in_files, "damaged files give an error or numbers, and never a crash") {
  std::vector<double> numbers(12 * 9);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = std::cos(static_cast<double>(i));
  write_weights(
      file,
      {{"hidden1.forward", {12, 9, numbers}, false, {}, {}}, {"hidden2.forward", {1, 2, {1, 2}}, true, {3, 4}, {0, 1}}},
      {"[circuit]", "abc", "9"});
  const std::string bytes = bytes_of(file);
  std::mt19937 random(7);
  int read = 0, refused = 0;
  for (int i = 0; i < 200; ++i) {
    std::string damaged = bytes;
    // Half of them within the first 800 bytes, where the structure is.
    const std::size_t at = random() % (i % 2 == 0 ? 800 : damaged.size());
    damaged[at] = static_cast<char>(random() & 0xffu);
    folder.write("w.h5", damaged);
    try {
      const matrix m = read_weights(file, "hidden1.forward");
      REQUIRE(m.values.size() == std::size_t{m.rows} * m.columns);
      ++read;
    } catch (const run_error& e) {
      REQUIRE_THAT(e.what(), Contains("cannot read \"" + file + "\""));
      ++refused;
    }
  }
  REQUIRE(read > 0);
  REQUIRE(refused > 0);
}

TEST_CASE_METHOD(weights_in_files, "the weights in a trace's last frame can be used by the projection's name") {
  const fake_models models;
  const circuit c = fake_circuit(models, "f32", 1);
  fake_simulator s(c);
  trace_writer trace(c, recording(file, {"theta"}), provenance, false);
  run_ticks(trace, s, 0, 10);
  trace.close();
  for (const char* name : {"hidden1.forward", "trace/hidden1.forward/theta", "/trace/hidden1.forward/theta"}) {
    const matrix m = read_weights(file, name);
    REQUIRE(m.rows == 2);
    REQUIRE(m.columns == 3);
    for (std::size_t i = 0; i < 6; ++i) REQUIRE(m.values[i] == fake_simulator::weight_number(0, i, 9));
  }
  const matrix_in_file sparse = read_weights(file, "hidden1.some");
  REQUIRE(sparse.rows == 1);
  REQUIRE(sparse.columns == 1);
  const auto ends = c.projections[*c.find_projection("hidden1.some")].connections.ends(0);
  REQUIRE(sparse.source == std::vector<std::uint32_t>{ends.source});
  REQUIRE(sparse.target == std::vector<std::uint32_t>{ends.target});
  REQUIRE_THAT(error("hidden2.forward"), Contains("no dataset \"hidden2.forward\""));
}

}  // namespace test_trace_weights_file
