#include "tools/locus/trace/images.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "sim/core/errors.hpp"
#include "sim/trace/value_stream.hpp"
#include "tools/locus/gnuplot.hpp"
#include "tools/locus/trace/panel_parts.hpp"

namespace locus::tools {

namespace {

constexpr std::size_t most_ticks = 12, most_channels = 64, channels_in_line = 12;
constexpr std::size_t most_numbers = 4'000'000;  // in a panel

/// The part of a grid that was chosen: its channels, and in each of them a rectangle.
struct grid_part {
  std::vector<std::uint32_t> channels;  ///< ascending
  std::uint32_t first_row = 0, rows = 0, first_column = 0, columns = 0;
};

std::uint32_t columns_of(const grid_shape& shape) { return shape.back(); }
std::uint32_t places_of_channel(const grid_shape& shape) { return shape[shape.size() - 2] * shape.back(); }

grid_part part_of(const chosen_columns& c) {
  const grid_shape& shape = c.variable->shape;
  std::uint32_t first_row = std::numeric_limits<std::uint32_t>::max(), first_column = first_row, row = 0, column = 0;
  grid_part part;
  for (const std::size_t k : c.columns) {
    const std::uint32_t neuron = c.variable->neurons[k], place = neuron % places_of_channel(shape);
    part.channels.push_back(neuron / places_of_channel(shape));
    first_row = std::min(first_row, place / columns_of(shape));
    row = std::max(row, place / columns_of(shape));
    first_column = std::min(first_column, place % columns_of(shape));
    column = std::max(column, place % columns_of(shape));
  }
  std::sort(part.channels.begin(), part.channels.end());
  part.channels.erase(std::unique(part.channels.begin(), part.channels.end()), part.channels.end());
  part.first_row = first_row;
  part.rows = row - first_row + 1;
  part.first_column = first_column;
  part.columns = column - first_column + 1;
  return part;
}

/// "[2,:,:]", as a pattern of --select would choose it; "" if there are no channels.
std::string channel_text(const grid_shape& shape, std::uint32_t channel) {
  if (shape.size() == 2) return "";
  const grid_shape before(shape.begin(), shape.end() - 2);
  return fmt::format("[{},:,:]", fmt::join(place_of(before, channel), ","));
}

/// The ticks that are drawn: those that were recorded, or `most` of them, evenly taken, with the first and the last.
std::vector<tick_t> ticks_of(figure& f, const view& v, const trace_variable& variable, std::size_t most) {
  const std::vector<tick_t>& frames = v.trace.frames();
  const bool held = variable.storage == trace_storage::changes;
  const auto first = std::lower_bound(frames.begin(), frames.end(), v.from);
  const auto there =
      static_cast<std::size_t>(held ? v.until - v.from : std::lower_bound(first, frames.end(), v.until) - first);
  std::vector<tick_t> ticks(std::min(most, there));
  for (std::size_t k = 0; k < ticks.size(); ++k) {
    const std::size_t at = ticks.size() < 2 ? 0 : k * (there - 1) / (ticks.size() - 1);
    ticks[k] = held ? v.from + static_cast<tick_t>(at) : first[static_cast<std::ptrdiff_t>(at)];
  }
  if (there > most) f.note(fmt::format("drawn: {} of {} ticks; others with --ticks", most, there));
  return ticks;
}

/// Images side by side and one below the other, with gaps between them.
class tiles {
 public:
  /// `count` of them, line by line; 0: as many as there are places.
  tiles(std::size_t lines, std::size_t in_line, std::size_t count, const grid_part& part)
      : lines_(lines),
        in_line_(in_line),
        count_(count == 0 ? lines * in_line : count),
        part_(part),
        gap_(std::max(1U, std::max(part.rows, part.columns) / 8)) {
    values_.assign(height() * width(), std::numeric_limits<double>::quiet_NaN());
  }

  [[nodiscard]] std::size_t lines() const { return lines_; }
  [[nodiscard]] std::size_t in_line() const { return in_line_; }
  [[nodiscard]] std::size_t width() const { return in_line_ * (part_.columns + gap_) - gap_; }
  [[nodiscard]] std::size_t height() const { return lines_ * (part_.rows + gap_) - gap_; }
  /// Where the middle of an image is.
  [[nodiscard]] double middle_of_line(std::size_t line) const { return middle(line, part_.rows); }
  [[nodiscard]] double middle_in_line(std::size_t k) const { return middle(k, part_.columns); }

  double& at(std::size_t line, std::size_t k, std::size_t row, std::size_t column) {
    return values_[(line * (part_.rows + gap_) + row) * width() + k * (part_.columns + gap_) + column];
  }
  [[nodiscard]] const std::vector<double>& values() const { return values_; }

  /// Commands for a thin line around each image, of which the first begins at (first_x, first_y).
  [[nodiscard]] std::string frames(double first_x, double first_y) const {
    std::string all;
    for (std::size_t i = 0; i < count_; ++i) {
      const std::size_t line = i / in_line_;
      const double x = first_x + static_cast<double>(i % in_line_ * (part_.columns + gap_)) - 0.5;
      const double y = first_y + static_cast<double>(line * (part_.rows + gap_)) - 0.5;
      all += fmt::format(
          "set object {} rectangle from {:.8g},{:.8g} to {:.8g},{:.8g} front fs empty border lc rgb "
          "'#999999'\n",
          i + 1, x, y, x + part_.columns, y + part_.rows);
    }
    return all;
  }

 private:
  [[nodiscard]] double middle(std::size_t k, std::uint32_t length) const {
    return static_cast<double>(k * (length + gap_)) + 0.5 * (length - 1.0);
  }

  std::size_t lines_, in_line_, count_;
  grid_part part_;
  std::uint32_t gap_;
  std::vector<double> values_;  ///< [row][column] of the whole; NaN: a gap, or not recorded
};

std::string tics(std::size_t count, const std::function<std::string(std::size_t)>& label,
                 const std::function<double(std::size_t)>& place) {
  std::string all;
  for (std::size_t k = 0; k < count; ++k)
    all += fmt::format("{}{} {:.6g}", k > 0 ? ", " : "", gnuplot_text(label(k)), place(k));
  return "(" + all + ")";
}

/// Commands for the axes of several images: which ticks and channels they are.
std::string axes_of(const tiles& all, const grid_shape& shape, const grid_part& part,
                    const std::vector<tick_t>& ticks) {
  const auto channel = [&](std::size_t k) { return channel_text(shape, part.channels[k]); };
  const auto first_channel = [&](std::size_t line) { return channel(line * all.in_line()) + " ..."; };
  const auto tick = [&](std::size_t k) { return std::to_string(ticks[k]); };
  const auto in_line = [&](std::size_t k) { return all.middle_in_line(k); };
  const auto line = [&](std::size_t k) { return all.middle_of_line(k); };
  std::string x = "set xtics ('' 0)", y = "set ytics ('' 0)";
  if (ticks.size() > 1) {
    x = "set xtics " + tics(ticks.size(), tick, in_line);
    if (shape.size() > 2) y = "set ytics " + tics(all.lines(), channel, line);
  } else if (all.lines() == 1) {
    x = "set xtics " + tics(all.in_line(), channel, in_line);
  } else {
    y = "set ytics " + tics(all.lines(), first_channel, line);
  }
  return fmt::format("{}{}\n{}\n", ticks.size() > 1 ? "" : "unset xlabel\n", x, y);
}

/// The same for a single image: its rows and columns.
std::string axes_of(const grid_part& part) {
  const auto along = [](std::uint32_t first, std::uint32_t n) {
    const double step = std::max(1.0, round_step(0, n, 4));
    return fmt::format("{},{:.6g},{}", first, step, std::uint64_t{first} + n - 1);
  };
  return fmt::format(
      "set xtics {} format '%.0f'\nset ytics {}\nset xlabel 'column' offset 0,0.3\nset ylabel 'row' offset 1,0\n",
      along(part.first_column, part.columns), along(part.first_row, part.rows));
}

panel panel_of(figure& f, const tiles& all, double first_x, double first_y, const std::string& axes, bool cells) {
  constexpr double page = 720, largest = 48;  // pixels
  const double tallest = std::clamp(60.0 * static_cast<double>(all.lines()), 360.0, 1600.0);
  const auto width = static_cast<double>(all.width()), height = static_cast<double>(all.height());
  const double scale = std::min({page / width, tallest / height, largest});
  const std::string name = f.fresh_name();
  panel p{"", name + " << EOD\n", "", std::max(20, static_cast<int>(std::lround(scale * height)))};
  p.below = 18;
  p.width = scale * width / page;
  extremes shown;
  for (std::size_t i = 0; i < all.values().size(); ++i) {
    shown.take(all.values()[i]);
    p.data += number(all.values()[i]) + ((i + 1) % all.width() == 0 ? "\n" : " ");
  }
  p.data += "EOD\n";
  // In SVG an image would be a file of its own; in PNG rectangles would have seams.
  p.commands = fmt::format(
      "{}set border 0\nset tics scale 0\nset xrange [{:.6g}:{:.6g}]\nset yrange [{:.6g}:{:.6g}]\n{}{}"
      "plot {} matrix using ({:.6g}+$1):({:.6g}+$2):3 with image{} notitle\nunset object\nunset ylabel\n",
      palette_for(shown), first_x - 0.5, first_x + width - 0.5, first_y + height - 0.5, first_y - 0.5, axes,
      all.frames(first_x, first_y), name, first_x, first_y, cells ? " pixels" : "");
  return p;
}

}  // namespace

bool makes_image(const chosen_columns& c) { return !c.variable->weights && c.variable->shape.size() > 1; }

void add_images(figure& f, const view& v, const chosen_columns& c) {
  const grid_shape& shape = c.variable->shape;
  grid_part part = part_of(c);
  const std::size_t of_channel = std::size_t{part.rows} * part.columns;
  if (of_channel > most_numbers) {
    throw run_error(fmt::format("{}: an image of {} x {} neurons is too large: choose a part with --select",
                                c.variable->full_name(), part.rows, part.columns));
  }
  const std::size_t there = part.channels.size(), shown = std::min(most_channels, most_numbers / of_channel);
  if (there > shown) {
    f.note(fmt::format("{}: the first {} of {} channels", c.variable->full_name(), shown, there));
    part.channels.resize(shown);
  }
  const std::size_t channels = part.channels.size();
  const std::vector<tick_t> ticks =
      ticks_of(f, v, *c.variable, std::clamp<std::size_t>(most_numbers / (of_channel * channels), 1, most_ticks));
  if (ticks.empty()) return;
  const bool one_tick = ticks.size() == 1;
  const std::size_t in_line = one_tick ? std::min(channels, channels_in_line) : ticks.size();
  tiles all(one_tick ? (channels + in_line - 1) / in_line : channels, in_line, one_tick ? channels : 0, part);
  value_stream values(v.trace, *c.variable);
  const std::uint32_t lane = std::min(v.lane, c.variable->lanes - 1);
  for (std::size_t t = 0; t < ticks.size(); ++t) {
    const std::span<const double> row = values.at(ticks[t]);
    for (const std::size_t k : c.columns) {
      const std::uint32_t neuron = c.variable->neurons[k], place = neuron % places_of_channel(shape);
      const auto found =
          std::lower_bound(part.channels.begin(), part.channels.end(), neuron / places_of_channel(shape));
      if (found == part.channels.end()) continue;
      const auto channel = static_cast<std::size_t>(found - part.channels.begin());
      all.at(one_tick ? channel / in_line : channel, one_tick ? channel % in_line : t,
             place / columns_of(shape) - part.first_row, place % columns_of(shape) - part.first_column) =
          row[k * c.variable->lanes + lane];
    }
  }
  const bool one_image = one_tick && channels == 1;
  panel p = panel_of(f, all, one_image ? part.first_column : 0, one_image ? part.first_row : 0,
                     one_image ? axes_of(part) : axes_of(all, shape, part, ticks), v.vector_graphics);
  p.title = title_of(*c.variable);
  if (one_image) p.below += 16;  // the name of the axis
  if (one_image && shape.size() > 2) p.title += " " + channel_text(shape, part.channels[0]);
  if (one_tick) p.title += fmt::format(", tick {}", ticks[0]);
  f.add(std::move(p));
}

}  // namespace locus::tools
