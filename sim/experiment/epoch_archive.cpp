#include "sim/experiment/epoch_archive.hpp"

#include <cstdint>

namespace locus {

namespace {

/// `member(epoch)` is a reference to the number.
template <class Member>
void serialize_column(archive& a, const std::string& name, std::vector<epoch_result>& epochs, Member&& member) {
  std::vector<std::remove_reference_t<decltype(member(epochs.front()))>> column;
  column.reserve(epochs.size());
  for (epoch_result& e : epochs) column.push_back(member(e));
  a.values(name, std::span(column));
  for (std::size_t i = 0; i < epochs.size(); ++i) member(epochs[i]) = column[i];
}

void serialize_scores(archive& a, const std::string& name, std::vector<epoch_result>& epochs,
                      const std::vector<report_quantity>& reports, answer_score& (*score)(epoch_result&)) {
  const auto part = a.enter(name);
  serialize_column(a, "loss", epochs, [=](epoch_result& e) -> double& { return score(e).loss; });
  serialize_column(a, "spread", epochs, [=](epoch_result& e) -> double& { return score(e).spread; });
  serialize_column(a, "correct", epochs, [=](epoch_result& e) -> std::uint64_t& { return score(e).correct; });
  serialize_column(a, "judged", epochs, [=](epoch_result& e) -> std::uint64_t& { return score(e).judged; });
  serialize_column(a, "samples", epochs, [=](epoch_result& e) -> std::uint64_t& { return score(e).samples; });
  for (std::size_t i = 0; i < reports.size(); ++i) {
    for (epoch_result& e : epochs) {
      score(e).reports.resize(reports.size());
      score(e).reports[i].function = reports[i].function;
    }
    const auto report = a.enter(reports[i].text);
    serialize_column(a, "total", epochs, [=](epoch_result& e) -> double& { return score(e).reports[i].total; });
    serialize_column(a, "count", epochs, [=](epoch_result& e) -> std::uint64_t& { return score(e).reports[i].count; });
  }
}

}  // namespace

void serialize(archive& a, const std::string& name, std::vector<epoch_result>& epochs,
               const std::vector<report_quantity>& reports) {
  const auto part = a.enter(name);
  std::vector<std::uint8_t> tested;
  tested.reserve(epochs.size());
  for (const epoch_result& e : epochs) tested.push_back(e.test ? 1 : 0);
  a.list("tested", tested);
  epochs.resize(tested.size());
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    epochs[i].epoch = static_cast<std::uint32_t>(i) + 1;
    if (!epochs[i].test) epochs[i].test.emplace();
  }
  serialize_scores(a, "train", epochs, reports, [](epoch_result& e) -> answer_score& { return e.train; });
  serialize_scores(a, "test", epochs, reports, [](epoch_result& e) -> answer_score& { return *e.test; });
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    if (tested[i] == 0) epochs[i].test.reset();
  }
  const auto count = [&](const char* column, std::uint64_t activity::*member) {
    serialize_column(a, column, epochs, [=](epoch_result& e) -> std::uint64_t& { return e.total.*member; });
  };
  count("ticks", &activity::ticks);
  count("messages", &activity::messages);
  count("links", &activity::links);
  count("spikes", &activity::spikes);
  count("weight_changes", &activity::weight_changes);
  serialize_column(a, "updates", epochs, [](epoch_result& e) -> std::uint64_t& { return e.updates; });
}

}  // namespace locus
