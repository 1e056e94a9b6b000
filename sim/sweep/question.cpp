/// What a file of results has the answers to.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/core/bits_version.hpp"
#include "sim/netlist/difference.hpp"
#include "sim/sweep/sweep_file.hpp"

namespace locus::sweep {

namespace {

std::string values_text(const std::vector<std::string>& values) {
  constexpr std::size_t shown = 6;
  const bool all = values.size() <= shown;
  const std::vector<std::string> first(values.begin(), all ? values.end() : values.begin() + shown);
  return all ? fmt::format("{}", fmt::join(first, ", "))
             : fmt::format("{}, ... ({} values)", fmt::join(first, ", "), values.size());
}

std::string seeds_text(const std::vector<std::uint64_t>& seeds) {
  if (seeds.empty()) return "none";
  std::vector<std::string> texts;
  texts.reserve(seeds.size());
  for (const std::uint64_t seed : seeds) texts.push_back(fmt::format("{}", seed));
  return values_text(texts);
}

std::optional<std::string> other_axes(const std::vector<axis>& there, const std::vector<axis>& here) {
  const auto keys = [](const std::vector<axis>& axes) {
    std::vector<std::string> all;
    all.reserve(axes.size());
    for (const axis& a : axes) all.push_back(a.key);
    return all.empty() ? "nothing" : fmt::format("{}", fmt::join(all, ", "));
  };
  if (keys(there) != keys(here)) return fmt::format("it varies {}, this sweep {}", keys(there), keys(here));
  for (std::size_t k = 0; k < here.size(); ++k) {
    if (there[k].values == here[k].values) continue;
    return fmt::format("{} is {} there, {} now", here[k].key, values_text(there[k].values),
                       values_text(here[k].values));
  }
  return std::nullopt;
}

}  // namespace

question question_of(const plan& of) {
  question out;
  out.bits_version = bits_version;
  for (const document& text : of.asked().netlists) {
    out.names.push_back(text.name());
    out.netlists.push_back(text.canonical_text());
  }
  out.grid = of.grid();
  if (!out.grid.seeds.empty()) out.seed_keys = of.seed_keys(0);
  out.max_updates = of.asked().max_updates;
  out.evaluate = of.asked().evaluate;
  out.netlists_sha256 = of.netlists_sha256();
  out.epochs = of.epochs();
  out.reports = of.reports();
  return out;
}

std::optional<std::string> difference(const question& there, const question& here) {
  if (there.bits_version != here.bits_version) {
    return fmt::format("its results have other bits (bits version {}, of this program {})", there.bits_version,
                       here.bits_version);
  }
  if (auto other = other_axes(there.grid.axes, here.grid.axes)) return other;
  if (there.grid.seeds != here.grid.seeds) {
    return fmt::format("its seeds are {}, now {}", seeds_text(there.grid.seeds), seeds_text(here.grid.seeds));
  }
  if (there.max_updates != here.max_updates) {
    return fmt::format("its runs have --updates {}, now {} (0: all)", there.max_updates, here.max_updates);
  }
  if (there.evaluate != here.evaluate)
    return there.evaluate ? "its runs score the test set" : "its runs have --no-test";
  for (std::size_t n = 0; n < here.netlists.size() && n < there.netlists.size(); ++n) {
    if (there.netlists[n] == here.netlists[n]) continue;
    const auto found = first_difference(there.netlists[n], here.netlists[n]);
    return fmt::format("another netlist: {}", found ? found->text("in the file", "now") : "stimuli.epochs");
  }
  if (there.netlists_sha256 != here.netlists_sha256) return "another netlist: what it makes of the values is other";
  return std::nullopt;
}

}  // namespace locus::sweep
