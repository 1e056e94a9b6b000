// Where the files of a netlist are looked for.

#include <catch2/catch.hpp>
#include <filesystem>

#include "models/templates/catalogue.hpp"
#include "sim/netlist/netlist.hpp"
#include "tests/data/scratch_directory.hpp"

namespace test_netlist_named_files {

using namespace locus;

namespace {

constexpr auto short_form =
    "[circuit]\ntemplate = 'feedback-alignment'\nlayers = [2, 3, 1]\n"
    "[weights]\nfile = '../w.h5'\n[feedback]\nweights = { file = 'b.h5' }\n"
    "[stimuli]\ndata = 'csv:d/x.csv'\n";

std::string here(const std::string& name) { return (std::filesystem::current_path() / name).string(); }

std::string file_of(const description& netlist, const std::string& projection) {
  for (const projection_description& p : netlist.projections)
    if (p.name == projection) return std::get<stored_weights>(p.weights).file;
  return "(none)";
}

}  // namespace

TEST_CASE("named files: a netlist's are beside it, an override's in the working directory") {
  const test::scratch_directory folder;
  std::filesystem::create_directories(folder.path("sub"));
  const std::string file = folder.write("sub/n.toml", short_form);
  description d = read_netlist(document::from_file(file), all_templates());
  CHECK(file_of(d, "hidden1.forward") == folder.path("w.h5"));
  CHECK(file_of(d, "hidden1.feedback") == folder.path("sub/b.h5"));
  CHECK(d.data.source == "csv:" + folder.path("sub/d/x.csv"));
  d = read_netlist(
      document::from_file(file, {"weights.file=w.h5", "feedback.weights={ file = 'c.h5' }", "stimuli.data=idx:d"}),
      all_templates());
  CHECK(file_of(d, "hidden1.forward") == here("w.h5"));
  CHECK(file_of(d, "hidden1.feedback") == here("c.h5"));
  CHECK(d.data.source == "idx:" + here("d"));
  d = read_netlist(document::from_file(file, {"feedback.weights.file=c.h5", "weights.file=/w.h5"}), all_templates());
  CHECK(file_of(d, "hidden1.feedback") == here("c.h5"));
  CHECK(file_of(d, "hidden1.forward") == "/w.h5");
}

TEST_CASE("named files: the texts that are kept name them in full") {
  const test::scratch_directory folder;
  const std::string file = folder.write("n.toml",
                                        "[circuit]\ntemplate = 'predictive-coding'\nlayers = [2, 1]\n[weights]\n"
                                        "file = 'w.h5'\n[stimuli]\ndata = 'idx:d'\n[trace]\nfile = 't.h5'\n");
  const document text = document::from_file(file);
  const description d = read_netlist(text, all_templates());
  for (const std::string& kept : {text.canonical_text(), long_form(d)}) {
    CAPTURE(kept);
    CHECK(kept.find('"' + folder.path("w.h5") + '"') != std::string::npos);
    CHECK(kept.find("\"idx:" + folder.path("d") + '"') != std::string::npos);
    const description again = read_netlist(document::from_text(kept, "kept.toml"), all_templates());
    CHECK(file_of(again, "output.forward") == folder.path("w.h5"));
  }
  CHECK(d.trace.file == "t.h5");  // what is written goes where the program runs
  const description other = read_netlist(text.again({"weights.seed=2"}), all_templates());
  CHECK(file_of(other, "output.forward") == folder.path("w.h5"));
}

TEST_CASE("named files: in a long form too") {
  const test::scratch_directory folder;
  const std::string file =
      folder.write("n.toml",
                   "[[population]]\nname = 'a'\nmodel = 'm'\nsize = 1\n[[projection]]\nname = 'p'\nfrom = 'a.x'\n"
                   "to = 'a.y'\nsynapse = 's'\nweights = { file = 'w.h5' }\n");
  CHECK(file_of(read_netlist(document::from_file(file), {}), "p") == folder.path("w.h5"));
  CHECK(file_of(read_netlist(document::from_file(file, {"projection.p.weights.file=v.h5"}), {}), "p") == here("v.h5"));
}

}  // namespace test_netlist_named_files
