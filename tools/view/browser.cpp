#include "tools/view/browser.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace locus::tools {
namespace {

bool has_screen() {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
  };
  return set("DISPLAY") || set("WAYLAND_DISPLAY") || set("BROWSER");
}

/// Starts xdg-open, whose parent ends at once, so that nobody has to wait for it.
void open_with_desktop(const std::string& file) {
  const pid_t child = ::fork();
  if (child < 0) return;
  if (child == 0) {
    if (::fork() == 0) {
      ::setsid();
      const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
      for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere, stream);
      ::execlp("xdg-open", "xdg-open", file.c_str(), static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
}

}  // namespace

opened_browser::opened_browser(const std::string& address) {
  if (!has_screen()) return;
  const char* folder = std::getenv("XDG_RUNTIME_DIR");
  file_ = std::make_unique<passing_file>(folder != nullptr && *folder == '/' ? folder : folder_for_passing_files(),
                                         ".html");
  file_->write(fmt::format(
      "<!doctype html><meta charset=\"utf-8\"><title>locus view</title><meta http-equiv=\"refresh\" content=\"0; "
      "url={0}\"><a href=\"{0}\">locus view</a>\n",
      address));
  open_with_desktop(file_->name());
}

}  // namespace locus::tools
