#include "sim/experiment/checkpoint.hpp"

#include <fmt/format.h>

#include "sim/core/atomic_file.hpp"
#include "sim/netlist/difference.hpp"

namespace locus {

namespace {

constexpr auto format_name = "locus-checkpoint";
constexpr std::int64_t format_version = 3;

void serialize_format(archive& a) {
  std::string format = format_name;
  std::int64_t version = format_version;
  a.value("format", format);
  if (format != format_name) a.fail(fmt::format("its format is \"{}\", not \"{}\"", format, format_name));
  a.value("format_version", version);
  if (version != format_version) {
    a.fail(fmt::format("its format has version {}, this program knows version {}", version, format_version));
  }
}

void serialize(archive& a, checkpoint_origin& run) {
  a.value("version", run.version);
  a.value("bits_version", run.bits_version);
  a.value("name", run.name);
  a.value("netlist", run.netlist);
  a.value("against", run.against);
  a.value("against_netlist", run.against_netlist);
  a.value("evaluated", run.evaluated);
}

/// Throws usage_error unless a run can go on as `ours` from a checkpoint of `stored`.
void check_same(const std::string& file, const checkpoint_origin& stored, const checkpoint_origin& ours) {
  const auto refuse = [&](const std::string& why) {
    throw usage_error(fmt::format("cannot resume from \"{}\": {}", file, why));
  };
  const auto compare = [&](const char* what, const std::string& there, const std::string& here) {
    const auto difference = first_difference(there, here);
    if (difference) refuse(fmt::format("{}: {}", what, difference->text("in the checkpoint", "now")));
  };
  if (stored.bits_version != ours.bits_version) {
    refuse(fmt::format("it was written by version {}, whose results have other bits (bits version {}, of this one {})",
                       stored.version, stored.bits_version, ours.bits_version));
  }
  compare("another netlist", stored.netlist, ours.netlist);
  if (stored.against.empty() != ours.against.empty()) {
    refuse(stored.against.empty() ? "its run was compared with nothing: leave out --against"
                                  : fmt::format("its run was compared with {0}: add --against {0}", stored.against));
  }
  compare("another circuit to compare with", stored.against_netlist, ours.against_netlist);
  if (stored.evaluated != ours.evaluated) {
    refuse(stored.evaluated ? "its run scored the test set: leave out --no-test" : "its run had --no-test: add it");
  }
}

}  // namespace

void save_checkpoint(const std::string& file, const checkpoint_origin& run, experiment& x) {
  atomic_file temporary(file);
  {
    archive a = archive::writer(temporary);
    serialize_format(a);
    checkpoint_origin origin = run;
    serialize(a, origin);
    std::string numbers(name_of(x.net().precision));
    a.value("precision", numbers);
    x.serialize(a);
    a.finish();
  }
  temporary.commit();
}

stored_checkpoint::stored_checkpoint(const std::string& file) : file_(file), archive_(archive::reader(file)) {
  serialize_format(archive_);
  serialize(archive_, origin_);
}

void stored_checkpoint::load(const checkpoint_origin& run, experiment& x) {
  check_same(file_, origin_, run);
  std::string numbers;
  archive_.value("precision", numbers);
  if (numbers != name_of(x.net().precision)) {
    archive_.fail(fmt::format("its numbers are {}, those of this run {}", numbers, name_of(x.net().precision)));
  }
  x.serialize(archive_);
}

}  // namespace locus
