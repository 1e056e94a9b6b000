#include "sim/netlist/toml_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace locus {

namespace {

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      default:
        // Bytes above 127 belong to UTF-8 sequences, which TOML takes as they are.
        if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7f)
          out += fmt::format("\\u{:04X}", byte);
        else out += c;
    }
  }
  return out + '"';
}

std::string toml_key(std::string_view name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), is_bare);
  return bare ? std::string(name) : toml_string(name);
}

std::string toml_number(double value) {
  // TOML's integer -0 is 0: the sign would be lost.
  if (value == 0 && std::signbit(value)) return "-0.0";
  return fmt::format("{}", value);
}

}  // namespace locus
