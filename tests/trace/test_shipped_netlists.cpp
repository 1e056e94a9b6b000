/// Every netlist of the project, with everything recorded and read back.

#include <algorithm>
#include <catch2/catch.hpp>

#include <filesystem>

#include "models/templates/catalogue.hpp"
#include "sim/experiment/experiment.hpp"
#include "sim/trace/selection.hpp"
#include "sim/trace/value_stream.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/engine/engine_testing.hpp"
#include "tests/project_file.hpp"
#include "tests/trace/fake_simulator.hpp"

namespace test_trace_shipped_netlists {

namespace {

using namespace locus;
using namespace locus::test;
using locus::testing::drawn_data;
using locus::testing::project_file;

std::uint32_t width_of(const circuit& c, stimulus_role role) {
  std::uint32_t columns = 0;
  for (const stimulus& s : c.stimuli) {
    if (s.role == role) columns = std::max(columns, s.column_of(c.populations[s.population].size));
  }
  return std::max(columns, 1U);
}

template <class P>
void check_fields(const trace_reader& trace, const simulator& s) {
  const circuit& c = s.net();
  for (const recorded_variable& r : recordable_variables(c)) {
    const std::string name = identity_of(c, r).full_name();
    INFO(name);
    const trace_variable* v = trace.find(name);
    REQUIRE(v != nullptr);
    CHECK(v->columns() == r.total);
    if (r.projection) continue;  // what is recorded of a tick are the weights before its learning
    std::vector<P> now(r.total * c.lanes);
    s.read_field(r.field, now.data());
    value_stream values(trace, *v);
    const auto last = values.at(trace.frames().back());
    CHECK(std::equal(last.begin(), last.end(), now.begin(), now.end()));
  }
}

}  // namespace

TEST_CASE("everything of every netlist can be recorded, in frames and on change") {
  std::size_t netlists = 0;
  for (const auto& entry : std::filesystem::directory_iterator(project_file("netlists"))) {
    if (entry.path().extension() != ".toml") continue;
    ++netlists;
    INFO(entry.path());
    description d = read_netlist(document::from_file(entry.path().string(), {"circuit.lanes=2"}), all_templates());
    d.timeline.frame_ticks = 0;  // the data that are drawn have no frames
    const circuit c = build_circuit(d);
    const data_set data = drawn_data(width_of(c, stimulus_role::input), width_of(c, stimulus_role::teacher), 4, 1);
    const scratch_directory folder;
    experiment_options options;
    options.max_updates = 2;
    options.evaluate = false;
    experiment x(d, data, options);
    trace_description wanted = recording(folder.path("t.h5"), {"*"});
    const bool on_change = netlists % 2 == 0;
    if (on_change) wanted.on_change = {"kind:neurons"};
    trace_writer writer(x.net(), wanted, provenance, false, d.timeline);
    x.sim().observe(&writer);
    (void)x.run();
    writer.close();
    const trace_reader trace(wanted.file);
    if (c.precision == precision::f32) check_fields<float>(trace, x.sim());
    else check_fields<double>(trace, x.sim());
  }
  CHECK(netlists > 10);
}

}  // namespace test_trace_shipped_netlists
