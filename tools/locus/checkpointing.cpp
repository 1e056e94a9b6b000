#include "tools/locus/checkpointing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "models/templates/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "tools/locus/commands.hpp"
#include "tools/locus/files.hpp"
#include "tools/locus/twin.hpp"

namespace locus::tools {

std::vector<option> checkpoint_options() {
  return {{"checkpoint", "FILE",
           "write the whole state into FILE (HDF5) at the start, now and then, and at whatever end: when Ctrl-C, "
           "SIGTERM or an error ends the run, the state before the presentation that was not finished"},
          {"every-updates", "N", "with --checkpoint: write it after each N presentations, instead of once a minute"},
          {"resume", "FILE",
           "go on from a checkpoint, with the netlist that it holds unless NETLIST is given, to the bits of a run that "
           "never stopped; [trace] and stimuli.epochs may differ: locus run --resume c.h5 --set stimuli.epochs=60"}};
}

checkpointing::checkpointing(const parsed_arguments& arguments)
    : arguments_(arguments), file_(arguments.text("checkpoint")), resumed_(arguments.text("resume")) {
  every_ = static_cast<std::uint64_t>(arguments.whole("every-updates", 1).value_or(0));
  if (every_ != 0 && file_.empty()) throw usage_error("--every-updates says how often --checkpoint FILE is written");
  const bool other = !is_same_file(file_, resumed_) && !arguments.has("force");
  if (!file_.empty() && other && std::filesystem::exists(file_)) {
    throw usage_error(fmt::format("\"{}\" exists: choose another name, --resume it, or pass --force", file_));
  }
  const std::string against = arguments.text("against");
  run_.against = against;
  if (!resumed_.empty()) run_ = stored_.emplace(resumed_).origin();
  if (!against.empty() && run_.against != against) {
    throw usage_error(fmt::format("--against {}: the run of \"{}\" was compared with {}", against, resumed_,
                                  run_.against.empty() ? "nothing" : run_.against));
  }
  run_.version = LOCUS_VERSION;
  if (arguments.has("no-test")) run_.evaluated = false;
}

loaded_netlist checkpointing::load() {
  const bool named = arguments_.has("netlist");
  if (!named && resumed_.empty()) {
    throw usage_error(fmt::format("netlist is missing; usage: locus {}", run_command().synopsis));
  }
  loaded_netlist loaded = named ? load_netlist(arguments_)
                                : load_netlist(document::from_text(run_.netlist, run_.name, arguments_.texts("set")));
  run_.name = loaded.text.name();
  run_.netlist = loaded.text.canonical_text();
  return loaded;
}

std::optional<description> checkpointing::twin(const loaded_netlist& loaded) {
  if (run_.against.empty()) return std::nullopt;
  // What --against says anew is compared with the checkpoint's; without it, that one goes on.
  if (!run_.against_netlist.empty() && arguments_.text("against").empty()) {
    return read_netlist(document::from_text(run_.against_netlist, run_.against), all_templates());
  }
  description netlist = make_twin(arguments_, loaded.text, run_.against);
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

void checkpointing::catch_up(const description& netlist, const data_set& data, experiment_options options) {
  if (!in_order_ || saved_ == reached_) return;
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
  if (std::ferror(stdout) == 0) fmt::print("checkpoint: {}, after {} presentations\n", file_, end);
}

}  // namespace locus::tools
