#pragma once
/// A picture of panels that stand one above the other on a common axis of ticks, as a gnuplot script.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/tick.hpp"

namespace locus::tools {

/// A panel of a figure. `commands` are gnuplot's, up to and with the plot.
struct panel {
  std::string title;
  std::string data;  ///< datablocks that the commands use
  std::string commands;
  int height = 120;  ///< pixels
  int below = 0;     ///< pixels under it, for ticks of its own
  double width = 1;  ///< of the page's
};

class figure {
 public:
  /// Ticks [from, until) on the horizontal axis.
  figure(std::string title, tick_t from, tick_t until) : title_(std::move(title)), from_(from), until_(until) {}

  /// A name for a datablock that no other has: "$data3".
  [[nodiscard]] std::string fresh_name() { return "$data" + std::to_string(++names_); }

  void add(panel p) { panels_.push_back(std::move(p)); }
  /// A dashed line through all panels, before that tick.
  void mark(tick_t tick) { marks_.push_back(tick); }
  /// A line of small print below the picture; the same text only once.
  void note(const std::string& text) {
    if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) notes_.push_back(text);
  }

  /// The axis tells milliseconds instead of ticks, of which each has so many.
  void tell_time(double milliseconds) { tick_ms_ = milliseconds; }

  [[nodiscard]] bool empty() const noexcept { return panels_.empty(); }

  /// The script that draws it, as SVG or as PNG; `output`: commands that say where to, before it draws.
  [[nodiscard]] std::string script(bool vector_graphics, const std::string& output = {}) const;

 private:
  std::string title_;
  [[nodiscard]] std::string time_axis(bool labels) const;

  tick_t from_, until_;
  std::optional<double> tick_ms_;
  std::vector<panel> panels_;
  std::vector<tick_t> marks_;
  std::vector<std::string> notes_;
  int names_ = 0;
};

/// How all pictures of the program begin: terminal, `output` and style, as gnuplot commands. `height`: pixels, of 1000
/// in width.
[[nodiscard]] std::string picture_beginning(bool vector_graphics, int height, const std::string& output = {});

/// The distance of about `count` round numbers within [low, high].
[[nodiscard]] double round_step(double low, double high, double count);

/// Whether a picture of that name is SVG; otherwise it is PNG.
[[nodiscard]] inline bool is_vector_graphics(const std::string& file) { return file.ends_with(".svg"); }

/// draw_with_gnuplot()
void draw(const figure& f, const std::string& file);

}  // namespace locus::tools
