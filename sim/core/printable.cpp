#include "sim/core/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>

namespace locus {

namespace {

struct character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
};

/// The character at the beginning of a text; nothing if the first byte is none of well-formed UTF-8.
std::optional<character> first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return character{lead, 1};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return std::nullopt;
  std::uint32_t code = lead & (0x7fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0u) != 0x80) return std::nullopt;
    code = code << 6u | (byte(i) & 0x3fu);
  }
  const std::uint32_t least = bytes == 4 ? 0x10000 : bytes == 3 ? 0x800 : 0x80;
  if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return std::nullopt;
  return character{code, bytes};
}

bool is_command(std::uint32_t code) {
  const auto within = [code](std::uint32_t first, std::uint32_t last) { return code >= first && code <= last; };
  return code < 0x20 || within(0x7f, 0x9f) || code == 0x61c || within(0x200e, 0x200f) || within(0x2028, 0x202e) ||
         within(0x2066, 0x2069);
}

}  // namespace

std::string printable(std::string_view text, bool lines) {
  std::string out;
  while (!text.empty()) {
    const std::optional<character> c = first_of(text);
    const std::size_t bytes = c ? c->bytes : 1;
    const auto to = std::back_inserter(out);
    if (!c) fmt::format_to(to, "\\x{:02X}", static_cast<unsigned char>(text[0]));
    else if (!is_command(c->code) || (lines && (c->code == '\n' || c->code == '\t'))) out += text.substr(0, bytes);
    else if (c->code == '\n') out += "\\n";
    else if (c->code == '\t') out += "\\t";
    else if (c->code == '\r') out += "\\r";
    else fmt::format_to(to, "\\u{:04X}", c->code);
    text.remove_prefix(bytes);
  }
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::optional<character> c = first_of(text);
    if (!c) return false;
    text.remove_prefix(c->bytes);
  }
  return true;
}

}  // namespace locus
