#pragma once
/// The user's browser.

#include <string>

namespace locus::tools {

/// Leads the browser to an address that nobody else is to know, if there is a screen to show one on. Other users see the
/// arguments of processes; so the browser is given a file that only its owner can read, which leads there. The file
/// lasts as long as this does.
class opened_browser {
 public:
  explicit opened_browser(const std::string& address);
  ~opened_browser();
  opened_browser(const opened_browser&) = delete;
  opened_browser& operator=(const opened_browser&) = delete;

 private:
  std::string file_;
};

}  // namespace locus::tools
