#include "sim/rules/check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "sim/rules/algebra.hpp"
#include "sim/rules/parser.hpp"

namespace locus::rules {
namespace {

constexpr std::array<std::string_view, most_reactions> reaction_names = {"react", "react2", "react3"};
/// What the engine's calls have room for.
constexpr std::size_t most_members = 12;

[[noreturn]] void fail(const source_position& at, const std::string& message) { throw usage_error(at, message); }

/// Whether rules and references can write it.
bool is_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

class checker {
 public:
  explicit checker(model_draft draft) : draft_(std::move(draft)), model_(draft_.declared) {}

  text_model run() {
    check_names();
    check_sections();
    if (model_.kind == model_kind::neuron) parse_neuron();
    else parse_synapse();
    add_tick_length();
    check_uses();
    if (model_.kind == model_kind::neuron) find_clamp_claim();
    else find_idle_claims();
    return std::move(model_);
  }

 private:
  // ---- names ----

  void check_names() {
    std::vector<std::string> taken;
    const auto look_at = [&](const auto& all, const std::vector<source_position>& at, std::string_view what) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string& name = all[i].name;
        if (!is_name(name))
          fail(at[i],
               fmt::format("\"{}\" is no name for a {}: write letters, digits and _, a letter first", name, what));
        const bool of_synapses = name == "gate" || (name == "theta" && what != "field");
        if (is_reserved(name) || (model_.kind == model_kind::synapse && of_synapses))
          fail(at[i], fmt::format("a {} cannot be called \"{}\", which has a meaning of its own in rules", what, name));
        if (name == "value" && rule_text("clamp") != nullptr)
          fail(at[i],
               fmt::format("in a model with clamp no {} can be called \"value\": that is what a stimulus imposes",
                           what));
        if (std::find(taken.begin(), taken.end(), name) != taken.end())
          fail(at[i], fmt::format("\"{}\" is there twice in this model: parameters, ports and fields need names of "
                                  "their own",
                                  name));
        taken.push_back(name);
      }
    };
    look_at(model_.parameters, draft_.parameter_at, "parameter");
    look_at(model_.ports, draft_.port_at, "port");
    look_at(model_.fields, draft_.field_at, "field");
    for (std::size_t q = 0; q < model_.ports.size(); ++q) {
      if (model_.ports[q].name == "clamp")
        fail(draft_.port_at[q], "a port cannot be called \"clamp\": that is what stimuli impose");
    }
    const std::size_t most = most_members;
    check_seen([](std::string_view end, const std::vector<std::string>& all, std::size_t i) -> std::string {
      if (i == most_members) return fmt::format("more than {} outputs of {}", most_members, end);
      if (!is_name(all[i]))
        return fmt::format("\"{}\" is no name of an output: write letters, digits and _, a letter first", all[i]);
      const auto here = all.begin() + static_cast<std::ptrdiff_t>(i);
      return std::find(all.begin(), here, *here) == here ? "" : fmt::format("\"{}\" is there twice", *here);
    });
    if (model_.fields.size() > most) fail(draft_.field_at[most], fmt::format("more than {} fields", most));
    if (model_.ports.size() > most) fail(draft_.port_at[most], fmt::format("more than {} ports", most));
  }

  /// What stands in model.sees. `mistake` says what is wrong with one of its names, or "".
  template <class F>
  void check_seen(const F& mistake) const {
    const auto look_at = [&](std::string_view end, const std::vector<std::string>& all,
                             const std::vector<source_position>& at) {
      for (std::size_t i = 0; i < at.size(); ++i) {
        if (const std::string found = mistake(end, all, i); !found.empty()) fail(at[i], found);
      }
    };
    look_at("pre", model_.pre, draft_.pre_at);
    look_at("post", model_.post, draft_.post_at);
  }

  void check_sections() {
    const bool neuron = model_.kind == model_kind::neuron;
    if (neuron && model_.fields.empty()) fail(draft_.at, "a neuron needs state: write [model.state]");
    for (std::size_t k = 1; k < reaction_names.size(); ++k) {
      if (rule_text(reaction_names[k]) != nullptr && rule_text(reaction_names[k - 1]) == nullptr)
        fail(place_of(reaction_names[k]), fmt::format("\"{}\" without \"{}\": reactions follow one another",
                                                      reaction_names[k], reaction_names[k - 1]));
    }
    if (rule_text("learn") == nullptr)
      check_seen([](auto...) { return "a synapse without learn sees nothing: leave model.sees out"; });
    if (neuron && draft_.rules.empty())
      fail(draft_.at, fmt::format("a neuron needs rules: write [model.rules] with {}",
                                  fmt::join(section_names(model_kind::neuron), ", ")));
  }

  [[nodiscard]] const located_text* rule_text(std::string_view section) const {
    const auto found = std::find_if(draft_.rules.begin(), draft_.rules.end(),
                                    [&](const model_draft::part& r) { return r.section == section; });
    return found == draft_.rules.end() ? nullptr : &found->text;
  }
  [[nodiscard]] source_position place_of(std::string_view section) const {
    const located_text& text = *rule_text(section);
    return text.pieces.empty() ? source_position{} : text.pieces.front().at;
  }

  // ---- parsing ----

  scope scope_with_parameters() const {
    scope names;
    for (std::uint32_t i = 0; i < model_.parameters.size(); ++i) {
      const text_parameter& p = model_.parameters[i];
      if (p.is_activation()) names.callables.push_back({p.name, i, false});
      else
        names.readables.push_back(
            {p.name,
             "parameter",
             {.op = p.is_flag() ? operation::flag_parameter : operation::number_parameter, .index = i},
             "",
             false});
    }
    const auto next = static_cast<std::uint32_t>(model_.parameters.size());
    names.readables.push_back(
        {std::string(tick_length), "length of a tick", {.op = operation::number_parameter, .index = next}, "", false});
    return names;
  }

  /// The parameter that rules read without declaring it.
  void add_tick_length() {
    if (!is_read(std::string(tick_length))) return;
    text_parameter dt;
    dt.name = tick_length;
    dt.unit = "ms";
    dt.meaning = "length of a tick, circuit.dt";
    dt.valid.low = 0;
    dt.valid.low_open = true;
    dt.standard = 1.0;
    model_.parameters.push_back(std::move(dt));
    draft_.parameter_at.push_back(draft_.at);
  }

  void add_fields(scope& names) const {
    for (std::uint32_t f = 0; f < model_.fields.size(); ++f) {
      names.readables.push_back({model_.fields[f].name, "field", {.op = operation::field, .index = f}, "", false});
      names.writables.push_back({model_.fields[f].name, f});
    }
  }

  /// The section of that name, parsed, if there is one.
  std::optional<rule> parsed(std::string_view name, scope names) {
    const located_text* text = rule_text(name);
    if (text == nullptr) return std::nullopt;
    rule out = parse_section(*text, names);
    note_reads(names);
    return out;
  }

  void note_reads(const scope& names) {
    for (const readable& r : names.readables) {
      if (r.read) read_.push_back(r.name);
    }
    for (const callable& f : names.callables) {
      if (f.called) read_.push_back(f.name);
    }
  }

  scope neuron_scope(std::string_view refused_ports, bool imposed) const {
    scope names = scope_with_parameters();
    add_fields(names);
    for (std::uint32_t q = 0; q < model_.ports.size(); ++q) {
      names.readables.push_back(
          {model_.ports[q].name, "port", {.op = operation::port, .index = q}, std::string(refused_ports), false});
    }
    if (imposed) names.readables.push_back({"value", "imposed value", {.op = operation::imposed}, "", false});
    return names;
  }

  void parse_neuron() {
    const auto refused = [](std::string_view section) {
      return fmt::format("{} follows from the state alone; read the port in step or in a reaction", section);
    };
    model_.step = parsed("step", neuron_scope("", false));
    model_.emit = parsed("emit", neuron_scope(refused("emit"), false));
    model_.clamp = parsed("clamp", neuron_scope(refused("clamp"), true));
    for (const std::string_view name : reaction_names) {
      if (auto reaction = parsed(name, neuron_scope("", false))) model_.reactions.push_back(std::move(*reaction));
    }
    find_writers();
  }

  void find_writers() {
    for (std::uint32_t f = 0; f < model_.fields.size(); ++f) {
      struct writing {
        std::string_view section;
        writer by;
        text_range at;
      };
      std::vector<writing> all;
      const auto add = [&](const std::optional<rule>& s, std::string_view name, writer by) {
        if (!s) return;
        for (const assignment& w : s->writes) {
          if (w.field == f) all.push_back({name, by, {w.begin, w.end}});
        }
      };
      add(model_.step, "step", writer::step);
      add(model_.emit, "emit", writer::step);
      add(model_.clamp, "clamp", writer::step);
      for (std::size_t k = 0; k < model_.reactions.size(); ++k)
        add(model_.reactions[k], reaction_names[k], static_cast<writer>(k));
      const text_field& field = model_.fields[f];
      if (all.empty())
        fail(draft_.field_at[f],
             fmt::format("no rule assigns the field \"{0}\": write {0} <- ..., or leave it out", field.name));
      for (const writing& w : all) {
        if (w.by != all[0].by)
          rule_text(w.section)->fail(
              w.at.begin, w.at.end,
              fmt::format("\"{}\" is assigned in {} already: a field has one writer (step, emit and clamp count "
                          "as one)",
                          field.name, all[0].section));
      }
      model_.fields[f].by = all[0].by;
    }
    for (std::size_t f = 0; f < model_.fields.size(); ++f) {
      if (model_.fields[f].event && model_.fields[f].hidden)
        fail(draft_.field_at[f], fmt::format("\"{}\" is an event and hidden: events are sent", model_.fields[f].name));
    }
  }

  /// What the fields of a synapse begin with: what the model says, or 0, or for another weight than theta, theta.
  void parse_initials() {
    for (std::uint32_t f = 1; f < model_.fields.size(); ++f) {
      text_field& field = model_.fields[f];
      const bool as_theta = f == model_.weight;
      rule first;
      node_id begins = 0;
      if (draft_.initial[f]) {
        scope names = scope_of_initial(f);
        begins = parse_expression(*draft_.initial[f], names, first.nodes);
        note_reads(names);
        field.initial_text = draft_.initial[f]->text;
      } else {
        begins = as_theta ? first.nodes.add({.op = operation::field, .index = 0}) : first.nodes.constant(0);
        field.initial_text = as_theta ? "theta" : "0";
      }
      first.writes.push_back({f, begins, 0, 0});
      field.initial = std::move(first);
    }
  }

  [[nodiscard]] scope scope_of_initial(std::uint32_t field) const {
    scope names = scope_with_parameters();
    for (std::uint32_t f = 0; f < model_.fields.size(); ++f) {
      const bool differs = model_.fields[f].per_lane && !model_.fields[field].per_lane;
      names.readables.push_back({model_.fields[f].name,
                                 "field",
                                 {.op = operation::field, .index = f},
                                 f >= field ? "fields begin in their order, each from those before it"
                                 : differs  ? "it is kept for each lane, and this field serves all lanes"
                                            : "",
                                 false});
    }
    for (const char* end : {"pre", "post", "gate"})
      names.readables.push_back({end, "output", {}, "nothing has arrived when a field begins", false});
    return names;
  }

  void parse_synapse() {
    if (rule_text("learn") == nullptr) {
      if (model_.fields.size() > 1) fail(draft_.field_at[1], "a synapse without learn keeps nothing but theta");
      return;
    }
    parse_initials();
    if (model_.pre.empty()) model_.pre = {""};
    if (model_.post.empty()) model_.post = {""};
    scope names = scope_with_parameters();
    add_fields(names);
    const auto add_end = [&](std::string_view end, const std::vector<std::string>& outputs, operation op) {
      for (std::uint32_t i = 0; i < outputs.size(); ++i) {
        const std::string name = outputs[i].empty() ? std::string(end) : fmt::format("{}.{}", end, outputs[i]);
        names.readables.push_back({name, "seen output", {.op = op, .index = i}, "", false});
      }
    };
    add_end("pre", model_.pre, operation::pre);
    add_end("post", model_.post, operation::post);
    names.readables.push_back({"gate", "modulator", {.op = operation::gate}, "", false});
    names.sums = true;
    model_.learn = parsed("learn", std::move(names));
    check_lanes();
    forget_unread(operation::pre, model_.pre);
    forget_unread(operation::post, model_.post);
    for (std::size_t f = 1; f < model_.fields.size(); ++f) {
      if (!model_.learn->writes_field(static_cast<std::uint32_t>(f)))
        fail(draft_.field_at[f],
             fmt::format("no rule assigns \"{0}\": write {0} <- ..., or leave it out", model_.fields[f].name));
    }
  }

  /// An end without names that the rule does not read is not seen. (check_uses refuses names in vain.)
  void forget_unread(operation end, std::vector<std::string>& outputs) const {
    const bool read = std::any_of(model_.learn->nodes.begin(), model_.learn->nodes.end(),
                                  [end](const node& n) { return n.op == end; });
    if (!read && outputs == std::vector<std::string>{""}) outputs.clear();
  }

  /// What differs from lane to lane becomes one number by a sum, or is kept for each lane.
  void check_lanes() {
    const rule& learn = *model_.learn;
    const located_text& text = *rule_text("learn");
    std::vector<bool> per_lane, summed;
    for (const node& n : learn.nodes) {
      const text_range at = learn.places[per_lane.size()];
      bool here = n.op == operation::pre || n.op == operation::post || n.op == operation::gate ||
                  (n.op == operation::field && model_.fields[n.index].per_lane);
      bool sum = n.op == operation::sum;
      each_operand(n, [&](node_id operand) {
        here = here || per_lane[operand];
        sum = sum || summed[operand];
        if (n.op == operation::sum && summed[operand]) text.fail(at.begin, at.end, "a sum within a sum");
      });
      if (n.op == operation::sum && !per_lane[n.a])
        text.fail(at.begin, at.end,
                  "a sum over the lanes of what is the same in all lanes: it does not depend on pre, post or gate");
      per_lane.push_back(here && n.op != operation::sum);
      summed.push_back(sum);
    }
    for (const assignment& w : learn.writes) {
      const text_field& field = model_.fields[w.field];
      if (per_lane[w.value] && !field.per_lane)
        text.fail(
            w.begin, w.end,
            fmt::format("\"{}\" serves all lanes, but its new value differs from lane to lane: write sum(...) around "
                        "what depends on pre, post, gate or a field with per_lane = true",
                        field.name));
      if (field.per_lane && summed[w.value])
        text.fail(w.begin, w.end,
                  fmt::format("\"{}\" is kept for each lane and cannot depend on a sum over the lanes", field.name));
    }
    model_.gated =
        std::any_of(learn.nodes.begin(), learn.nodes.end(), [](const node& n) { return n.op == operation::gate; });
  }

  // ---- what nobody uses ----

  [[nodiscard]] bool is_read(const std::string& name) const {
    return std::find(read_.begin(), read_.end(), name) != read_.end();
  }

  void check_uses() {
    for (std::size_t i = 0; i < model_.parameters.size(); ++i) {
      if (!is_read(model_.parameters[i].name))
        fail(draft_.parameter_at[i],
             fmt::format("no rule reads the parameter \"{}\": it could be set in vain", model_.parameters[i].name));
    }
    for (std::size_t q = 0; q < model_.ports.size(); ++q) {
      if (!is_read(model_.ports[q].name))
        fail(draft_.port_at[q], fmt::format("no rule reads the port \"{}\"", model_.ports[q].name));
    }
    for (std::size_t f = 0; f < model_.fields.size(); ++f) {
      if (model_.fields[f].hidden && !is_read(model_.fields[f].name))
        fail(draft_.field_at[f], fmt::format("no rule reads the hidden field \"{}\"", model_.fields[f].name));
    }
    check_hidden_fields();
    if (model_.clamp && !is_read("value"))
      fail(place_of("clamp"), "clamp does not read value, which the stimulus imposes");
    check_seen([this](std::string_view end, const std::vector<std::string>& all, std::size_t i) {
      const std::string name = fmt::format("{}.{}", end, all[i]);
      return is_read(name) ? "" : fmt::format("learn does not read {}: leave it out of model.sees", name);
    });
  }

  /// What is hidden must enter what is sent, perhaps by way of other fields.
  void check_hidden_fields() {
    if (model_.kind != model_kind::neuron) return;
    std::vector<bool> counts;
    for (const text_field& f : model_.fields) counts.push_back(!f.hidden);
    const auto follow = [&](const rule& s) {
      std::vector<node_id> roots;
      for (const assignment& w : s.writes) {
        if (counts[w.field]) roots.push_back(w.value);
      }
      const std::vector<bool> reached = reached_from(s.nodes, roots);
      bool more = false;
      for (node_id id = 0; id < s.nodes.size(); ++id) {
        if (!reached[id] || s.nodes[id].op != operation::field || counts[s.nodes[id].index]) continue;
        more = counts[s.nodes[id].index] = true;
      }
      return more;
    };
    for (bool more = true; more;) {
      more = false;
      for (const std::optional<rule>* s : {&model_.step, &model_.emit, &model_.clamp})
        more = (*s && follow(**s)) || more;
      for (const rule& s : model_.reactions) more = follow(s) || more;
    }
    for (std::size_t f = 0; f < model_.fields.size(); ++f) {
      if (!counts[f])
        fail(draft_.field_at[f],
             fmt::format("nothing that the neuron sends depends on the hidden field \"{}\"", model_.fields[f].name));
    }
  }

  // ---- claims ----

  void find_clamp_claim() {
    if (!model_.clamp) return;
    // Fields that depend on the imposed value alone.
    std::vector<bool> total(model_.fields.size(), false);
    const auto pass = [&](const rule& s) {
      std::vector<bool> good;
      for (const node& n : s.nodes) {
        bool here = n.op == operation::field ? total[n.index] : n.op != operation::port;
        each_operand(n, [&](node_id operand) { here = here && good[operand]; });
        good.push_back(here);
      }
      std::vector<bool> next = total;
      for (const assignment& w : s.writes) next[w.field] = good[w.value];
      total = next;
    };
    pass(*model_.clamp);
    if (model_.emit) pass(*model_.emit);
    model_.clamp_is_total = true;
    for (std::size_t f = 0; f < model_.fields.size(); ++f)
      model_.clamp_is_total = model_.clamp_is_total && (model_.fields[f].by != writer::step || total[f]);
  }

  void find_idle_claims() {
    if (!model_.learn) return;
    const auto idle_without = [&](operation end) {
      return changes_nothing(*model_.learn, model_, [end](const node& n) { return n.op == end; });
    };
    model_.idle.when_gate_is_zero = model_.gated && idle_without(operation::gate);
    model_.idle.when_pre_is_zero = idle_without(operation::pre);
  }

  model_draft draft_;
  text_model model_;
  std::vector<std::string> read_;
};

}  // namespace

std::vector<std::string> section_names(model_kind kind) {
  if (kind == model_kind::synapse) return {"learn"};
  return {"step", "emit", "clamp", "react", "react2", "react3"};
}

text_model checked(model_draft draft) { return checker(std::move(draft)).run(); }

text_activation checked(const activation_draft& draft) {
  if (!is_name(draft.name))
    fail(draft.at, fmt::format("\"{}\" is no name: write letters, digits and _, a letter first", draft.name));
  if (value_named<activation>(draft.name))
    fail(draft.at, fmt::format("there is an activation \"{}\" already", draft.name));
  text_activation out;
  out.name = draft.name;
  scope x;
  x.readables.push_back({"x", "argument", {.op = operation::argument, .index = 0}, "", false});
  scope x_and_y = x;
  x_and_y.readables.push_back({"y", "argument", {.op = operation::argument, .index = 1}, "", false});
  out.function_root = parse_expression(draft.function, x, out.function);
  if (!x.readables[0].read) draft.function.fail(0, draft.function.text.size(), "this does not depend on x");
  out.derivative_root = parse_expression(draft.derivative, x_and_y, out.derivative);
  return out;
}

}  // namespace locus::rules
