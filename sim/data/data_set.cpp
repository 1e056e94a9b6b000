#include "sim/data/data_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/data/sources.hpp"

namespace locus {

namespace {

/// What follows `form` ("idx:" or "csv:") in the source. Requires: the source starts with it.
std::string path_after(const data_description& description, std::string_view form, std::string_view wanted) {
  std::string path = description.source.substr(form.size());
  if (path.empty()) {
    throw usage_error(description.at,
                      fmt::format("data = \"{0}\": must name a {1} after \"{0}\"", description.source, wanted));
  }
  return path;
}

data_set load_source(const data_description& description) {
  const std::string& source = description.source;
  if (source == "digits") return load_digits(description);
  if (source == "arrays") return load_arrays(description);
  if (source == "teacher") return load_teacher(description);
  if (std::find(std::begin(fetched_data_sets), std::end(fetched_data_sets), source) != std::end(fetched_data_sets))
    return load_fetched(source);
  if (source.starts_with("idx:")) return load_idx(path_after(description, "idx:", "directory"));
  if (source.starts_with("csv:")) return load_csv(path_after(description, "csv:", "file"));
  throw usage_error(
      description.at,
      fmt::format("data = \"{}\": must be digits, mnist, fashion-mnist, idx:DIR, csv:FILE, arrays or teacher", source));
}

void keep_first(samples& part, std::uint32_t limit) {
  if (limit == 0 || limit >= part.count()) return;
  part.input.keep_first(limit * part.input_frames);
  part.target.keep_first(limit * part.target_frames);
}

std::vector<double> rows_of(const number_table& table, std::uint32_t first, std::uint32_t count) {
  const std::size_t width = table.columns();
  std::vector<double> all(count * width);
  for (std::uint32_t row = 0; row < count; ++row)
    table.copy_row(first + row, std::span(all).subspan(row * width, width));
  return all;
}

}  // namespace

std::vector<double> samples::input_of(std::uint32_t i) const { return rows_of(input, input_row(i, 0), input_frames); }

std::vector<double> samples::target_of(std::uint32_t i) const {
  return targets() == 0 ? std::vector<double>() : rows_of(target, target_row(i, 0), target_frames);
}

number_table one_hot(std::span<const std::uint8_t> labels, std::uint32_t width) {
  std::vector<std::uint8_t> bytes(labels.size() * width, 0);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= width) throw internal_error(fmt::format("label {} in {} columns", labels[i], width));
    bytes[i * width + labels[i]] = 1;
  }
  return {width, std::move(bytes), 1};
}

data_set load_data(const data_description& description) {
  data_set data = load_source(description);
  if (description.train_on == "test") std::swap(data.train, data.test);
  if (data.train.count() == 0) throw run_error(data.name + ": 0 training samples: must be at least 1");
  keep_first(data.train, description.train_limit);
  keep_first(data.test, description.test_limit);
  return data;
}

}  // namespace locus
