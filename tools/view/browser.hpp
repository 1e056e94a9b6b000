#pragma once
/// The user's browser.

#include <memory>
#include <string>

#include "tools/view/passing_file.hpp"

namespace locus::tools {

/// Leads the browser to an address that nobody else is to know, if there is a screen to show one on. Other users see
/// the arguments of processes; so the browser is given a file that only its owner can read, which leads there. The file
/// lasts as long as this does.
class opened_browser {
 public:
  explicit opened_browser(const std::string& address);

 private:
  std::unique_ptr<passing_file> file_;
};

}  // namespace locus::tools
