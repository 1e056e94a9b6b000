#pragma once
/// What the files of the module `locus._locus` share. It has no logic of its own: what Python and the command line both
/// need is in sim/.

#include <pybind11/functional.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/run/loading.hpp"

namespace locus::python {

namespace py = pybind11;

/// A netlist, shared by all that was made of it.
using netlist_handle = std::shared_ptr<loaded_netlist>;

/// One thread at a time has a simulator; who asks meanwhile is told so.
class turn {
 public:
  /// Throws run_error if another thread is at it, or (`alone`) this one.
  void check(bool alone = false) const {
    if (by_ == std::thread::id() || (!alone && by_ == std::this_thread::get_id())) return;
    throw run_error(by_ == std::this_thread::get_id() ? "it is running: a callback cannot run it, too"
                                                      : "it is running in another thread");
  }

  /// Has it while it lives. To be made and destroyed with the GIL.
  class taken {
   public:
    explicit taken(turn& t) : turn_(t) {
      t.check(true);
      t.by_ = std::this_thread::get_id();
    }
    ~taken() { turn_.by_ = {}; }
    taken(const taken&) = delete;
    taken& operator=(const taken&) = delete;

   private:
    turn& turn_;
  };

 private:
  std::thread::id by_;
};

/// A simulator with all that it needs to live.
struct simulator_handle {
  std::shared_ptr<const void> net;  ///< its circuit, or the run that has it
  std::shared_ptr<simulator> sim;   ///< keeps `net` alive, too
  std::shared_ptr<turn> use;
};

/// Asked often, looks twenty times a second whether a signal came. Throws what its handler raises.
class signal_check {
 public:
  bool operator()() {
    const clock::time_point now = clock::now();
    if (now - last_ < std::chrono::milliseconds(50)) return false;
    last_ = now;
    const py::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    return false;
  }

 private:
  using clock = std::chrono::steady_clock;
  clock::time_point last_ = clock::now();
};

void add_netlist(py::module_& m);
void add_simulator(py::module_& m);
void add_run(py::module_& m);
void add_sweep(py::module_& m);
void add_reports(py::module_& m);

}  // namespace locus::python
