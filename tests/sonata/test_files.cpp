/// What holds for every file: section 0 of the rules of sim/sonata/README.md.

#include <catch2/catch.hpp>

#include "tests/sonata/exported.hpp"
#include "tests/sonata/sonata_reading.hpp"

namespace test_sonata_files {

using namespace locus;
using namespace locus::test;

namespace {

void check_root(const sonata_file& f) {
  const hdf5::handle magic(H5Aopen(f.file(), "magic", H5P_DEFAULT));
  REQUIRE(magic);
  const hdf5::handle magic_type(H5Aget_type(magic.get())), magic_space(H5Aget_space(magic.get()));
  CHECK(H5Tequal(magic_type.get(), H5T_STD_U32LE) > 0);
  CHECK(H5Sget_simple_extent_type(magic_space.get()) == H5S_SCALAR);
  CHECK(f.integer("/", "magic") == 0x0A7A);
  const hdf5::handle version(H5Aopen(f.file(), "version", H5P_DEFAULT));
  REQUIRE(version);
  const hdf5::handle version_type(H5Aget_type(version.get())), version_space(H5Aget_space(version.get()));
  CHECK(H5Tequal(version_type.get(), H5T_STD_U32LE) > 0);
  hsize_t count = 0;
  REQUIRE(H5Sget_simple_extent_ndims(version_space.get()) == 1);
  H5Sget_simple_extent_dims(version_space.get(), &count, nullptr);
  REQUIRE(count == 2);
  std::vector<std::uint32_t> numbers(2, 77);
  H5Aread(version.get(), H5T_NATIVE_UINT32, numbers.data());
  CHECK(numbers == std::vector<std::uint32_t>{0, 1});
}

/// Rule 8: variable length, UTF-8, attributes scalar.
void check_texts(const sonata_file& f) {
  std::size_t seen = 0;
  f.each_text([&](hid_t type, hid_t space, bool attribute) {
    ++seen;
    CHECK(H5Tis_variable_str(type) > 0);
    CHECK(H5Tget_cset(type) == H5T_CSET_UTF8);
    if (attribute) CHECK(H5Sget_simple_extent_type(space) == H5S_SCALAR);
  });
  CHECK(seen >= 2);  // at least those of /meta
}

/// Rule 6: the root has one group of populations and our own; all children of the first are groups.
void check_groups(const sonata_file& f) {
  const auto root = f.children("/");
  REQUIRE(root.size() == 2);
  const std::string kind = root[0] == "meta" ? root[1] : root[0];
  CHECK((kind == "report" || kind == "spikes" || kind == "nodes" || kind == "edges"));
  CHECK(f.has("/meta"));
  for (const std::string& name : f.children("/" + kind)) CHECK(f.is_group("/" + kind + "/" + name));
}

void check_all(const exported_run& run, std::size_t files) {
  const auto all = hdf5_files(run.path(""));
  CHECK(all.size() == files);
  for (const std::string& path : all) {
    INFO(path);
    const sonata_file f(path);
    check_root(f);
    check_texts(f);
    check_groups(f);
  }
}

}  // namespace

TEST_CASE("sonata: magic, version, texts and groups of every file", "[sonata]") {
  // 2 of the network, spikes, and a report for each of a, b, x, rate, burst, eps, mu, mu_before, quiet, spike and for
  // the weights of 5 projections.
  check_all(exported_run(xor_netlist()), 2 + 1 + 10 + 5);
  // 2 of the network; in each of 3 lanes spikes and x, b, spike, eps_changes; the weights of 2 projections.
  check_all(exported_run(sparse_netlist()), 2 + 3 * 5 + 2);
}

TEST_CASE("sonata: two exports of one trace are equal bytes", "[sonata]") {
  const exported_run run(sparse_netlist());
  sonata::output_folder again(run.scratch.path("again"), false);
  const sonata::origin from{"9.9", sparse_netlist(), "abc"};
  sonata::write_circuit(again, run.net, sonata::last_weights_of(*run.trace, run.net), from, untold);
  (void)sonata::write_recordings(again, *run.trace, run.net, from, untold);
  again.commit();
  std::size_t compared = 0;
  for (const auto& each : std::filesystem::recursive_directory_iterator(run.path(""))) {
    if (!each.is_regular_file()) continue;
    const auto name = std::filesystem::relative(each.path(), run.path(""));
    INFO(name);
    CHECK(bytes_of(each.path().string()) == bytes_of((std::filesystem::path(again.path()) / name).string()));
    ++compared;
  }
  CHECK(compared > 20);
}

TEST_CASE("sonata: a folder that has something in it is refused, unless told to", "[sonata]") {
  const scratch_directory scratch;
  (void)scratch.write("mine.txt", "mine");
  CHECK(message_of<usage_error>([&] { sonata::output_folder(scratch.path(), false); }) ==
        "the folder \"" + scratch.path() + "\" is not empty: choose another name or pass --force");
  CHECK(message_of<usage_error>([&] { sonata::output_folder(scratch.path("mine.txt"), true); }) ==
        "\"" + scratch.path("mine.txt") + "\" is no folder: choose another name");
  CHECK(message_of<usage_error>([&] { sonata::output_folder("", false); }) != "");
  sonata::output_folder folder(scratch.path(), true);
  folder.write_text("a/b.txt", "text");
  folder.commit();
  CHECK(bytes_of(scratch.path("a/b.txt")) == "text");
  CHECK(bytes_of(scratch.path("mine.txt")) == "mine");
}

TEST_CASE("sonata: nothing in a folder changes until all files are on the disk", "[sonata]") {
  namespace fs = std::filesystem;
  const scratch_directory scratch;
  (void)scratch.write("a.txt", "old");
  (void)scratch.write("circuit_config.json", "old");
  {
    sonata::output_folder folder(scratch.path(), true);
    folder.write_text("a.txt", "new");
    folder.write_text("b/c/d.txt", "new");
    CHECK(bytes_of(scratch.path("a.txt")) == "old");
  }
  CHECK(bytes_of(scratch.path("a.txt")) == "old");
  CHECK_FALSE(fs::exists(scratch.path("b")));
  CHECK(std::distance(fs::directory_iterator(scratch.path()), fs::directory_iterator()) == 2);
  {
    const sonata::output_folder unused(scratch.path("new/folder"), false);
    CHECK(fs::exists(scratch.path("new/folder")));
  }
  CHECK_FALSE(fs::exists(scratch.path("new")));
  sonata::output_folder folder(scratch.path(), true);
  folder.write_text("a.txt", "first");
  folder.write_text("a.txt", "second");  // instead of the first
  folder.write_text("circuit_config.json", "new");
  folder.commit();
  CHECK(bytes_of(scratch.path("a.txt")) == "second");
  CHECK(bytes_of(scratch.path("circuit_config.json")) == "new");
}

}  // namespace test_sonata_files
