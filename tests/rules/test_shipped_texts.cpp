/// The models that are shipped as text declare what the compiled ones declare, and compute the same bits, interpreted
/// and followed.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "sim/audit/rules.hpp"
#include "sim/core/aligned.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/models.hpp"
#include "sim/netlist/netlist.hpp"
#include "sim/rules/declaration.hpp"
#include "tests/project_file.hpp"

namespace test_rules_shipped_texts {

using namespace locus;
using namespace locus::testing;

namespace {

std::vector<std::string> text_files() {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(project_file("models"))) {
    if (entry.path().extension() == ".toml") all.push_back(entry.path().string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

/// The declarations of all texts in models/.
std::vector<model_declaration> shipped_texts() {
  std::vector<model_declaration> all;
  for (const std::string& file : text_files()) {
    for (const auto& text : read_model_texts(document::from_file(file)).models)
      all.push_back(rules::declaration_of(text));
  }
  return all;
}

// ---- declarations ---------------------------------------------------------------------------------------------------

std::string words_of(const limits& valid) {
  return fmt::format("{} {} {} {}", valid.low, valid.high, valid.low_open, valid.whole);
}

/// All that a declaration says, one statement a line.
std::vector<std::string> statements_of(const model_declaration& m) {
  std::vector<std::string> all;
  const auto say = [&]<class... Each>(fmt::format_string<Each...> text, Each&&... each) {
    all.push_back(fmt::format(text, std::forward<Each>(each)...));
  };
  say("kind {}", static_cast<int>(m.kind));
  say("name {}", m.info.name);
  say("title {}", m.info.title);
  say("equation {}", m.info.equation);
  say("source {}", m.info.source);
  say("notes {}", m.info.notes);
  const parameter_block block = m.make_parameters();
  for (const parameter_info& p : m.parameters) {
    say("parameter {} [{}] {}: {}", p.name, p.unit, p.meaning, words_of(p.valid));
    say("  default {}, {}", text_of(p.get(block.get())), p.get(block.get()).index());
    for (const std::string& name : p.names) say("  choice {}", name);
  }
  for (const field& f : m.fields) {
    say("field {} [{}] {}: {} {} {}", f.name, f.unit, f.meaning, static_cast<int>(f.by), static_cast<int>(f.seen),
        f.event);
  }
  for (const port& p : m.ports) say("port {} [{}] {}: {}", p.name, p.unit, p.meaning, static_cast<int>(p.from));
  const auto say_ports = [&](const phase_info& phase) {
    for (const std::size_t q : phase.ports) say("  reads {}", q);
  };
  say("step {}", m.step.has_value());
  if (m.step) say_ports(*m.step);
  for (const phase_info& reaction : m.reactions) {
    say("reaction");
    say_ports(reaction);
  }
  say("clamp {} {}", m.has_clamp, m.clamp_is_total);
  say("plastic {} {}", m.plastic, m.gated);
  say("idle {} {}", m.idle.when_gate_is_zero, m.idle.when_pre_is_zero);
  return all;
}

// ---- bits -----------------------------------------------------------------------------------------------------------

template <class P>
using bits_of_number = std::conditional_t<sizeof(P) == 4, std::uint32_t, std::uint64_t>;

/// Numbers where rounding, signs and overflow show.
template <class P>
P number_from(const random_stream& random, std::uint64_t a, std::uint64_t b) {
  using range = std::numeric_limits<P>;
  static constexpr std::array special = {P(0),
                                         P(0),
                                         -P(0),
                                         P(1),
                                         -P(1),
                                         P(0.5),
                                         P(2),
                                         P(3),
                                         range::denorm_min(),
                                         -range::denorm_min(),
                                         P(1e-40),
                                         P(-1e-39),
                                         P(1e-310),
                                         range::min(),
                                         range::max(),
                                         -range::max(),
                                         P(1e30),
                                         P(-1e20),
                                         P(1e-25),
                                         range::epsilon()};
  const std::uint64_t sort = random.below(24, a, 2 * b);
  if (sort < 2) return sort == 0 ? range::infinity() : -range::infinity();
  if (sort < 10) return special[random.below(special.size(), a, 2 * b + 1)];
  return static_cast<P>(4 * random.uniform(a, 2 * b + 1) - 2);
}

/// Which call of a kernel.
struct section_call {
  int reaction = -1;  ///< -1: advance
  bool steps = false, clamped = false;
};

std::vector<section_call> sections_of(const model_declaration& m) {
  std::vector<section_call> all = {{-1, false, false}, {-1, true, false}};
  if (m.has_clamp) all.push_back({-1, false, true}), all.push_back({-1, true, true});
  for (std::size_t k = 0; k < m.reactions.size(); ++k) all.push_back({static_cast<int>(k), false, false});
  return all;
}

const phase_info& phase_of(const model_declaration& m, const section_call& s) {
  static const phase_info none;
  if (s.reaction >= 0) return m.reactions[static_cast<std::size_t>(s.reaction)];
  return m.step ? *m.step : none;
}

/// Part of a population, and who listens to it.
struct extent {
  std::size_t neurons = 1, lanes = 1;
  bool some_asleep = false;  ///< every other panel
  bool from_second = false;  ///< the first panel is left to another call
  bool with_changes = true;  ///< somebody listens
};

/// All arrays of a call.
template <class P>
struct arrays {
  std::vector<aligned_vector<P>> fields, ports, changes;
  aligned_vector<P> clamp;
  std::vector<std::vector<std::uint16_t>> present;
  std::vector<std::vector<std::uint32_t>> events;
  std::vector<std::uint8_t> moved_panels, awake;
  std::array<P, panel_width> last_valid{};

  arrays(const model_declaration& m, const extent& e) {
    const random_stream random(e.neurons * 1000 + e.lanes, "test", m.info.name);
    const std::size_t panels = panels_for(e.neurons);
    std::uint64_t key = 0;
    const auto drawn = [&] {
      aligned_vector<P> all(panels * e.lanes * panel_width);
      ++key;
      for (std::size_t i = 0; i < e.neurons; ++i)
        for (std::size_t lane = 0; lane < e.lanes; ++lane)
          all[field_offset(i, lane, e.lanes)] = number_from<P>(random, key, i * e.lanes + lane);
      return all;
    };
    for (std::size_t f = 0; f < m.fields.size(); ++f) {
      fields.push_back(drawn());
      changes.emplace_back(panels * panel_width, P(7));
      present.emplace_back(panels, 0x5a5a);
      events.emplace_back(panels, 99);
    }
    for (std::size_t q = 0; q < m.ports.size(); ++q) ports.push_back(drawn());
    clamp = drawn();
    moved_panels.assign(panels, 9);
    for (std::size_t panel = 0; panel < panels; ++panel) awake.push_back(panel % 2 == 0 ? 1 : 0);
    for (std::size_t i = 0; i < panel_width; ++i) {
      const bool there = (panels - 1) * panel_width + i < e.neurons;
      last_valid[i] = there ? std::bit_cast<P>(~bits_of_number<P>{0}) : P(0);
    }
  }
};

/// Everything that a call leaves.
template <class P>
struct outcome {
  arrays<P> data;
  bool moved = false, finite = true;
  std::array<std::uint64_t, max_fields> changed{};
};

template <class P>
void run(const model_declaration& m, const neuron_kernels<P>& kernels, const void* params, const section_call& s,
         const extent& e, outcome<P>& out) {
  std::vector<P*> fields, changes;
  std::vector<const P*> ports;
  std::vector<std::uint16_t*> present;
  std::vector<std::uint32_t*> events;
  for (std::size_t f = 0; f < m.fields.size(); ++f) {
    const bool sent = m.fields[f].seen == visibility::sent;
    fields.push_back(out.data.fields[f].data());
    changes.push_back(sent && e.with_changes ? out.data.changes[f].data() : nullptr);
    present.push_back(sent ? out.data.present[f].data() : nullptr);
    events.push_back(m.fields[f].event ? out.data.events[f].data() : nullptr);
  }
  for (const std::size_t q : phase_of(m, s).ports) ports.push_back(out.data.ports[q].data());
  neuron_call<P> call;
  call.fields = fields.data();
  call.ports = ports.data();
  call.params = params;
  call.clamp = s.clamped ? out.data.clamp.data() : nullptr;
  call.awake = e.some_asleep ? out.data.awake.data() : nullptr;
  call.changes = changes.data();
  call.present = present.data();
  call.events = events.data();
  call.moved_panels = out.data.moved_panels.data();
  call.last_valid = e.neurons % panel_width == 0 ? nullptr : out.data.last_valid.data();
  call.lanes = e.lanes;
  call.panels = call.last_panel = panels_for(e.neurons);
  call.first_panel = e.from_second && call.panels > 1 ? 1 : 0;
  call.with_step = s.steps;
  (s.reaction < 0 ? kernels.advance : kernels.react[static_cast<std::size_t>(s.reaction)])(call);
  out.moved = call.moved;
  out.finite = call.finite;
  out.changed = call.changed;
}

/// One NaN is as good as another.
template <class P>
bool same_number(P a, P b) {
  return std::bit_cast<bits_of_number<P>>(a) == std::bit_cast<bits_of_number<P>>(b) || (std::isnan(a) && std::isnan(b));
}

template <class P>
bool same_numbers(const aligned_vector<P>& a, const aligned_vector<P>& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(P)) == 0 ||
         std::equal(a.begin(), a.end(), b.begin(), &same_number<P>);
}

/// The first thing in which two outcomes differ, or "".
template <class P>
std::string difference(const model_declaration& m, const outcome<P>& a, const outcome<P>& b) {
  for (std::size_t f = 0; f < m.fields.size(); ++f) {
    const std::string_view name = m.fields[f].name;
    if (!same_numbers(a.data.fields[f], b.data.fields[f])) {
      for (std::size_t i = 0; i < a.data.fields[f].size(); ++i) {
        const P x = a.data.fields[f][i], y = b.data.fields[f][i];
        if (!same_number(x, y)) return fmt::format("{}[{}]: {} and {}", name, i, x, y);
      }
    }
    if (a.data.changes[f] != b.data.changes[f]) return fmt::format("changes of {}", name);
    if (a.data.present[f] != b.data.present[f]) return fmt::format("present of {}", name);
    if (a.data.events[f] != b.data.events[f]) return fmt::format("events of {}", name);
    if (a.changed[f] != b.changed[f]) return fmt::format("changed of {}", name);
  }
  if (a.data.moved_panels != b.data.moved_panels) return "moved_panels";
  if (a.moved != b.moved) return "moved";
  if (a.finite != b.finite) return "finite";
  return "";
}

/// The fields of one neuron in one lane, after rules over traced numbers.
template <class P>
std::vector<P> followed(const model_declaration& m, const void* params, const section_call& s, const arrays<P>& before,
                        std::size_t at) {
  using access = traced_access<P>;
  const traced_rules<P>& rules = traced_rules_of(m).rules<P>();
  tracing::begin_evaluation();
  std::vector<traced<P>> fields, ports;
  for (std::size_t f = 0; f < m.fields.size(); ++f)
    fields.push_back(access::source(before.fields[f][at], static_cast<unsigned>(f)));
  for (const std::size_t q : phase_of(m, s).ports) {
    const auto slot = static_cast<unsigned>(detail::first_port_slot + ports.size());
    ports.push_back(access::source(before.ports[q][at], slot));
  }
  const traced<P> imposed = access::source(before.clamp[at], detail::clamp_slot);
  if (s.reaction >= 0) rules.react[static_cast<std::size_t>(s.reaction)](params, ports.data(), fields.data());
  else rules.advance(params, s.steps, ports.data(), s.clamped ? &imposed : nullptr, fields.data());
  std::vector<P> values;
  for (const traced<P>& f : fields) values.push_back(access::value(f));
  return values;
}

/// Above 1, but 1 in single precision, in which a run compares its parameters.
constexpr double near_one = 1 + 0x1p-40;

std::vector<parameter_value> trials(const model_declaration& m, const parameter_info& p) {
  std::vector<parameter_value> all;
  for (const std::string& name : p.names) {
    if (name == "true" || name == "false") all.emplace_back(name == "true");
    else all.emplace_back(name);
  }
  if (!all.empty()) return all;
  const parameter_block block = m.make_parameters();
  all.push_back(p.get(block.get()));
  for (const double value : {1.0, 0.1, 0.0, -1.5, 3.0, 1e-3, near_one}) {
    if (parameter_value(value) != all[0] && p.set(block.get(), value).empty()) all.emplace_back(value);
  }
  return all;
}

/// Parameters of a model, as text and compiled.
struct both_blocks {
  std::string words;
  parameter_block text, compiled;
};

/// Every choice of flags and activations with every one of the numbers' trials.
std::vector<both_blocks> settings_of(const model_declaration& text, const model_declaration& compiled) {
  std::vector<both_blocks> all;
  std::vector<std::vector<parameter_value>> values;
  std::size_t count = 1;
  for (const parameter_info& p : text.parameters) {
    values.push_back(trials(text, p));
    count *= values.back().size();
  }
  for (std::size_t n = 0; n < count; ++n) {
    both_blocks here{"", text.make_parameters(), compiled.make_parameters()};
    std::size_t choice = n;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const parameter_value& value = values[i][choice % values[i].size()];
      choice /= values[i].size();
      here.words += fmt::format("{} = {} ", text.parameters[i].name, text_of(value));
      const std::string refused =
          text.parameters[i].set(here.text.get(), value) + compiled.parameters[i].set(here.compiled.get(), value);
      if (!refused.empty()) throw internal_error(refused);
    }
    all.push_back(std::move(here));
  }
  return all;
}

std::vector<extent> extents() {
  std::vector<extent> all;
  for (const std::size_t lanes : {1u, 3u, 40u}) {
    for (const std::size_t neurons : {1u, 17u, 40u}) {
      all.push_back({neurons, lanes, false, false, true});
      if (neurons == 1) continue;
      all.push_back({neurons, lanes, true, false, true});
      all.push_back({neurons, lanes, false, true, false});
    }
  }
  return all;
}

std::string words_of(const section_call& s, const extent& e) {
  return fmt::format("{}{}{}, {} neurons, {} lanes, {}, {}",
                     s.reaction < 0 ? "advance" : fmt::format("reaction {}", s.reaction + 1), s.steps ? ", step" : "",
                     s.clamped ? ", clamp" : "", e.neurons, e.lanes, e.some_asleep ? "some asleep" : "all awake",
                     e.from_second ? "from the second panel" : "all panels");
}

/// Of the compiled model's kernels in all targets, the text's in all targets, and traced numbers of both.
template <class P>
std::string first_difference(const model_declaration& text, const model_declaration& compiled) {
  const std::vector<both_blocks> settings = settings_of(text, compiled);
  for (const extent& e : extents()) {
    const arrays<P> before(text, e);
    for (const both_blocks& params : settings) {
      for (const section_call& s : sections_of(text)) {
        outcome<P> expected{before};
        run(compiled, kernels_of(compiled, simd_target::scalar).neuron<P>(), params.compiled.get(), s, e, expected);
        const auto say = [&](std::string_view who, std::string_view what) {
          return fmt::format("{} {} {}: {}", who, params.words, words_of(s, e), what);
        };
        for (const simd_target target : available_targets()) {
          outcome<P> interpreted{before};
          run(text, interpreted_for(target).neuron<P>(), params.text.get(), s, e, interpreted);
          const std::string what = difference(text, expected, interpreted);
          if (!what.empty()) return say(name_of(target), what);
        }
        if (e.some_asleep || e.from_second) continue;
        const std::size_t few = std::min<std::size_t>(e.neurons, panel_width) * std::min<std::size_t>(e.lanes, 3);
        for (std::size_t i = 0; i < few; ++i) {
          const std::size_t at = field_offset(i % e.neurons, i / panel_width % e.lanes, e.lanes);
          const std::vector<P> traced_text = followed<P>(text, params.text.get(), s, before, at);
          const std::vector<P> traced_compiled = followed<P>(compiled, params.compiled.get(), s, before, at);
          for (std::size_t f = 0; f < text.fields.size(); ++f) {
            const bool owned = static_cast<int>(text.fields[f].by) == s.reaction;
            const P stored = traced_text[f] + (owned ? P(0) : -P(0));
            if (!same_number(traced_text[f], traced_compiled[f]) || !same_number(stored, expected.data.fields[f][at]))
              return say("traced", fmt::format("{}: {}, {}, {}", text.fields[f].name, traced_text[f],
                                               traced_compiled[f], expected.data.fields[f][at]));
          }
        }
      }
    }
  }
  return "";
}

}  // namespace

TEST_CASE("shipped texts: each is in a file that is called so", "[rules]") {
  for (const std::string& file : text_files()) {
    const auto models = read_model_texts(document::from_file(file)).models;
    REQUIRE(models.size() == 1);
    CHECK(models[0]->name == std::filesystem::path(file).stem().string());
  }
}

TEST_CASE("shipped texts: they declare what the compiled models declare", "[rules]") {
  for (const model_declaration& text : shipped_texts()) {
    INFO(text.info.name);
    const model_declaration* const compiled = all_models().find(text.info.name);
    REQUIRE(compiled != nullptr);
    CHECK(statements_of(text) == statements_of(*compiled));
  }
}

TEST_CASE("shipped texts: interpreted, compiled and traced neurons have the same bits", "[rules][thorough]") {
  for (const model_declaration& text : shipped_texts()) {
    if (text.kind != model_kind::neuron) continue;
    const model_declaration* const compiled = all_models().find(text.info.name);
    REQUIRE(compiled != nullptr);
    INFO(text.info.name);
    CHECK(first_difference<float>(text, *compiled) == "");
    CHECK(first_difference<double>(text, *compiled) == "");
  }
}

}  // namespace test_rules_shipped_texts
