#include "sim/run/checkpointing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "models/templates/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "sim/run/files.hpp"
#include "sim/run/twin.hpp"

namespace locus {

checkpointing::checkpointing(const checkpoint_request& request)
    : file_(request.file), resumed_(request.resume), every_(request.every) {
  if (every_ != 0 && file_.empty()) throw usage_error("--every-updates says how often --checkpoint FILE is written");
  const bool other = !is_same_file(file_, resumed_) && !request.force;
  if (!file_.empty() && other && std::filesystem::exists(file_)) {
    throw usage_error(fmt::format("\"{}\" exists: choose another name, --resume it, or pass --force", file_));
  }
  run_.against = request.against;
  if (!resumed_.empty()) run_ = stored_.emplace(resumed_).origin();
  if (!request.against.empty() && run_.against != request.against) {
    throw usage_error(fmt::format("--against {}: the run of \"{}\" was compared with {}", request.against, resumed_,
                                  run_.against.empty() ? "nothing" : run_.against));
  }
  anew_ = !request.against.empty();
  run_.version = LOCUS_VERSION;
  if (!request.evaluate) run_.evaluated = false;
}

loaded_netlist checkpointing::load(const std::optional<document>& given, const std::vector<std::string>& overrides) {
  loaded_netlist loaded(given ? *given : document::from_text(run_.netlist, run_.name, overrides));
  run_.name = loaded.text.name();
  run_.netlist = loaded.text.canonical_text();
  return loaded;
}

std::optional<description> checkpointing::twin(const loaded_netlist& loaded,
                                               const std::vector<std::string>& overrides) {
  if (run_.against.empty()) return std::nullopt;
  // What --against says anew is compared with the checkpoint's; without it, that one goes on.
  if (!run_.against_netlist.empty() && !anew_)
    return read_netlist(document::from_text(run_.against_netlist, run_.against), all_templates());
  description netlist = make_twin(loaded.text, run_.against, overrides);
  run_.against_netlist = long_form(netlist);
  return netlist;
}

void checkpointing::resume(experiment& x) {
  if (!stored_) return;
  stored_->load(run_, x);
  stored_.reset();
}

void checkpointing::begin(experiment& x) {
  if (!file_.empty()) save(x);
}

void checkpointing::pause(experiment& x, bool last) {
  if (file_.empty()) return;
  reached_ = x.presentations();
  // What is lost, or done again in catch_up(), is a minute's work, and writing takes a hundredth of the time.
  const clock::duration patience = std::max<clock::duration>(std::chrono::minutes(1), 100 * took_);
  const bool due = every_ != 0 ? reached_ % every_ == 0 : clock::now() - saved_at_ >= patience;
  if (last || due) save(x);
}

void checkpointing::save(experiment& x) {
  const clock::time_point start = clock::now();
  in_order_ = false;
  save_checkpoint(file_, run_, x);
  in_order_ = true;
  saved_ = reached_ = x.presentations();
  saved_at_ = clock::now();
  took_ = saved_at_ - start;
}

std::optional<std::uint64_t> checkpointing::catch_up(const description& netlist, const data_set& data,
                                                     experiment_options options) {
  if (!in_order_ || saved_ == reached_) return std::nullopt;
  const std::uint64_t end = reached_;
  options.on_epoch = {};
  options.on_batch = {};
  options.simulation.stop = {};
  options.stop = [end](experiment& x) { return x.presentations() == end; };
  options.on_pause = [this](experiment& x, bool last) {
    if (last) save(x);
  };
  experiment x(netlist, data, options);
  stored_checkpoint(file_).load(run_, x);
  (void)x.run();
  return end;
}

}  // namespace locus
