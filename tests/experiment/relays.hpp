#pragma once
/// A few neurons that pass on what they are told, to see what is told when.

#include <string>
#include <vector>

#include "sim/core/errors.hpp"
#include "tests/engine/engine_testing.hpp"

namespace locus::testing {

/// An input neuron, one that hears it `delay` ticks and a tick later, and one that is taught. All keep what they are
/// told while it is on, and send 0 (or what they hear) otherwise.
inline std::string relay(const std::string& stimuli, const std::string& more = "", int delay = 0, int lanes = 1) {
  return "[circuit]\nlanes = " + std::to_string(lanes) + "\n[stimuli]\n" + stimuli +
         "[[population]]\nname = 'in'\nmodel = 'controller'\nsize = 1\n"
         "[[population]]\nname = 'out'\nmodel = 'controller'\nsize = 1\n"
         "[[population]]\nname = 'taught'\nmodel = 'controller'\nsize = 1\n"
         "[[projection]]\nname = 'p'\nfrom = 'in.signal'\nto = 'out.trigger'\ndelay = " +
         std::to_string(delay) +
         "\n[[stimulus]]\npopulation = 'in'\nrole = 'input'\n"
         "[[stimulus]]\npopulation = 'taught'\nrole = 'teacher'\nanswer = 'out.signal'\n" +
         more;
}

/// A netlist with the data that it names.
struct played {
  explicit played(const std::string& text) : netlist(netlist_of(text)), r(netlist, load_data(netlist.data)) {}

  description netlist;
  rig r;
};

/// The signals of some populations, tick by tick.
class signals : public tick_observer {
 public:
  signals(const rig& r, const std::vector<std::string>& names) : rig_(r), names_(names), of(names.size()) {}
  void on_tick(tick_t, const simulator& s) override {
    for (std::size_t k = 0; k < names_.size(); ++k) of[k].push_back(s.value(rig_.output(names_[k], "signal"), 0, 0));
  }
  void on_quiet(tick_t first, tick_t last, const simulator& s) override {
    for (tick_t t = first; t < last; ++t) on_tick(t, s);
  }

 private:
  const rig& rig_;
  std::vector<std::string> names_;

 public:
  std::vector<std::vector<double>> of;
};

/// The usage_error of a netlist when it is run; "": none.
inline std::string message_of_run(const std::string& text) {
  try {
    played p(text);
  } catch (const usage_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace locus::testing
