#include "tools/view/server.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>
#include <system_error>
#include <thread>

#include "sim/core/errors.hpp"

namespace locus::tools {
namespace {

constexpr std::size_t largest_body = 1 << 20;
constexpr std::size_t threads = 48;  // each connection has one, while it lasts
constexpr char json_type[] = "application/json; charset=utf-8";

/// 128 bits that nobody can guess, in hexadecimal digits.
std::string draw_token() {
  std::random_device system;
  std::string token;
  for (int word = 0; word < 4; ++word) token += fmt::format("{:08x}", static_cast<std::uint32_t>(system()));
  return token;
}

/// Takes as long whatever is wrong.
bool same_secret(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t k = 0; k < a.size(); ++k)
    difference |= static_cast<unsigned char>(a[k]) ^ static_cast<unsigned char>(b[k]);
  return difference == 0;
}

int status_of(view_outcome outcome) {
  switch (outcome) {
    case view_outcome::done: return 200;
    case view_outcome::wrong: return 400;
    case view_outcome::missing: return 404;
    case view_outcome::too_large: return 413;
    case view_outcome::failed: break;
  }
  return 500;
}

void send(httplib::Response& to, const view_answer& answer) {
  to.status = status_of(answer.outcome);
  for (const auto& [name, value] : answer.notes) to.set_header(("X-Locus-" + name).c_str(), value);
  const char* type = answer.content == view_content::matrix ? "application/octet-stream"
                     : answer.content == view_content::text ? "text/plain; charset=utf-8"
                                                            : json_type;
  to.set_content(answer.body, type);
}

void refuse(httplib::Response& to, int status, const std::string& sentence) {
  to.status = status;
  to.set_content(refusal(view_outcome::wrong, sentence).body, json_type);
}

/// What the library found wrong before anyone here was asked.
std::string sentence_for(int status) {
  switch (status) {
    case 400: return "the request is no HTTP request that can be read";
    case 404: return "there is nothing at this address";
    case 405: return "there is nothing at this address that is asked for in this way";
    case 413: return fmt::format("the body of the request is too long: at most {} bytes", largest_body);
    case 414: return "the address is too long";
    default: return fmt::format("the request was refused (status {})", status);
  }
}

}  // namespace

class view_server::state {
 public:
  state(view_source& source, page_files page, int port)
      : source_(source), page_(std::move(page)), token_(draw_token()) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(threads); };  // NOLINT: the library owns it
    server_.set_payload_max_length(largest_body);
    server_.set_read_timeout(5);
    server_.set_write_timeout(10);
    server_.set_keep_alive_timeout(1);  // so long does the end take at most
    server_.set_keep_alive_max_count(100'000);
    server_.set_tcp_nodelay(true);
    server_.set_default_headers({{"Cache-Control", "no-store"},
                                 {"X-Content-Type-Options", "nosniff"},
                                 {"Referrer-Policy", "no-referrer"},
                                 {"Cross-Origin-Resource-Policy", "same-origin"},
                                 {"Content-Security-Policy",
                                  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
                                  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"}});
    server_.set_pre_routing_handler([this](const httplib::Request& asked, httplib::Response& to) {
      return look_at(asked, to) ? httplib::Server::HandlerResponse::Handled
                                : httplib::Server::HandlerResponse::Unhandled;
    });
    server_.Post("/api/[a-z_]+", [this](const httplib::Request& asked, httplib::Response& to) { ask(asked, to); });
    server_.set_error_handler([](const httplib::Request&, httplib::Response& to) {
      if (to.body.empty()) to.set_content(refusal(view_outcome::wrong, sentence_for(to.status)).body, json_type);
    });
    server_.set_exception_handler([](const httplib::Request&, httplib::Response& to, std::exception_ptr problem) {
      try {
        std::rethrow_exception(std::move(problem));
      } catch (const std::bad_alloc&) {
        refuse(to, 500, "out of memory");
      } catch (const std::exception& e) {
        refuse(to, 500, fmt::format("internal error, please report it: {}", e.what()));
      }
    });
    // A port that another program has is not shared with it, which the library's own options would do.
    server_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    port_ = port == 0 ? server_.bind_to_any_port("127.0.0.1") : server_.bind_to_port("127.0.0.1", port) ? port : -1;
    if (port_ <= 0)
      throw run_error(
          fmt::format("cannot listen on port {} of 127.0.0.1: {}", port, std::generic_category().message(errno)));
    for (const char* name : {"127.0.0.1", "localhost"}) hosts_.push_back(fmt::format("{}:{}", name, port_));
  }

  ~state() { stop(); }

  void start() {
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }

  void stop() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] int port() const noexcept { return port_; }
  [[nodiscard]] std::string address() const { return fmt::format("http://{}/#token={}", hosts_.front(), token_); }

 private:
  [[nodiscard]] bool is_host(const std::string& name) const {
    return std::find(hosts_.begin(), hosts_.end(), name) != hosts_.end();
  }

  /// Whether the request is dealt with; otherwise it is a change, whose body is read next.
  bool look_at(const httplib::Request& asked, httplib::Response& to) {
    if (asked.has_header("Range")) {
      refuse(to, 400, "parts of an answer cannot be asked for");
      return true;
    }
    if (asked.get_header_value_count("Host") != 1 || !is_host(asked.get_header_value("Host"))) {
      refuse(to, 403, fmt::format("this server answers only as {}", hosts_.front()));
      return true;
    }
    if (asked.has_header("Origin")) {
      const std::string origin = asked.get_header_value("Origin");
      if (asked.get_header_value_count("Origin") != 1 || !origin.starts_with("http://") || !is_host(origin.substr(7))) {
        refuse(to, 403, "this server answers only the page that it serves");
        return true;
      }
    }
    const bool reads = asked.method == "GET" || asked.method == "HEAD";
    if (reads && serve(asked.path, to)) return true;
    if (!asked.path.starts_with("/api/")) {
      refuse(to, 404, sentence_for(404));
      return true;
    }
    if (asked.get_header_value_count("X-Locus-Token") != 1 ||
        !same_secret(asked.get_header_value("X-Locus-Token"), token_)) {
      refuse(to, 403, "the token is missing or wrong: open the address that `locus view` printed");
      return true;
    }
    if (asked.method == "POST") return false;
    if (!reads) {
      refuse(to, 405, sentence_for(405));
      return true;
    }
    ask(asked, to);
    return true;
  }

  bool serve(const std::string& path, httplib::Response& to) const {
    // Types that the library does not compress anew each time.
    if (path == "/") to.set_content(page_.html, "text/html; charset=utf-8");
    else if (path == "/app.js") to.set_content(page_.script, "application/javascript; charset=utf-8");
    else if (path == "/app.css") to.set_content(page_.style, "text/css; charset=utf-8");
    else return false;
    to.status = 200;
    return true;
  }

  void ask(const httplib::Request& asked, httplib::Response& to) {
    view_query query;
    query.what = asked.path.substr(std::string_view("/api/").size());
    query.changes = asked.method == "POST";
    query.body = asked.body;
    for (const auto& [name, value] : asked.params) {
      if (query.parameters.contains(name)) return refuse(to, 400, fmt::format("{:.60} is given twice", name));
      query.parameters.emplace(name, value);
    }
    send(to, source_.answer(query));
  }

  view_source& source_;
  page_files page_;
  std::string token_;
  httplib::Server server_;
  int port_ = 0;
  std::vector<std::string> hosts_;
  std::thread thread_;
};

view_server::view_server(view_source& source, page_files page, int port)
    : state_(std::make_unique<state>(source, std::move(page), port)) {}
view_server::~view_server() = default;
int view_server::port() const noexcept { return state_->port(); }
std::string view_server::address() const { return state_->address(); }
void view_server::start() { state_->start(); }
void view_server::stop() { state_->stop(); }

}  // namespace locus::tools
