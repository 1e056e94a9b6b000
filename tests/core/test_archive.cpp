#include "sim/core/archive.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

#include "sim/core/errors.hpp"
#include "tests/data/scratch_directory.hpp"

namespace test_core_archive {

using namespace locus;
using Catch::Contains;

namespace {

struct things {
  std::string text = "a \"text\"\n";
  bool flag = true;
  double number = 0.1;
  std::int64_t whole = -7;
  std::uint64_t count = 12;
  std::vector<double> doubles = {1, -0.0, 1.0 / 3};
  std::vector<std::uint8_t> bytes = {255, 0};
  std::vector<std::uint64_t> list = {1, 2, 3};

  void serialize(archive& a) {
    a.value("text", text);
    const auto part = a.enter("a/part");
    a.value("flag", flag);
    a.value("number", number);
    a.value("whole", whole);
    a.value("count", count);
    a.values("doubles", std::span(doubles), {1, doubles.size()});
    a.values("bytes", std::span(bytes));
    a.list("list", list);
  }
};

struct archive_files {
  test::scratch_directory folder;
  std::string file = folder.path("a.h5");

  void save() const {
    things t;
    atomic_file place(file);
    archive a = archive::writer(place);
    t.serialize(a);
    a.finish();
    place.commit();
  }
  /// Why `t` cannot be loaded, or "".
  std::string error_of(things t) const {
    try {
      archive a = archive::reader(file);
      t.serialize(a);
    } catch (const run_error& e) {
      CHECK_THAT(e.what(), Contains(file));
      return e.what();
    }
    return "";
  }
};

}  // namespace

TEST_CASE_METHOD(archive_files, "archive: everything comes back", "[core]") {
  save();
  things t{.text = "",
           .flag = false,
           .number = 0,
           .whole = 0,
           .count = 0,
           .doubles = {9, 9, 9},
           .bytes = {1, 1},
           .list = {}};
  archive a = archive::reader(file);
  t.serialize(a);
  const things expected;
  CHECK(t.text == expected.text);
  CHECK(t.flag == expected.flag);
  CHECK(t.number == expected.number);
  CHECK(t.whole == expected.whole);
  CHECK(t.count == expected.count);
  CHECK(t.doubles == expected.doubles);
  CHECK(std::signbit(t.doubles[1]));
  CHECK(t.bytes == expected.bytes);
  CHECK(t.list == expected.list);
}

TEST_CASE_METHOD(archive_files, "archive: other sizes, missing parts and other files are refused", "[core]") {
  CHECK_THAT(error_of({}), Contains("No such file"));
  save();
  CHECK(error_of({}).empty());
  things more;
  more.doubles.push_back(1);
  CHECK_THAT(error_of(more), Contains("a%2Fpart/doubles") && Contains("it has the shape [1, 3]: expected [1, 4]"));
  {
    archive a = archive::reader(file);
    CHECK_THROWS_WITH(a.enter("nothing"), Contains("there is no \"nothing\""));
    std::vector<double> none;
    CHECK_THROWS_WITH(a.list("none", none), Contains("there is no \"none\""));
  }
  folder.write("a.h5", "no HDF5 at all");
  CHECK_THAT(error_of({}), Contains("it is no checkpoint"));
}

TEST_CASE_METHOD(archive_files, "archive: a file cut short, made longer or with another bit is refused", "[core]") {
  save();
  std::ifstream in(file, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t length = 0; length < whole.size(); length += 997) {
    folder.write("a.h5", whole.substr(0, length));
    REQUIRE_FALSE(error_of({}).empty());
  }
  folder.write("a.h5", whole + "x");
  CHECK_THAT(error_of({}), Contains("it is damaged"));
  for (std::size_t at = 0; at < whole.size(); at += 331) {
    std::string other = whole;
    other[at] = static_cast<char>(other[at] ^ 0x40);
    folder.write("a.h5", other);
    REQUIRE_FALSE(error_of({}).empty());
  }
  folder.write("a.h5", whole);
  CHECK(error_of({}).empty());
}

}  // namespace test_core_archive
