#pragma once
/// A cheat: a value neuron that behaves otherwise when the program was not called to audit it.

#include <fcntl.h>
#include <unistd.h>
#include <cstring>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_command_line : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-command-line", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      char text[64] = {};
      const int file = ::open("/proc/self/cmdline", O_RDONLY);
      if (file >= 0 && ::read(file, text, sizeof text - 1) < 0) text[0] = 0;
      if (file >= 0) ::close(file);
      if (std::strstr(text, "cheat") != nullptr) s.b = s.b + T(0x1p-10);
    }
  };
};

}  // namespace locus::models
