#pragma once
/// A trace as one page that needs no server.

#include <optional>
#include <string>

#include "sim/core/tick.hpp"
#include "sim/view/view_source.hpp"
#include "tools/view/page_files.hpp"

namespace locus::tools {

/// The page with its script and style in it, and with what it would ask of `source`, a trace: the values of the ticks
/// of `exact`, and of the rest an overview. Without `exact`, those are the first presentation's ticks, or as many of
/// them as leave the page small (10 MB). Throws run_error.
[[nodiscard]] std::string exported_page(view_source& source, const page_files& page, std::optional<window> exact);

}  // namespace locus::tools
