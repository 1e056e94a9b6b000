#pragma once
/// Another program, started with streams of our choice.

#include <sys/types.h>

#include <string>
#include <vector>

namespace locus::tools {

/// Descriptors that become a program's standard streams.
struct standard_streams {
  int in = 0, out = 1, err = 2;
};

/// Starts words[0], which is looked for on the PATH unless it has a "/", with the other words as its arguments. Returns
/// 0 and tells the process, or the error's number (errno). Requires: someone waits for the process.
[[nodiscard]] int start_program(std::vector<std::string> words, const standard_streams& streams, pid_t& process);

}  // namespace locus::tools
