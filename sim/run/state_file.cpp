#include "sim/run/state_file.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "sim/core/atomic_file.hpp"
#include "sim/core/bits_version.hpp"
#include "sim/core/errors.hpp"

namespace locus {
namespace {

/// Throws run_error unless a file that is read says the same.
template <class T>
void same(archive& a, const char* name, T ours) {
  T value = ours;
  a.value(name, value);
  if (value != ours) a.fail(fmt::format("its {} is {}, here it is {}", name, value, ours));
}

void serialize_state(archive& a, simulator& s) {
  same(a, "format", std::string("locus-state"));
  same(a, "format_version", std::int64_t{1});
  same(a, "bits_version", std::int64_t{bits_version});
  same(a, "precision", std::string(name_of(s.net().precision)));
  const auto part = a.enter("circuit");
  s.serialize(a);
}

}  // namespace

void save_state(const std::string& file, simulator& s, bool force) {
  if (!force && std::filesystem::exists(file))
    throw usage_error(fmt::format("\"{}\" exists: choose another name, or force it", file));
  atomic_file temporary(file);
  {
    archive a = archive::writer(temporary);
    serialize_state(a, s);
    a.finish();
  }
  temporary.commit();
}

void load_state(const std::string& file, simulator& s) {
  archive a = archive::reader(file);
  serialize_state(a, s);
}

}  // namespace locus
