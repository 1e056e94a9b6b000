#include "sim/sweep/cell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace locus::sweep {

namespace {

double number_of(const std::optional<double>& measured) { return measured.value_or(std::nan("")); }

std::optional<double> report_in(const answer_score& score, const circuit& net, const std::string& name) {
  for (std::size_t i = 0; i < net.reports.size() && i < score.reports.size(); ++i) {
    if (net.reports[i].text == name) return score.reports[i].value();
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> measures_with(const std::vector<std::string>& reports) {
  std::vector<std::string> all(std::begin(score_names), std::end(score_names));
  for (const std::string& report : reports) {
    all.push_back(report);
    all.push_back("test " + report);
  }
  return all;
}

double cell_result::last(std::size_t measure) const {
  return epochs == 0 || curves.at(measure).empty() ? std::nan("") : curves[measure].back();
}

cell_result result_of(const run_result& run, const circuit& net, const std::vector<std::string>& reports) {
  cell_result out;
  out.state = cell_state::done;
  if (run.nonfinite) out.message = fmt::format("first non-finite number: {}", *run.nonfinite);
  out.weights_sha256 = run.weights_sha256;
  out.counts = {run.total.ticks, run.total.messages, run.total.links, run.total.spikes, run.updates, run.presentations};
  out.epochs = static_cast<std::uint32_t>(run.epochs.size());
  out.curves.resize(measures_with(reports).size());
  out.growth.resize(std::size(epoch_counts));
  for (const epoch_result& e : run.epochs) {
    const answer_score test = e.test.value_or(answer_score{});
    std::size_t k = 0;
    for (const answer_score* score : {&e.train, &test}) {
      for (const auto& measured : {score->mean_loss(), score->accuracy(), score->r2()}) {
        out.curves[k++].push_back(number_of(measured));
      }
    }
    for (const std::string& name : reports) {
      out.curves[k++].push_back(number_of(report_in(e.train, net, name)));
      out.curves[k++].push_back(number_of(report_in(test, net, name)));
    }
    k = 0;
    for (const std::uint64_t count : {e.total.ticks, e.total.messages, e.total.spikes, e.updates}) {
      out.growth[k++].push_back(count);
    }
  }
  return out;
}

void serialize(archive& a, cell_result& r) {
  auto state = static_cast<std::uint64_t>(r.state);
  a.value("state", state);
  r.state = static_cast<cell_state>(state);
  a.value("message", r.message);
  a.value("weights_sha256", r.weights_sha256);
  a.value("seconds", r.seconds);
  for (const named_count& count : all_counts) a.value(std::string(count.name), r.counts.*count.value);
  std::uint64_t epochs = r.epochs, measures = r.curves.size();
  a.value("epochs", epochs);
  a.value("measures", measures);
  r.epochs = static_cast<std::uint32_t>(epochs);
  r.curves.resize(measures);
  r.growth.resize(std::size(epoch_counts));
  for (std::size_t k = 0; k < measures; ++k) a.list(fmt::format("curve{}", k), r.curves[k]);
  for (std::size_t k = 0; k < r.growth.size(); ++k) a.list(fmt::format("growth{}", k), r.growth[k]);
}

}  // namespace locus::sweep
