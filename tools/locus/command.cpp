#include "tools/locus/command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <cstdlib>
#include <sstream>

#include "sim/core/child_process.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"
#include "tools/locus/program.hpp"
#include "tools/locus/ranks.hpp"

namespace locus::tools {
namespace {

namespace po = boost::program_options;

po::options_description as_boost(const std::vector<option>& options) {
  po::options_description all("options");
  for (const option& o : options) {
    if (o.argument.empty()) {
      all.add_options()(o.name.c_str(), o.help.c_str());
      continue;
    }
    auto* value = po::value<std::string>()->value_name(o.argument);
    if (!o.otherwise.empty()) value->default_value(o.otherwise);
    all.add_options()(o.name.c_str(), value, o.help.c_str());
  }
  return all;
}

std::string usage_of(const command& c) { return fmt::format("usage: locus {}", c.synopsis); }

/// Boost's message, with the nearest option where one is meant.
[[noreturn]] void rethrow(const po::error& e, const command& c) {
  std::string message = e.what();
  if (const auto* unknown = dynamic_cast<const po::unknown_option*>(&e); unknown != nullptr && !c.options.empty()) {
    std::vector<std::string> names;
    for (const option& o : c.options) names.push_back("--" + o.name);
    message = fmt::format("unknown option \"{}\"{}", unknown->get_option_name(),
                          suggestion(unknown->get_option_name(), names));
  }
  throw usage_error(fmt::format("{}; see: locus help {}", message, c.name));
}

/// Throws usage_error for what is given twice and can be given once, and for "" where something is to be named.
void check(const option& o, const std::vector<std::string>& values) {
  if (values.size() > 1 && !o.repeatable) {
    throw usage_error(fmt::format("--{} is given {} times: choose one value", o.name, values.size()));
  }
  const bool may_be_empty = o.argument == "TEXT";  // to look for
  if (!may_be_empty && std::find(values.begin(), values.end(), "") != values.end()) {
    throw usage_error(fmt::format("--{} \"\": must not be empty", o.name));
  }
}

void check(const command& c, const std::vector<std::string>& operands) {
  const operand& takes = c.takes;
  if (operands.size() > 1 && !takes.several) {
    throw usage_error(fmt::format("\"{}\": only one {} can be given; {}", operands[1], takes.name, usage_of(c)));
  }
  if (std::find(operands.begin(), operands.end(), "") != operands.end()) {
    throw usage_error(fmt::format("{} \"\": must not be empty", takes.name));
  }
  if (takes.required && operands.empty()) {
    throw usage_error(fmt::format("{} is missing; {}", takes.name, usage_of(c)));
  }
}

/// In a process of its own, because the library that reads the file may die of a damaged one.
int run_isolated(const command& c, const parsed_arguments& given) {
  const child_end end = run_in_child([&] { return guarded([&] { return c.run(given); }); });
  if (end.code) return *end.code;
  hdf5::fail_unread(fmt::format("{}", fmt::join(given.texts(c.takes.name), "\" or \"")), end.death);
}

}  // namespace

parsed_arguments::parsed_arguments(const command& c, const std::vector<std::string>& words) {
  const auto style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  std::vector<std::string> operands;
  try {
    po::options_description known = as_boost(c.options);
    known.add_options()("help,h", "");
    for (const po::option& given : po::command_line_parser(words).options(known).style(style).run().options) {
      if (given.position_key >= 0) {
        operands.push_back(given.value.front());
        continue;
      }
      auto& values = values_[given.string_key];
      values.insert(values.end(), given.value.begin(), given.value.end());
    }
  } catch (const po::error& e) {
    rethrow(e, c);
  }
  for (const option& o : c.options) {
    if (const auto given = values_.find(o.name); given != values_.end()) check(o, given->second);
    else if (!o.otherwise.empty()) values_[o.name] = {o.otherwise};
  }
  if (has("help")) return;
  if (c.takes.name.empty() && !operands.empty()) {
    throw usage_error(fmt::format("\"{}\": takes nothing but options; {}", operands.front(), usage_of(c)));
  }
  if (c.takes.name.empty()) return;
  check(c, operands);
  if (!operands.empty()) values_[std::string(c.takes.name)] = operands;
}

std::string parsed_arguments::text(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() || found->second.empty() ? std::string() : found->second.front();
}

std::vector<std::string> parsed_arguments::texts(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

std::int64_t read_whole(std::string_view text, std::string_view name, const whole_range& valid) {
  std::string complaint;
  if (const auto number = parse_whole(text, valid, complaint)) return *number;
  throw usage_error(fmt::format("--{} {}: {}", name, text, complaint));
}

std::optional<std::int64_t> parsed_arguments::whole(std::string_view name, const whole_range& valid) const {
  if (!has(name)) return std::nullopt;
  return read_whole(text(name), name, valid);
}

int start(const command& c, const std::vector<std::string>& words) {
  if (!c.program.empty()) become(c, words);
  if (!c.parts.empty()) {
    const bool help = !words.empty() && (words.front() == "--help" || words.front() == "-h");
    if (!words.empty() && !help) {
      return start(command_named({&c}, fmt::format("{} {}", c.name, words.front())), {words.begin() + 1, words.end()});
    }
    print_help(c);
    return help ? done : usage;
  }
  const parsed_arguments given(c, words);
  if (given.has("help")) {
    print_help(c);
    return done;
  }
  if (!c.in_ranks) require_one_process(c.name);
  if (given.has("data")) ::setenv("LOCUS_DATA", given.text("data").c_str(), 1);
  return c.isolated ? run_isolated(c, given) : c.run(given);
}

void print_list(const std::vector<const command*>& commands) {
  for (const command* c : commands) fmt::print("  {:<14} {}\n", c->name, c->summary);
}

void print_help(const command& c) {
  if (!c.program.empty()) become(c, {"--help"});
  fmt::print("{}\n\n{}\n\n", usage_of(c), c.summary);
  if (!c.notes.empty()) fmt::print("{}\n", c.notes);
  std::ostringstream table;
  if (!c.options.empty()) table << as_boost(c.options);
  fmt::print("{}", table.str());
  if (!c.example.empty()) fmt::print("\nexample: {}\n", c.example);
  if (c.parts.empty()) return;
  print_list(c.parts);
  fmt::print("\nThe options of each: locus help {}\n", c.parts.front()->name);
}

const command& command_named(const std::vector<const command*>& commands, std::string_view name,
                             std::vector<std::string> others) {
  std::vector<std::string> names = std::move(others);
  for (const command* c : commands) {
    if (c->name == name) return *c;
    names.emplace_back(c->name);
    if (c->parts.empty() || !name.starts_with(fmt::format("{} ", c->name))) continue;
    return command_named(c->parts, name);
  }
  throw usage_error(fmt::format("unknown command \"{}\"{}", name, suggestion(name, names)));
}

std::vector<option> operator+(std::vector<option> options, const std::vector<option>& more) {
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

std::vector<option> set_option() {
  return {{.name = "set",
           .argument = "KEY=VALUE",
           .help = "override a netlist key, such as circuit.lanes=1 (repeatable)",
           .repeatable = true}};
}

std::vector<option> data_option() {
  return {{"data", "DIR", "folder of fetched data sets (default: where tools/data fetch puts them)"}};
}

}  // namespace locus::tools
