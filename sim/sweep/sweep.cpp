#include "sim/sweep/sweep.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "sim/core/errors.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/sweep/jobs.hpp"

namespace locus::sweep {

namespace {

/// Which of two results of one cell says more.
bool is_better(const cell_result& a, const cell_result& b) {
  const auto rank = [](const cell_result& r) {
    return r.state == cell_state::done ? 3 : r.state == cell_state::failed ? 2 : r.state == cell_state::died ? 1 : 0;
  };
  return rank(a) > rank(b);
}

}  // namespace

shard parse_shard(std::string_view text) {
  const auto slash = text.find('/');
  std::string complaint;
  if (slash != std::string_view::npos) {
    const auto of = parse_whole(text.substr(slash + 1), {1, most_values}, complaint);
    const auto number = of ? parse_whole(text.substr(0, slash), {1, *of}, complaint) : std::nullopt;
    if (number) return {static_cast<std::size_t>(*number) - 1, static_cast<std::size_t>(*of)};
  }
  throw usage_error(fmt::format("--shard {}: expected K/N, the K-th of N parts, such as 3/10{}{}", text,
                                complaint.empty() ? "" : ": ", complaint));
}

cell_result run_cell(const plan& what, std::size_t cell, std::uint32_t threads) {
  const auto start = std::chrono::steady_clock::now();
  const description netlist = what.read(cell);
  const std::shared_ptr<const data_set> data = what.data(netlist);
  experiment_options options;
  options.max_updates = what.asked().max_updates;
  options.evaluate = what.asked().evaluate;
  options.simulation.threads = threads;
  experiment x(netlist, *data, options);
  cell_result out = result_of(x.run(), x.net(), what.reports());
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return out;
}

results run(const plan& what, const run_options& options) {
  const question asked = question_of(what);
  const bool anew = options.replace || !std::filesystem::exists(options.file);
  results all{asked, {}};
  if (anew) {
    all.cells.resize(asked.grid.cells());
  } else {
    all = read_results(options.file);
    if (const auto other = difference(all.asked, asked)) {
      throw usage_error(
          fmt::format("\"{}\" has the results of another sweep: {}; choose another --out, or begin anew "
                      "with --force",
                      options.file, *other));
    }
  }
  std::vector<std::size_t> missing;
  std::size_t part = 0;
  for (std::size_t cell = 0; cell < all.cells.size(); ++cell) {
    if (!options.part.has(cell)) continue;
    ++part;
    const cell_state state = all.cells[cell].state;
    if (state == cell_state::missing || state == cell_state::died) missing.push_back(cell);
  }
  std::optional<results_file> file;
  if (anew) file.emplace(results_file::create(options.file, asked, options.replace));
  else if (!missing.empty()) file.emplace(results_file::open(options.file, all.asked));
  if (options.on_start) options.on_start(missing.size(), part - missing.size());
  const auto work = [&](std::size_t cell) { return packed(run_cell(what, cell, options.threads)); };
  const auto ended = [&](const job_end& end) {
    cell_result result;
    if (end.answer) {
      result = unpacked<cell_result>(*end.answer);
    } else {
      result.state = end.error != nullptr ? cell_state::failed : cell_state::died;
      result.message = end.message();
      result.curves.resize(measures_with(asked.reports).size());
      result.growth.resize(std::size(epoch_counts));
    }
    file->put(end.job, result);
    all.cells[end.job] = result;
    if (options.on_cell) options.on_cell(end.job, result);
  };
  (void)run_jobs(missing, options.jobs, work, ended, options.stop);
  if (file) file->close();
  return all;
}

results join(const std::vector<std::string>& files) {
  std::optional<results> all;
  for (const std::string& file : files) {
    results part = read_results(file);
    if (!all) {
      all = std::move(part);
      continue;
    }
    if (const auto other = difference(part.asked, all->asked)) {
      throw usage_error(fmt::format("\"{}\" is of another sweep than \"{}\": {}", file, files.front(), *other));
    }
    for (std::size_t cell = 0; cell < all->cells.size(); ++cell) {
      cell_result &ours = all->cells[cell], &theirs = part.cells[cell];
      const bool both = ours.state == cell_state::done && theirs.state == cell_state::done;
      if (both && ours.weights_sha256 != theirs.weights_sha256) {
        throw usage_error(
            fmt::format("\"{}\" has other weights of ({}) than the files before it", file, all->asked.grid.text(cell)));
      }
      if (is_better(theirs, ours)) ours = std::move(theirs);
    }
  }
  return std::move(all).value();
}

void write(const std::string& file, const results& all, bool replace) {
  results_file out = results_file::create(file, all.asked, replace);
  for (std::size_t cell = 0; cell < all.cells.size(); ++cell) {
    if (all.cells[cell].state != cell_state::missing) out.put(cell, all.cells[cell]);
  }
  out.close();
}

}  // namespace locus::sweep
