#include "sim/audit/model_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sim/core/model_words.hpp"
#include "sim/core/random.hpp"

namespace locus {
namespace {

using namespace detail;
/// Not the numbers of most audits: what a rule with a static variable would keep from here is not found there again.
using number = traced<float>;
using access = traced_access<float>;

/// 0 for the step, 1, 2, ... for the reactions.
std::size_t index_of(writer by) {
  const int index = static_cast<int>(by) + 1;
  return static_cast<std::size_t>(index);
}

std::string_view text_of(writer by) {
  constexpr std::array<std::string_view, 4> names = {"writer::step", "writer::first_reaction",
                                                     "writer::second_reaction", "writer::third_reaction"};
  return names[index_of(by)];
}

bool has(std::uint32_t slots, std::size_t slot) { return (slots >> slot & 1) != 0; }

/// Values to try a parameter with: first the default, and all choices if there are any.
std::vector<parameter_value> trials(const model_declaration& model, const parameter_info& p) {
  const parameter_block block = model.make_parameters();
  const parameter_value standard = p.get(block.get());
  std::vector<parameter_value> all = {standard};
  if (const bool* flag = std::get_if<bool>(&standard)) all.emplace_back(!*flag);
  for (const std::string& name : p.names) {
    if (std::holds_alternative<std::string>(standard) && parameter_value(name) != standard) all.emplace_back(name);
  }
  if (const double* d = std::get_if<double>(&standard)) {
    for (const double value :
         {*d + 0.375, *d / 2, *d + 1, p.valid.low, p.valid.high, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 8.0})
      if (std::fabs(value) < 1e6 && p.set(block.get(), value).empty()) all.emplace_back(value);
  }
  return all;
}

/// Evaluates a model's rules with many settings of its parameters, and judges what they read and write.
class rules_check {
 public:
  rules_check(const model_declaration& model, const traced_rules<float>& rules)
      : model_(model), rules_(rules), read_(model.parameters.size(), false), fields_(model.fields.size()) {
    for (const parameter_info& p : model.parameters) trials_.push_back(trials(model, p));
    each_setting([this](void* params) {
      find_read_parameters(params);
      if (model_.plastic) find_broken_claims(params);
    });
    // One that is read with rare settings only, such as a rate of something that another number turns on.
    for (std::size_t n = 0; n < 1000 && std::find(read_.begin(), read_.end(), false) != read_.end(); ++n)
      find_read_parameters(block_with([&](std::size_t i) { return draws_.below(trials_[i].size(), ~n, i); }).get());
    if (model.kind == model_kind::neuron) judge_writers();
    if (found.empty()) judge_reads();  // else what they read may be in an assignment that is lost
  }

  std::vector<std::string> found;

 private:
  /// What was seen of a field.
  struct field_uses {
    std::string lost;           ///< who assigned it and is not its writer
    bool assigned = false;      ///< by its writer
    std::uint32_t sources = 0;  ///< its model's fields that enter it, as bits
    bool beside_clamp = false;  ///< something else than the clamp enters it after a clamp
  };

  template <class... Each>
  void say(fmt::format_string<Each...> text, Each&&... each) {
    found.push_back(fmt::format(text, std::forward<Each>(each)...));
  }

  // ---- settings -----------------------------------------------------------------------------------------------------

  /// Calls f with every choice of flags and activations (of very many with some that are spread over all), each with
  /// several settings of the numbers, of which the first is the defaults.
  template <class F>
  void each_setting(F&& f) const {
    std::size_t choices = 1;
    for (std::size_t i = 0; i < trials_.size(); ++i) choices *= is_number(i) ? 1 : trials_[i].size();
    const std::size_t taken = std::min<std::size_t>(choices, 1024);
    const std::size_t of_numbers = std::max<std::size_t>(4, 32 / taken);
    for (std::size_t n = 0; n < taken * of_numbers; ++n) {
      std::size_t choice = n / of_numbers * (choices / taken);
      const auto chosen = [&](std::size_t i) {
        const std::size_t size = trials_[i].size();
        if (is_number(i)) return n % of_numbers == 0 ? 0 : draws_.below(size, n, i);
        return std::exchange(choice, choice / size) % size;
      };
      f(block_with(chosen).get());
    }
  }

  /// Parameters of which trial chosen(i) is taken.
  template <class F>
  [[nodiscard]] parameter_block block_with(F&& chosen) const {
    const parameter_block block = model_.make_parameters();
    for (std::size_t i = 0; i < trials_.size(); ++i) model_.parameters[i].set(block.get(), trials_[i][chosen(i)]);
    return block;
  }

  [[nodiscard]] bool is_number(std::size_t i) const { return model_.parameters[i].names.empty(); }

  /// A parameter is read if some other value of it changes an expression.
  void find_read_parameters(void* params) {
    const std::uint64_t standing = evaluate(params);
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      const parameter_info& p = model_.parameters[i];
      const parameter_value kept = p.get(params);
      for (std::size_t k = 0; k < trials_[i].size() && !read_[i]; ++k) {
        p.set(params, trials_[i][k]);
        read_[i] = evaluate(params) != standing;
      }
      p.set(params, kept);
    }
  }

  // ---- evaluations --------------------------------------------------------------------------------------------------

  /// Evaluates all rules and notes what they read and write; returns a fingerprint of all that they compute.
  std::uint64_t evaluate(const void* params) {
    std::uint64_t print = 0;
    const auto add = [&](std::uint64_t more) { print = mix_bits(print ^ more); };
    if (model_.kind == model_kind::neuron) {
      add(advance(params, false, false));
      if (model_.has_clamp) add(advance(params, false, true));
      if (model_.step) add(advance(params, true, false));
      for (std::size_t k = 0; k < model_.reactions.size(); ++k) add(react(params, k));
    } else if (model_.plastic) {
      for (const bool gate_at_pre : {false, true}) add(learn(params, true, gate_at_pre));
      add(learn(params, false, false));
    }
    return print;
  }

  std::uint64_t advance(const void* params, bool with_step, bool clamped) {
    const std::vector<std::size_t> none;
    const std::string_view who = with_step ? "the step" : clamped ? "clamp" : "emit";
    return run(who, writer::step, model_.step ? model_.step->ports : none, [&](const number* ports, number* fields) {
      const number imposed = access::source(0.75, clamp_slot);
      rules_.advance(params, with_step, ports, clamped ? &imposed : nullptr, fields);
    });
  }

  std::uint64_t react(const void* params, std::size_t k) {
    const auto by = static_cast<writer>(k);
    return run(name_of(by), by, model_.reactions[k].ports,
               [&](const number* ports, number* fields) { rules_.react[k](params, ports, fields); });
  }

  template <class Rule>
  std::uint64_t run(std::string_view who, writer by, const std::vector<std::size_t>& phase, Rule&& rule) {
    tracing::begin_evaluation();
    std::array<number, max_fields> fields, ports;
    std::array<std::uint64_t, max_fields> before{};
    for (unsigned f = 0; f < fields_.size(); ++f) {
      fields[f] = access::source(0.5, f);
      before[f] = access::expression(fields[f]);
    }
    for (unsigned q = 0; q < phase.size(); ++q) ports[q] = access::source(0.25, first_port_slot + q);
    rule(ports.data(), fields.data());
    std::uint64_t print = 0;
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      field_uses& uses = fields_[f];
      const std::uint64_t after = access::expression(fields[f]);
      if (model_.fields[f].by != by) {
        if (after != before[f] && uses.lost.empty()) uses.lost = who;
        continue;
      }
      print = mix_bits(print ^ after);
      const std::uint32_t slots = access::from(fields[f]).slots;
      uses.assigned = uses.assigned || after != before[f];
      uses.sources |= slots;
      if (who == "clamp") uses.beside_clamp = uses.beside_clamp || (slots & ~(std::uint32_t{1} << clamp_slot)) != 0;
      for (std::size_t q = 0; q < phase.size(); ++q) {
        if (has(slots, first_port_slot + q)) ports_read_ |= std::uint64_t{1} << phase[q];
      }
    }
    return print;
  }

  std::uint64_t learn(const void* params, bool gated, bool gate_at_pre) {
    tracing::begin_evaluation();
    const number pre = access::source(0.5, pre_slot), post = access::source(0.25, post_slot);
    const number gate = access::source(0.75, gate_slot);
    number theta = access::source(1.5, theta_slot);
    const std::uint64_t before = access::expression(theta);
    rules_.learn(params, 1, &pre, &post, gated ? &gate : nullptr, gate_at_pre, &theta);
    learns_ = learns_ || access::expression(theta) != before;
    gate_is_read_ = gate_is_read_ || has(access::from(theta).slots, gate_slot);
    return access::expression(theta);
  }

  /// Whether numbers are found with which a weight changes that is said to rest.
  void find_broken_claims(const void* params) {
    for (std::size_t n = 0; n < 8; ++n) {
      const auto some = [&](std::size_t part) {
        return (n >> part % 3 & 1 ? -1 : 1) * (0.5 + draws_.uniform(n, part));
      };
      const auto changes = [&](double pre, double gate, bool gate_at_pre) {
        tracing::begin_evaluation();
        const number before_it(pre), after_it(some(0)), opened(gate);
        number theta(some(1));
        const double before = access::value(theta);
        rules_.learn(params, 1, &before_it, &after_it, &opened, gate_at_pre, &theta);
        return access::value(theta) != before;
      };
      for (const bool gate_at_pre : {false, true}) {
        moves_without_gate_ = moves_without_gate_ || changes(some(2), 0, gate_at_pre);
        moves_without_pre_ = moves_without_pre_ || changes(0, some(3), gate_at_pre);
      }
    }
  }

  // ---- what is to be said -------------------------------------------------------------------------------------------

  void judge_writers() {
    std::vector<bool> spoken_of(model_.reactions.size() + 1, false);
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      const field& info = model_.fields[f];
      const std::size_t writes = index_of(info.by);
      spoken_of[writes] = true;
      if (!fields_[f].lost.empty()) {
        say("{} assigns \"{}\", whose writer is {}, so that the assignment would be lost: name the right writer in "
            "`fields` ({} for the step, clamp and emit, {} for reaction 1, ...), or assign a local variable",
            fields_[f].lost, info.name, name_of(info.by), text_of(writer::step), text_of(writer::first_reaction));
      } else if (!fields_[f].assigned) {
        say("\"{}\" is assigned by no rule of its writer, {}, and would stay 0: assign it, name another writer in "
            "`fields`, or take it out of `state`",
            info.name, name_of(info.by));
      }
    }
    for (std::size_t k = model_.step ? 0 : 1; k < spoken_of.size(); ++k) {
      const auto by = static_cast<writer>(static_cast<int>(k) - 1);
      if (!spoken_of[k])
        say("{} is the writer of no field: write {} in `fields` where it is, or take it out", name_of(by), text_of(by));
    }
  }

  void judge_reads() {
    // What is sent is read by others; what enters that, directly or not, is read.
    std::vector<bool> read(fields_.size());
    for (std::size_t f = 0; f < fields_.size(); ++f) read[f] = model_.fields[f].seen == visibility::sent;
    for (std::size_t round = 0; round < fields_.size(); ++round) {
      for (std::size_t f = 0; f < fields_.size(); ++f) {
        for (std::size_t g = 0; g < fields_.size(); ++g) read[g] = read[g] || (read[f] && has(fields_[f].sources, g));
      }
    }
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      if (!read[f])
        say("the hidden field \"{}\" enters nothing that is sent: take it out of `state`, use a local variable, or let "
            "it "
            "be sent",
            model_.fields[f].name);
    }
    for (std::size_t q = 0; q < model_.ports.size(); ++q) {
      if ((ports_read_ >> q & 1) == 0)
        say("no rule reads the port \"{}\": take it out of `in`, or use what arrives", model_.ports[q].name);
    }
    for (std::size_t i = 0; i < read_.size(); ++i) {
      if (!read_[i]) say("no rule reads the parameter \"{}\": take it out, or use it", model_.parameters[i].name);
    }
    if (model_.has_clamp) judge_clamp();
    if (model_.plastic) judge_learning();
  }

  void judge_clamp() {
    const auto takes = [](const field_uses& uses) { return has(uses.sources, clamp_slot); };
    if (std::none_of(fields_.begin(), fields_.end(), takes))
      say("clamp does not read its value: a stimulus would do nothing with its numbers");
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      if (model_.clamp_is_total && model_.fields[f].by == writer::step && fields_[f].beside_clamp)
        say("clamp_is_total is claimed, but \"{}\" depends on more than the clamped value: set in clamp all that it "
            "depends on, or do not claim it",
            model_.fields[f].name);
    }
  }

  void judge_learning() {
    if (!learns_) say("apply leaves theta as it was: assign it, or declare no `ends` if the weight never changes");
    if (model_.gated && !gate_is_read_) say("no rule reads the gate: take `gate` or modulate out, or use it");
    constexpr std::string_view claim =
        "`idle` claims {}, but the weight can change: take the claim out, or mend the rule";
    if (model_.idle.when_gate_is_zero && moves_without_gate_) say(claim, "when_gate_is_zero");
    if (model_.idle.when_pre_is_zero && moves_without_pre_) say(claim, "when_pre_is_zero");
  }

  const model_declaration& model_;
  const traced_rules<float>& rules_;
  const random_stream draws_{1, "model check", "settings"};
  std::vector<std::vector<parameter_value>> trials_;  ///< [parameter]
  std::vector<bool> read_;                            ///< [parameter]
  std::vector<field_uses> fields_;
  std::uint64_t ports_read_ = 0;  ///< as bits
  bool learns_ = false, gate_is_read_ = false, moves_without_gate_ = false, moves_without_pre_ = false;
};

}  // namespace

std::vector<std::string> defects_of(const model_declaration& model, const traced_model& rules, std::string_view file) {
  std::vector<std::string> found = defects_of_words(model, file);
  if (found.empty()) found = rules_check(model, rules.f32).found;
  for (std::string& each : found) each = fmt::format("{}: {}", file, each);
  return found;
}

}  // namespace locus
