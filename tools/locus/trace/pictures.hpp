#pragma once
/// Which panels make a picture.

#include <optional>

#include "tools/locus/trace/panels.hpp"

namespace locus::tools {

enum class picture_kind { wave, lines, raster, heat, image, weights };

/// What the user asked for.
struct picture_request {
  std::optional<picture_kind> kind;
  std::vector<std::string> patterns;               ///< as for choose_columns()
  std::optional<std::pair<tick_t, tick_t>> ticks;  ///< half-open
  std::uint32_t lane = 0;
  bool vector_graphics = false;
};

/// The picture; without any wish the wave of the first recorded presentation. Throws usage_error or run_error if there
/// is nothing to draw.
[[nodiscard]] figure make_picture(const trace_reader& trace, const picture_request& wanted);

}  // namespace locus::tools
