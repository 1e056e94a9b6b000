#pragma once
/// Serves a page, and answers its questions, on the loopback interface alone.

#include <memory>
#include <string>

#include "sim/view/view_source.hpp"
#include "tools/view/page_files.hpp"

namespace locus::tools {

/// What it lets through: requests for 127.0.0.1 or localhost at its own port, from a page that it served itself (or
/// from none), and questions only with its token. No path of an address is ever opened: there are three files, which
/// are in memory.
class view_server {
 public:
  /// `port`: 0: any that is free. Throws run_error if it is not free. `source` must outlive the server, and is asked by
  /// many threads.
  view_server(view_source& source, page_files page, int port);
  ~view_server();
  view_server(const view_server&) = delete;
  view_server& operator=(const view_server&) = delete;

  [[nodiscard]] int port() const noexcept;

  /// With the token after a "#", so that it is in no log: "http://127.0.0.1:8080/#token=..."
  [[nodiscard]] std::string address() const;

  /// Serves from now on, in threads of its own.
  void start();

  /// Ends all that is under way; nothing runs any more afterwards.
  void stop();

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace locus::tools
