/// locus COMMAND NETLIST [options]

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>
#include <sstream>
#include <system_error>

#include "models/templates/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/printable.hpp"
#include "sim/core/text_file.hpp"
#include "tools/locus/command.hpp"
#include "tools/locus/output.hpp"

namespace locus::tools {
namespace {

namespace po = boost::program_options;

void print_list(const std::vector<command>& commands) {
  for (const command& c : commands) fmt::print("  {:<14} {}\n", c.name, c.summary);
}

void print_overview() {
  fmt::print(
      "locus: simulates circuits of neurons and synapses that may learn as brains do\n\n"
      "usage: locus COMMAND [NETLIST] [options]\n\n");
  print_list(all_commands());
  fmt::print("  {:<14} {}\n  {:<14} {}\n\n", "help",
             "this text, or a command's options: locus help run, locus help trace plot", "version",
             "the program's version");
  fmt::print(
      "A netlist is a TOML file; see netlists/README.md. To start: locus run netlists/digits.toml --against bp\n"
      "Exit codes: 0 done, 1 the run failed, 2 wrong usage or netlist, 130 ended by Ctrl-C (143 by SIGTERM),\n"
      "141 nobody read the output any more.\n");
}

int help(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    print_overview();
    return done;
  }
  if (arguments.front() == "help" || arguments.front() == "version") print_overview();
  else print_help(command_named(fmt::format("{}", fmt::join(arguments, " "))));
  return done;
}

int dispatch(const std::vector<std::string>& all) {
  if (all.empty()) {
    print_overview();
    return usage;
  }
  const std::string& name = all.front();
  const std::vector<std::string> rest(all.begin() + 1, all.end());
  if (name == "help" || name == "--help" || name == "-h") return help(rest);
  if (name == "version" || name == "--version") {
    fmt::print("locus {}\n", LOCUS_VERSION);
    return done;
  }
  return command_named(name).run(rest);
}

/// A descriptor of the three that is closed would be given to the next file that is opened, and what is printed would
/// be written into that file. Opened for reading alone it stays as useless as it was: writing to it fails.
void occupy_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) < 0 && ::open("/dev/null", O_RDONLY) < 0) ::_exit(failed);
  }
}

/// Throws usage_error for an argument that is "" where it names something.
void check_names(const parsed_arguments& parsed, const po::options_description& known) {
  for (const auto& [name, value] : parsed.values) {
    const po::option_description* const option = known.find_nothrow(name, false);
    // A switch has no value, and a text to look for may be any.
    if (option != nullptr && (option->semantic()->max_tokens() == 0 || option->semantic()->name() == "TEXT")) continue;
    const auto* text = boost::any_cast<std::string>(&value.value());
    const auto* texts = boost::any_cast<std::vector<std::string>>(&value.value());
    const bool empty = text != nullptr
                           ? text->empty()
                           : texts != nullptr && std::find(texts->begin(), texts->end(), "") != texts->end();
    if (empty) throw usage_error(fmt::format("{}{} \"\": must not be empty", option != nullptr ? "--" : "", name));
  }
}

/// Boost's messages, with the nearest option where one is meant.
[[noreturn]] void rethrow_option_error(const command& c, const po::error& e) {
  std::string message = e.what();
  if (const auto* unknown = dynamic_cast<const po::unknown_option*>(&e); unknown != nullptr && c.options != nullptr) {
    std::vector<std::string> names;
    const po::options_description known = c.options();
    for (const auto& option : known.options()) names.push_back("--" + option->long_name());
    message = fmt::format("unknown option \"{}\"{}", unknown->get_option_name(),
                          suggestion(unknown->get_option_name(), names));
  }
  throw usage_error(fmt::format("{}; see: locus help {}", message, c.name));
}

}  // namespace

const std::vector<command>& all_commands() {
  static const std::vector<command> all = {
      {"run", "run NETLIST [options]", "simulate a netlist: train, evaluate, record, resume", run_command, run_options},
      {"audit", "audit NETLIST... [options]",
       "measure locality, autonomy and equivalence to backpropagation, with evidence", audit_command, audit_options},
      {"describe", "describe NETLIST [options]", "count entities and connections, show schedule, memory and control",
       describe_command, describe_options, nullptr, "locus describe netlists/xor.toml --sonata xor-circuit"},
      {"expand", "expand NETLIST [options]", "print a netlist's long form: every population and projection",
       expand_command, expand_options},
      {"models", "models [NAME] [options]", "the catalogue of models: equations, parameters, states, ports",
       models_command, models_options},
      {"bench", "bench [SUITE...] [options]", "measure the engine against baselines and targets", bench_command,
       bench_options},
      {"reproduce", "reproduce [TARGET] [options]", "rerun published and promised results: tables, data and pictures",
       reproduce_command, reproduce_options},
      {"trace", "trace COMMAND FILE [options]", "look at what a run recorded: tables, pictures, differences, messages",
       trace_command, nullptr, trace_parts},
  };
  return all;
}

void print_help(const command& c) {
  std::ostringstream text;
  if (c.options != nullptr) text << c.options();
  fmt::print("usage: locus {}\n\n{}\n\n{}", c.synopsis, c.summary, text.str());
  if (!c.example.empty()) fmt::print("\nexample: {}\n", c.example);
  if (c.parts == nullptr) return;
  print_list(c.parts());
  fmt::print("\nThe options of each: locus help {}\n", c.parts().front().name);
}

const command& command_named(std::string_view name) {
  std::vector<std::string> names = {"help", "version"};
  for (const command& c : all_commands()) {
    if (c.name == name) return c;
    names.emplace_back(c.name);
    if (c.parts == nullptr || !name.starts_with(fmt::format("{} ", c.name))) continue;
    names.clear();
    for (const command& part : c.parts()) {
      if (part.name == name) return part;
      names.emplace_back(part.name);
    }
    break;
  }
  throw usage_error(fmt::format("unknown command \"{}\"{}", name, suggestion(name, names)));
}

constexpr const char* data_option = "data";

parsed_arguments parse_arguments(const command& c, const std::vector<std::string>& arguments,
                                 std::string_view positional, bool required, bool several) {
  po::options_description known = c.options != nullptr ? c.options() : po::options_description();
  known.add_options()("help,h", "this text");
  po::options_description hidden;
  if (several) hidden.add_options()(std::string(positional).c_str(), po::value<std::vector<std::string>>());
  else hidden.add_options()(std::string(positional).c_str(), po::value<std::string>());
  po::options_description all;
  all.add(known).add(hidden);
  po::positional_options_description places;
  places.add(std::string(positional).c_str(), several ? -1 : 1);
  parsed_arguments parsed;
  try {
    const auto style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(arguments).options(all).positional(places).style(style).run(), parsed.values);
    po::notify(parsed.values);
  } catch (const po::error& e) {
    rethrow_option_error(c, e);
  }
  if (parsed.values.count("help") != 0) {
    print_help(c);
    parsed.help_shown = true;
    return parsed;
  }
  check_names(parsed, known);
  if (required && parsed.values.count(std::string(positional)) == 0) {
    throw usage_error(fmt::format("{} is missing; usage: locus {}", positional, c.synopsis));
  }
  if (const std::string folder = text_option(parsed, data_option); !folder.empty()) {
    ::setenv("LOCUS_DATA", folder.c_str(), 1);
  }
  return parsed;
}

void add_data_option(po::options_description& options) {
  options.add_options()(data_option, po::value<std::string>()->value_name("DIR"),
                        "folder of fetched data sets (default: where tools/data fetch puts them)");
}

void add_set_option(po::options_description& options) {
  options.add_options()("set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE"),
                        "override a netlist key, such as circuit.lanes=1 (repeatable)");
}

std::string text_option(const parsed_arguments& arguments, const char* name) {
  return arguments.values.count(name) != 0 ? arguments.values[name].as<std::string>() : std::string();
}

std::int64_t read_whole(const std::string& text, const char* name, const whole_range& valid) {
  std::string complaint;
  if (const auto number = parse_whole(text, valid, complaint)) return *number;
  throw usage_error(fmt::format("--{} {}: {}", name, text, complaint));
}

std::optional<std::int64_t> whole_option(const parsed_arguments& arguments, const char* name,
                                         const whole_range& valid) {
  if (arguments.values.count(name) == 0) return std::nullopt;
  return read_whole(arguments.values[name].as<std::string>(), name, valid);
}

void write_output(const std::string& file, const std::function<void(std::ostream&)>& write) {
  if (file == "-") write(std::cout);
  else write_file(file, write);
}

void write_output(const std::string& file, std::string_view text) {
  write_output(file, [text](std::ostream& out) { out << text; });
}

void check_output(const std::string& file) {
  if (!file.empty() && file != "-") check_writable(file);
}

std::vector<std::string> overrides_of(const parsed_arguments& arguments) {
  if (arguments.values.count("set") == 0) return {};
  return arguments.values["set"].as<std::vector<std::string>>();
}

loaded_netlist load_netlist(const parsed_arguments& arguments) {
  return load_netlist(document::from_file(text_option(arguments, "netlist"), overrides_of(arguments)));
}

loaded_netlist load_netlist(document text) {
  description netlist = read_netlist(text, all_templates());
  for (const std::string& warning : netlist.warnings) tell("warning: " + warning);
  return {std::move(text), std::move(netlist)};
}

int guarded(const std::function<int()>& work) {
  const auto complain = [](std::string_view message, int code) {
    tell(fmt::format("locus: {}", message));
    return code;
  };
  try {
    const int code = work();
    flush_output();
    return code;
  } catch (const std::system_error& e) {
    if (std::ferror(stdout) == 0) return complain(fmt::format("the system refuses: {}", e.what()), failed);
    if (nobody_reads_output()) return interrupted_by + SIGPIPE;
    return complain("cannot write the results to standard output", failed);
  } catch (const usage_error& e) {
    return complain(e.what(), usage);
  } catch (const user_error& e) {
    return complain(e.what(), failed);
  } catch (const std::bad_alloc&) {
    return complain("out of memory; `locus describe NETLIST` says how much a netlist needs", failed);
  } catch (const std::exception& e) {
    return complain(fmt::format("internal error, please report it: {}", e.what()), failed);
  }
}

}  // namespace locus::tools

int main(int argc, char** argv) {
  using namespace locus::tools;
  // Comparisons copy weights after each update. By default the allocator gives such memory back to the system each time
  // and asks for it again, page by page, which took a fifth of the time of `reproduce autonomy`.
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
  occupy_standard_streams();
  // A write that a pipe or a limit refuses is an error of that write, and the command ends in order.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return guarded([&] { return dispatch(std::vector<std::string>(argv + 1, argv + argc)); });
}
