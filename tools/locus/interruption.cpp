#include "tools/locus/interruption.hpp"

#include <csignal>

namespace locus::tools {
namespace {

volatile std::sig_atomic_t interrupted = 0;  // number of the signal

/// The first signal ends the work with what it has come to; the second one kills.
extern "C" void note_interrupt(int signal) {
  interrupted = signal;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

void end_on_signals() {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = SA_RESTART;  // what is being written is written to its end
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int interruption() noexcept { return interrupted; }

}  // namespace locus::tools
