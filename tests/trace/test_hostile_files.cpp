/// Damaged and foreign HDF5 files, made from small real ones by a seeded generator: whatever reads them gives numbers
/// or an error, and goes on living.

#include <array>
#include <catch2/catch.hpp>
#include <random>

#include "sim/core/child_process.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"
#include "sim/netlist/weights_file.hpp"
#include "sim/trace/message_log.hpp"
#include "sim/trace/value_stream.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/trace/hand_made_trace.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_hostile_files {

namespace {

using Catch::Contains;
using namespace locus;
using namespace locus::test;

/// Damages of all kinds; each call is another one.
class damage {
 public:
  explicit damage(std::uint32_t seed) : random_(seed) {}

  std::string operator()(std::string bytes) {
    switch (below(6)) {
      case 0: bytes.resize(below(bytes.size())); break;
      case 1: flip_bits(bytes, 1 + below(3)); break;
      case 2: flip_bits(bytes, 64); break;
      case 3: overwrite(bytes, 1 + below(64), '\0'); break;
      case 4: overwrite(bytes, 1 + below(16), '\xff'); break;
      default: copy_within(bytes, 8 + below(256));
    }
    return bytes;
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }

  /// Two of three times near to a signature of one of the library's structures (heaps, trees, tables of names).
  std::size_t place(const std::string& bytes) {
    static constexpr std::array<const char*, 5> signatures = {"TREE", "HEAP", "SNOD", "GCOL", "\x89HDF"};
    const std::size_t start = below(bytes.size());
    if (below(3) == 0) return start;
    const std::size_t found = bytes.find(signatures[below(signatures.size())], start);
    return found == std::string::npos ? start : std::min(bytes.size() - 1, found + below(96));
  }
  void flip_bits(std::string& bytes, std::size_t count) {
    for (; count > 0; --count) {
      char& c = bytes[place(bytes)];
      c = static_cast<char>(static_cast<unsigned char>(c) ^ (1u << below(8)));
    }
  }
  void overwrite(std::string& bytes, std::size_t count, char with) {
    const std::size_t at = place(bytes);
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), std::min(count, bytes.size() - at), with);
  }
  void copy_within(std::string& bytes, std::size_t count) {
    const std::size_t from = place(bytes), to = place(bytes);
    const std::string piece = bytes.substr(from, count);
    bytes.replace(to, std::min(piece.size(), bytes.size() - to), piece.substr(0, bytes.size() - to));
  }

  std::mt19937 random_;
};

/// Reads all there is in a trace.
std::size_t read_all(const std::string& path) {
  constexpr std::size_t most = 100'000;
  const trace_reader trace(path);
  std::size_t numbers = trace.stimuli(most).size();
  for (const trace_variable& v : trace.variables()) {
    value_stream stream(trace, v);
    for (auto tick = stream.next(never); tick && numbers < most; tick = stream.next(*tick)) {
      numbers += stream.at(*tick).size();
    }
  }
  for (const spike_list_info& s : trace.spikes()) {
    numbers += read_spikes(trace, s.group, 0, 1000, most).size();
  }
  if (has_messages(trace)) numbers += message_log(trace).read(0, 1000, most).size();
  return numbers;
}

enum class answer : int { numbers, refusal, death, other };

/// As `locus trace` does it: in a child process, whose death is an answer. Exceptions other than run_error are none.
answer ask(const std::function<void()>& read) {
  const child_end end = run_in_child(
      [&] {
        try {
          read();
        } catch (const run_error&) {
          return static_cast<int>(answer::refusal);
        } catch (...) {
          return static_cast<int>(answer::other);
        }
        return static_cast<int>(answer::numbers);
      },
      std::chrono::milliseconds(250));
  if (end.code) return static_cast<answer>(*end.code);
  return answer::death;
}

struct tally {
  std::size_t numbers = 0, refusals = 0, deaths = 0;

  void count(answer a) {
    CHECK(a != answer::other);
    (a == answer::numbers ? numbers : a == answer::refusal ? refusals : deaths) += 1;
  }
};

}  // namespace

TEST_CASE("hostile files: what is damaged gives numbers or an error", "[hostile]") {
  const scratch_directory folder;
  const std::string good = folder.path("good.h5"), bad = folder.path("bad.h5");
  write_rich_trace(good, "f64", 2);
  REQUIRE(ask([&] { static_cast<void>(read_all(good)); }) == answer::numbers);
  const std::string bytes = bytes_of(good);
  damage damaged(20201);
  tally traces, weights;
  for (int i = 0; i < 200; ++i) {
    folder.write("bad.h5", damaged(bytes));
    traces.count(ask([&] { static_cast<void>(read_all(bad)); }));
    // Whatever happens inside, this process goes on.
    weights.count([&] {
      try {
        static_cast<void>(read_weights(bad, "hidden1.forward"));
      } catch (const run_error& e) {
        CHECK_THAT(e.what(), Contains("cannot read \"" + bad + "\""));
        return answer::refusal;
      }
      return answer::numbers;
    }());
  }
  // All happen: damage to numbers cannot be seen, and where the library dies of damage is its own affair.
  CHECK(traces.numbers > 20);
  CHECK(traces.refusals > 20);
  CHECK(weights.refusals > 20);
  CHECK(traces.numbers + traces.refusals + traces.deaths == 200);
}

namespace {

/// A good trace, changed by `change`; returns the error of reading it.
std::string error_after(const std::function<void(const opened_for_writing&)>& change) {
  const scratch_directory folder;
  const std::string path = folder.path("t.h5");
  write_rich_trace(path);
  change(opened_for_writing(path));
  return message_of<run_error>([&] { static_cast<void>(read_all(path)); });
}

void replace(const opened_for_writing& out, const std::string& path, hid_t type, const hdf5::dataset_layout& layout) {
  H5Ldelete(out.file().id.get(), path.c_str(), H5P_DEFAULT);
  static_cast<void>(hdf5::create_dataset(out.file(), path, type, layout));
}

}  // namespace

TEST_CASE("hostile files: foreign ones are refused by name", "[hostile]") {
  const hsize_t huge = hsize_t{1} << 40u;
  CHECK_THAT(error_after([](const auto& out) { H5Adelete(out.file().id.get(), "format"); }), Contains("is no trace"));
  CHECK_THAT(error_after([](const auto& out) { hdf5::set_integer(out.file(), "format_version", 99); }),
             Contains("format version 99 of traces: this program knows 1 to "));
  CHECK_THAT(error_after([](const auto& out) { hdf5::set_unsigned(out.file(), "lanes", 0); }),
             Contains("\"lanes\" is 0: must be >= 1"));
  CHECK_THAT(error_after([&](const auto& out) {
               replace(out, "/trace/hidden1.value/x", H5T_IEEE_F64LE,
                       {.size = {huge, 2}, .chunk = {128, 2}, .compress = true, .extendible = true});
             }),
             Contains("(/trace/hidden1.value/x): it claims 1099511627776 x 2 numbers, more than the file can hold"));
  CHECK_THAT(error_after([&](const auto& out) {
               replace(out, "/messages/sent", H5T_IEEE_F64LE,
                       {.size = {4}, .chunk = {huge >> 12u}, .extendible = true});
             }),
             Contains("(/messages/sent): its chunks claim 268435456 numbers, more than the file can hold"));
  CHECK_THAT(error_after([](const auto& out) {
               replace(out, "/trace/hidden1.value/x", H5T_STD_I32LE, {.size = {20, 2}, .chunk = {}});
             }),
             Contains("it holds integers: must be floating-point numbers"));
  CHECK_THAT(error_after([](const auto& out) {
               replace(out, "/trace/hidden1.value/x", H5T_IEEE_F64LE, {.size = {20, 5}, .chunk = {}});
             }),
             Contains("its shape does not fit its scales"));
  CHECK_THAT(error_after([](const auto& out) {
               H5Ldelete(out.file().id.get(), "/messages/connection", H5P_DEFAULT);
               out.integers("/messages/connection", {0, 1, 2, 0}, H5T_STD_U32LE);
             }),
             Contains("2 is out of range: must be in [0, 2)"));
  CHECK_THAT(error_after([](const auto& out) {
               H5Ldelete(out.file().id.get(), "/changes/hidden1.value/b/tick", H5P_DEFAULT);
               out.integers("/changes/hidden1.value/b/tick", {0, 0, 3, 2, 7}, H5T_STD_I64LE);
             }),
             Contains("tick 3 is followed by tick 2"));
  CHECK_THAT(error_after([](const auto& out) {
               H5Ldelete(out.file().id.get(), "/spikes/hidden1.phi", H5P_DEFAULT);
               H5Lcreate_soft("/spikes", out.file().id.get(), "/spikes/hidden1.phi", H5P_DEFAULT, H5P_DEFAULT);
             }),
             Contains("there is no dataset \"/spikes/hidden1.phi/timestamps\""));
}

}  // namespace test_trace_hostile_files
