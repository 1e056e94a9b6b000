#include "sim/experiment/checkpoint.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "models/templates/catalogue.hpp"
#include "models/templates/variants.hpp"
#include "sim/core/archive.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/sha256.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/engine/engine_testing.hpp"
#include "tests/project_file.hpp"

namespace test_experiment_checkpoint {

using namespace locus;
using namespace locus::testing;
using Catch::Contains;

namespace {

bool same(const answer_score& a, const answer_score& b) {
  return a.loss == b.loss && a.spread == b.spread && a.correct == b.correct && a.judged == b.judged &&
         a.samples == b.samples;
}

/// A netlist and its data, run whole or in parts.
struct course {
  document text;
  description netlist;
  std::optional<description> twin;
  data_set data;
  test::scratch_directory folder;
  std::string file = folder.path("c.h5");

  course(document d, const std::string& against)
      : text(d), netlist(read_netlist(text, all_templates())), data(load_data(netlist.data)) {
    if (against.empty()) return;
    twin = with_rule(
        [&](const std::vector<std::string>& more) { return document::from_text(text.canonical_text(), "twin", more); },
        against);
  }

  [[nodiscard]] checkpoint_origin origin() const {
    checkpoint_origin run;
    run.version = "1";
    run.netlist = text.canonical_text();
    run.against = twin ? "twin" : "";
    run.against_netlist = twin ? long_form(*twin) : "";
    return run;
  }

  /// Up to `most` presentations (0: all), from the file if `resumed`, with a checkpoint at the `at`-th.
  run_result run(std::uint64_t most, bool resumed, std::uint64_t at, std::size_t threads = 1) {
    experiment_options options;
    options.max_updates = most;
    options.against = twin ? &*twin : nullptr;
    options.simulation.threads = threads;
    options.on_pause = [&](experiment& x, bool) {
      if (x.presentations() == at) save_checkpoint(file, origin(), x);
    };
    experiment x(netlist, data, options);
    if (resumed) stored_checkpoint(file).load(origin(), x);
    return x.run();
  }

  void check_resumed(std::uint64_t total, std::uint64_t at) {
    const run_result whole = run(total, false, 0);
    (void)run(at, false, at);
    const run_result parts = run(total, true, 0, 2);
    CHECK(parts.weights_sha256 == whole.weights_sha256);
    CHECK(parts.total == whole.total);
    CHECK(parts.updates == whole.updates);
    CHECK(parts.presentations == whole.presentations);
    REQUIRE(parts.epochs.size() == whole.epochs.size());
    for (std::size_t i = 0; i < whole.epochs.size(); ++i) {
      const epoch_result &a = parts.epochs[i], &b = whole.epochs[i];
      CHECK(a.epoch == b.epoch);
      CHECK(same(a.train, b.train));
      REQUIRE(a.test.has_value() == b.test.has_value());
      if (a.test) CHECK(same(*a.test, *b.test));
      CHECK(a.total == b.total);
      CHECK(a.updates == b.updates);
    }
    REQUIRE(parts.against.has_value() == whole.against.has_value());
    if (!whole.against) return;
    CHECK(parts.against->updates == whole.against->updates);
    CHECK(parts.against->max_abs == whole.against->max_abs);
    CHECK(parts.against->first_difference == whole.against->first_difference);
  }
};

std::vector<std::string> shipped() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(project_file("netlists"))) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path().string());
  }
  return files;
}

short_form small() {
  short_form form;
  form.layers = {64, 9, 10};
  form.encode = "rate";
  form.lanes = 20;
  form.train_limit = 100;
  form.test_limit = 30;
  form.epochs = 3;
  return form;
}

/// Why a run of `form` cannot go on from the checkpoint in `file`.
std::string refusal(const short_form& form, const std::string& file, const std::string& against = "") {
  course other(document::from_text(form.text(), "other"), against);
  other.file = file;
  try {
    (void)other.run(0, true, 0);
  } catch (const user_error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("checkpoint: every netlist goes on as if it had not stopped", "[experiment][thorough]") {
  for (const std::string& file : shipped()) {
    INFO(file);
    course c(document::from_file(file, {"stimuli.epochs=3"}), "");
    const std::uint64_t batches = experiment(c.netlist, c.data).batches();
    c.check_resumed(batches > 100 ? 40 : 2 * batches + 1, batches > 100 ? 17 : batches + batches / 2);
  }
}

TEST_CASE("checkpoint: with a twin, jitter, shuffle, both precisions, whatever the lanes", "[experiment]") {
  for (const char* precision : {"f64", "f32"}) {
    for (const unsigned lanes : {1u, 20u}) {
      for (const char* against : {"bp", "il"}) {
        short_form form = small();
        form.precision = precision;
        form.lanes = lanes;
        form.predict = "[3, 9]";
        form.teach = "[2, 5]";
        form.rest = "[0, 4]";
        if (std::string(against) == "il") form.teach = "25";
        INFO(form.text());
        const std::uint64_t batches = form.train_limit / lanes;
        // In the middle of an epoch, at its end, and after a single presentation.
        for (const std::uint64_t at : {batches + batches / 2, batches, std::uint64_t{1}}) {
          course(document::from_text(form.text(), "form"), against).check_resumed(2 * batches + batches / 3, at);
        }
      }
    }
  }
}

TEST_CASE("checkpoint: answers that have not settled are scored as in the undisturbed run", "[experiment]") {
  short_form form = small();
  form.layers = {64, 8, 8, 8, 10};
  form.predict = "2";  // below the 4 ticks that an answer needs
  course(document::from_text(form.text(), "form"), "").check_resumed(15, 7);
}

TEST_CASE("checkpoint: a longer run may follow", "[experiment]") {
  short_form form = small();
  course shorter(document::from_text(form.text(), "form"), "");
  (void)shorter.run(0, false, 15);
  form.epochs = 5;
  course longer(document::from_text(form.text(), "form"), "");
  const run_result whole = longer.run(0, false, 0);
  longer.file = shorter.file;
  CHECK(longer.run(0, true, 0).weights_sha256 == whole.weights_sha256);
  form.epochs = 2;
  CHECK_THAT(refusal(form, shorter.file), Contains("it is in epoch 3: stimuli.epochs = 2 must not be less"));
}

TEST_CASE("checkpoint: another run is refused, with the first difference", "[experiment]") {
  course c(document::from_text(small().text(), "form"), "");
  (void)c.run(7, false, 7);
  REQUIRE(refusal(small(), c.file).empty());
  short_form form = small();
  form.lanes = 10;
  CHECK_THAT(refusal(form, c.file), Contains("another netlist: circuit.lanes is 20 in the checkpoint, 10 now"));
  form = small();
  form.precision = "f32";
  CHECK_THAT(refusal(form, c.file), Contains("circuit.precision is \"f64\" in the checkpoint, \"f32\" now"));
  CHECK_THAT(refusal(small(), c.file, "bp"), Contains("its run was compared with nothing: leave out --against"));
  course compared(document::from_text(small().text(), "form"), "bp");
  (void)compared.run(7, false, 7);
  CHECK_THAT(refusal(small(), compared.file), Contains("its run was compared with twin: add --against twin"));
  CHECK_THAT(refusal(small(), compared.file, "fa-z-il"), Contains("another circuit to compare with: "));

  checkpoint_origin run = c.origin();
  run.version = "2";
  run.bits_version += 1;
  experiment x(c.netlist, c.data);
  CHECK_THROWS_WITH(stored_checkpoint(c.file).load(run, x),
                    Contains(fmt::format(
                        "it was written by version 1, whose results have other bits (bits version {}, of this one {})",
                        bits_version, bits_version + 1)));
  run = c.origin();
  run.evaluated = false;
  CHECK_THROWS_WITH(stored_checkpoint(c.file).load(run, x),
                    Contains("its run scored the test set: leave out --no-test"));
}

TEST_CASE("checkpoint: other data, and archives of something else, are refused", "[experiment]") {
  course c(document::from_text(small().text(), "form"), "");
  (void)c.run(7, false, 7);
  c.data.train.input.keep_first(99);
  c.data.train.target.keep_first(99);
  CHECK_THROWS_WITH(c.run(0, true, 0), Contains("its data had 100 training and 30 test samples"));
  const std::string other = c.folder.path("other.h5");
  {
    atomic_file place(other);
    archive a = archive::writer(place);
    std::string format = "locus-something";
    a.value("format", format);
    a.finish();
    place.commit();
  }
  CHECK_THROWS_WITH(stored_checkpoint(other), Contains("its format is \"locus-something\""));
}

TEST_CASE("checkpoint: a file that cannot be written leaves the one before", "[experiment]") {
  course c(document::from_text(small().text(), "form"), "");
  (void)c.run(7, false, 7);
  experiment x(c.netlist, c.data);
  CHECK_THROWS_AS(save_checkpoint(c.folder.path("no/such/c.h5"), c.origin(), x), run_error);
  CHECK(std::distance(std::filesystem::directory_iterator(c.folder.path()), {}) == 1);  // no temporary file is left
}

namespace {

/// The file's text with a seal that fits what follows it.
std::string sealed(const std::string& text) {
  constexpr std::size_t seal_size = 512;
  sha256 hash;
  hash.update(std::as_bytes(std::span(text).subspan(seal_size)));
  std::string result = text;
  return result.replace(text.find(": ") + 2, hash.hex().size(), hash.hex());
}

/// One of many damages, the more of them near to one of the library's structures.
std::string damaged(std::string text, std::mt19937& random) {
  static constexpr std::array<const char*, 5> signatures = {"TREE", "HEAP", "SNOD", "GCOL", "\x89HDF"};
  for (unsigned n = 1 + random() % 4; n > 0; --n) {
    std::size_t at = 512 + random() % (text.size() - 512);
    const std::size_t near = text.find(signatures[random() % signatures.size()], at);
    if (random() % 3 != 0 && near != std::string::npos) at = std::min(near + random() % 96, text.size() - 1);
    switch (random() % 3) {
      case 0: text[at] = static_cast<char>(text[at] ^ static_cast<char>(1u << random() % 7)); break;
      case 1: text.replace(at, std::min<std::size_t>(1 + random() % 16, text.size() - at), 16, '\xff'); break;
      default: text[at] = static_cast<char>(random());
    }
  }
  return text;
}

}  // namespace

TEST_CASE("checkpoint: whatever is under a right seal, this process goes on", "[experiment][hostile]") {
  short_form form = small();
  form.layers = {64, 3, 10};
  form.train_limit = 40;
  form.test_limit = 0;
  course c(document::from_text(form.text(), "form"), "");
  (void)c.run(1, false, 1);
  std::ifstream in(c.file, std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  REQUIRE(sealed(good) == good);
  std::mt19937 random(7);
  int refused = 0;
  for (int i = 0; i < 80; ++i) {
    c.folder.write("c.h5", sealed(damaged(good, random)));
    try {
      (void)c.run(3, true, 0);
    } catch (const user_error&) {
      ++refused;
    }
  }
  CHECK(refused > 8);
  CHECK(refused < 80);
}

TEST_CASE("checkpoint: a run that is stopped within a presentation tells of the presentations before", "[experiment]") {
  course c(document::from_text(small().text(), "form"), "");
  for (const std::int64_t ticks : {40, 1, 73}) {
    experiment_options options;
    std::int64_t left = ticks;
    options.simulation.stop = [&] { return --left < 0; };
    std::uint64_t pauses = 0;
    options.on_pause = [&](experiment& x, bool last) {
      CHECK(x.presentations() == ++pauses);
      CHECK_FALSE(last);
    };
    experiment x(c.netlist, c.data, options);
    const run_result result = x.run();
    CHECK(result.stopped);
    CHECK(result.presentations == pauses);
    CHECK(result.epochs.size() == (pauses + 4) / 5);
  }
}

}  // namespace test_experiment_checkpoint
