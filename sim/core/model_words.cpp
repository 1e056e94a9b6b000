#include "sim/core/model_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "sim/core/find_by_name.hpp"

namespace locus {
namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

/// Whether a netlist can write it.
bool is_name(std::string_view text) {
  const auto part = [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), part);
}

/// What netlists call the model of this file.
std::string name_of_file(std::string_view file) {
  std::string stem(file.substr(file.rfind('/') + 1));
  stem.resize(std::min(stem.size(), stem.find('.')));
  std::replace(stem.begin(), stem.end(), '_', '-');
  return stem;
}

class words {
 public:
  words(const model_declaration& model, std::string_view file) : model_(model) {
    look_at_info(name_of_file(file));
    look_at_parameters();
    look_at_fields();
    look_at_ports();
  }

  std::vector<std::string> found;

 private:
  template <class... Each>
  void say(fmt::format_string<Each...> text, Each&&... each) {
    found.push_back(fmt::format(text, std::forward<Each>(each)...));
  }

  void look_at_info(const std::string& expected) {
    const model_info& info = model_.info;
    if (info.name != expected) {
      say("info.name is \"{}\", but a model is called as its file: write \"{}\", or rename file and struct", info.name,
          expected);
    }
    if (info.title.empty()) say("info.title is empty: say in one line what the model is");
    if (info.equation.empty()) say("info.equation is empty: write the rule as the paper does");
    if (info.source.empty()) say("info.source is empty: name the paper and its equation, or who made the model up");
  }

  /// One description of a list; `with_unit`: of a number.
  template <class Described>
  void look_at_description(std::string_view list, std::size_t place, const Described& d, bool with_unit = true) {
    if (d.name.empty()) return say("`{}` does not describe member {}: write {{name, unit, meaning}}", list, place + 1);
    if (!is_name(d.name))
      say("`{}`: \"{}\" is no name for netlists: write letters, digits and _, a letter first", list, d.name);
    if (with_unit && d.unit.empty()) say("`{}`: \"{}\" has no unit; \"1\" if it has no dimension", list, d.name);
    if (d.meaning.empty()) say("`{}`: \"{}\" has no meaning: say it in a phrase", list, d.name);
  }

  /// Names of one list are different.
  template <class Described>
  void look_for_twin(std::string_view list, const std::vector<Described>& all, std::size_t place) {
    if (!all[place].name.empty() && find_by_name(all, all[place].name) < place)
      say("`{}`: \"{}\" is there twice: each needs a name of its own", list, all[place].name);
  }

  void look_at_parameters() {
    const parameter_block block = model_.make_parameters();
    for (std::size_t i = 0; i < model_.parameters.size(); ++i) {
      const parameter_info& p = model_.parameters[i];
      const limits& v = p.valid;
      const bool is_number = p.names.empty();
      look_at_description("parameters", i, p, is_number);
      look_for_twin("parameters", model_.parameters, i);
      const parameter_value standard = p.get(block.get());
      const std::string wanted = p.set(block.get(), standard);
      if (!is_number && (std::isfinite(v.low) || std::isfinite(v.high) || v.low_open || v.whole))
        say("`parameters`: \"{}\" is no number and has limits: take them out", p.name);
      else if (!wanted.empty())
        say("`parameters`: the default of \"{}\", {}, is outside its limits: {}", p.name, text_of(standard), wanted);
    }
  }

  void look_at_fields() {
    for (std::size_t f = 0; f < model_.fields.size(); ++f) {
      const field& info = model_.fields[f];
      look_at_description("fields", f, info);
      look_for_twin("fields", model_.fields, f);
      const int by = static_cast<int>(info.by);
      if (by < -1 || by >= static_cast<int>(model_.reactions.size())) {
        say("`fields`: the writer of \"{}\" is {}, which does not exist: list it in `reactions`, or name another "
            "writer",
            info.name, name_of(info.by));
      }
    }
  }

  void look_at_ports() {
    for (std::size_t q = 0; q < model_.ports.size(); ++q) {
      const port& info = model_.ports[q];
      look_at_description("ports", q, info);
      if (info.name == "clamp") say("`ports`: \"clamp\" is what stimuli impose: find another name");
      if (!info.name.empty() && find_by_name(model_.ports, info.name) < q)
        say("`ports`: \"{}\" is one port, but described in two ways: give it one unit, meaning and source", info.name);
    }
    const auto look_at_phase = [&](const phase_info& phase, writer by) {
      for (auto q = phase.ports.begin(); q != phase.ports.end(); ++q) {
        if (std::find(phase.ports.begin(), q, *q) != q && !model_.ports[*q].name.empty())
          say("`ports` of {}: \"{}\" is there twice: each needs a name of its own", name_of(by), model_.ports[*q].name);
      }
    };
    if (model_.step) look_at_phase(*model_.step, writer::step);
    for (std::size_t k = 0; k < model_.reactions.size(); ++k)
      look_at_phase(model_.reactions[k], static_cast<writer>(k));
  }

  const model_declaration& model_;
};

}  // namespace

std::string name_of(writer by) {
  return by == writer::step ? "the step" : fmt::format("reaction {}", static_cast<int>(by) + 1);
}

std::vector<std::string> defects_of_words(const model_declaration& model, std::string_view file) {
  return words(model, file).found;
}

}  // namespace locus
