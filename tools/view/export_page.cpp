#include "tools/view/export_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <regex>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/view/json_answer.hpp"
#include "sim/view/query_reader.hpp"

namespace locus::tools {
namespace {

using nlohmann::json;

// Bytes before base64, which makes them a third more: all together stay below 10 MB.
constexpr std::uint64_t values_bytes = 4'000'000, overview_bytes = 1'200'000, weight_bytes = 1'200'000;
constexpr std::uint64_t largest_bytes = 400'000'000;  // that are asked for by name
constexpr std::uint64_t weight_ticks = 20;
constexpr std::uint64_t why_bytes = 800'000;  // of JSON
constexpr std::uint64_t most_whys = 400;

std::string base64(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - at);
    unsigned triple = 0;
    for (std::size_t k = 0; k < 3; ++k)
      triple = triple << 8u | (k < n ? static_cast<unsigned char>(bytes[at + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += k <= n ? digits[triple >> (18 - 6 * k) & 63u] : '=';
  }
  return text;
}

template <class T>
std::string base64(const std::vector<T>& numbers) {
  static_assert(std::endian::native == std::endian::little);
  return base64(
      std::string_view(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)));  // NOLINT: as bytes
}

enum class rounding { nearest, down, up };

/// Extremes stay extremes.
std::vector<float> as_floats(const std::vector<double>& numbers, rounding how) {
  std::vector<float> all;
  all.reserve(numbers.size());
  for (const double x : numbers) {
    auto f = static_cast<float>(x);
    if (how == rounding::down && static_cast<double>(f) > x) f = std::nextafter(f, -INFINITY);
    if (how == rounding::up && static_cast<double>(f) < x) f = std::nextafter(f, INFINITY);
    all.push_back(f);
  }
  return all;
}

struct matrix_data {
  std::uint64_t rows = 0, columns = 0;
  std::vector<double> numbers;
  std::map<std::string, std::string> notes;
};

/// Asks, and throws what is wrong.
class asker {
 public:
  explicit asker(view_source& source) : source_(source) {}

  view_answer ask(const std::string& what, std::map<std::string, std::string, std::less<>> parameters = {}) {
    view_answer a = source_.answer({what, std::move(parameters), {}, false});
    if (a.outcome != view_outcome::done) throw run_error(json::parse(a.body).at("error").get<std::string>());
    return a;
  }
  json ask_json(const std::string& what, std::map<std::string, std::string, std::less<>> parameters = {}) {
    return json::parse(ask(what, std::move(parameters)).body);
  }
  matrix_data ask_matrix(const std::string& what, std::map<std::string, std::string, std::less<>> parameters) {
    const view_answer a = ask(what, std::move(parameters));
    matrix_data m;
    for (const auto& [name, value] : a.notes) m.notes[name] = value;
    const std::string shape = m.notes.at("Shape");
    m.rows = std::stoull(shape);
    m.columns = std::stoull(shape.substr(shape.find(',') + 1));
    m.numbers.resize(a.body.size() / sizeof(double));
    std::memcpy(m.numbers.data(), a.body.data(), m.numbers.size() * sizeof(double));
    return m;
  }

 private:
  view_source& source_;
};

std::vector<json> variables_of(const json& info, bool weights) {
  std::vector<json> all;
  for (const json& owner : info.at(weights ? "projections" : "populations")) {
    for (const json& v : owner.at("variables")) all.push_back(v);
  }
  return all;
}

class exporter {
 public:
  exporter(view_source& source, std::optional<window> exact) : asks_(source), info_(asks_.ask_json("info")) {
    single_ = info_.at("precision") == "f32";
    extent_ = {info_.at("first").get<tick_t>(), info_.at("last").get<tick_t>()};
    for (const bool weights : {false, true}) {
      for (json& v : variables_of(info_, weights)) {
        if (v.at("columns").get<std::uint64_t>() > 0) (weights ? weights_ : fields_).push_back(std::move(v));
      }
    }
    choose_window(exact);
  }

  json data() {
    json j = {{"values", json::object()},
              {"overview", json::object()},
              {"spikes", json::object()},
              {"weights", json::object()},
              {"why", nullptr}};
    info_["mode"] = "export";
    info_["window"] = {exact_.first, exact_.last};
    add_values(j["values"]);
    add_overviews(j["overview"]);
    add_weights(j["weights"]);
    for (const json& list : info_.at("spikes")) {
      const std::string group = list.at("group");
      j["spikes"][group] = asks_.ask_json("spikes", {{"group", group}, {"most", "20000"}});
    }
    j["stimuli"] = asks_.ask_json("stimuli", {{"most", "2000"}});
    j["presentations"] = asks_.ask_json("presentations", {{"most", "2000"}}).at("rows");
    j["curves"] = asks_.ask_json("curves");
    j["diff"] = asks_.ask_json("diff");
    add_whys(j);
    j["info"] = info_;
    return j;
  }

 private:
  [[nodiscard]] std::uint64_t number_bytes() const { return single_ ? sizeof(float) : sizeof(double); }
  [[nodiscard]] static std::uint64_t columns_of(const json& v) { return v.at("columns").get<std::uint64_t>(); }

  void choose_window(std::optional<window> asked) {
    std::uint64_t fields = 0;
    for (const json& v : fields_) fields += columns_of(v);
    if (asked) {
      exact_ = {std::max(asked->first, extent_.first), std::min(asked->last, extent_.last)};
      if (exact_.first >= exact_.last && extent_.first < extent_.last)
        throw usage_error(fmt::format("--ticks {}:{}: the trace has ticks {} to {}", asked->first, asked->last,
                                      extent_.first, extent_.last - 1));
      const std::uint64_t bytes =
          bounded_product(static_cast<std::uint64_t>(exact_.last - exact_.first), fields * number_bytes());
      if (bytes > largest_bytes)
        throw usage_error(fmt::format("--ticks {}:{}: {} MB of values are too many for a page; choose fewer ticks",
                                      asked->first, asked->last, bytes / 1'000'000));
      most_values_ = largest_bytes;
      return;
    }
    exact_ = {extent_.first, std::min<tick_t>(extent_.last, extent_.first + 40)};
    const json presentations = asks_.ask_json("presentations", {{"most", "1"}}).at("rows");
    if (!presentations.empty())
      exact_ = {std::max(extent_.first, presentations[0].at("first").get<tick_t>()),
                std::min(extent_.last, presentations[0].at("end").get<tick_t>())};
    const auto fitting = static_cast<tick_t>(values_bytes / std::max<std::uint64_t>(1, fields * number_bytes()));
    exact_.last = std::min(exact_.last, exact_.first + std::max<tick_t>(1, fitting));
  }

  void add_values(json& to) {
    const auto ticks = static_cast<std::uint64_t>(exact_.last - exact_.first);
    std::uint64_t bytes = 0;
    for (const std::vector<json>* all : {&fields_, &weights_}) {
      for (const json& v : *all) {
        const std::uint64_t more = bounded_product(ticks, columns_of(v) * number_bytes());
        if (ticks == 0 || bytes + more > most_values_) continue;  // the overview has to do
        bytes += more;
        to[v.at("name").get<std::string>()] = values(v, ticks);
      }
    }
  }

  json values(const json& v, std::uint64_t ticks) {
    const std::string name = v.at("name");
    const std::uint64_t at_once = std::max<std::uint64_t>(1, most_numbers / 2 / columns_of(v));
    std::vector<double> numbers;
    for (std::uint64_t at = 0; at < ticks; at += at_once) {
      const tick_t from = exact_.first + static_cast<tick_t>(at);
      const tick_t to = std::min(exact_.last, from + static_cast<tick_t>(at_once));
      const matrix_data part =
          asks_.ask_matrix("values", {{"variable", name}, {"from", std::to_string(from)}, {"to", std::to_string(to)}});
      numbers.insert(numbers.end(), part.numbers.begin(), part.numbers.end());
    }
    return {{"from", exact_.first},
            {"step", 1},
            {"rows", ticks},
            {"columns", columns_of(v)},
            {"type", single_ ? "f32" : "f64"},
            {"data", single_ ? base64(as_floats(numbers, rounding::nearest)) : base64(numbers)},
            {"recorded", v.at("recorded")}};
  }

  void add_overviews(json& to) {
    const std::uint64_t count = fields_.size() + weights_.size();
    if (count == 0 || extent_.first >= extent_.last) return;
    const std::uint64_t numbers = overview_bytes / sizeof(float) / 2 / count;  // of each variable
    for (const std::vector<json>* all : {&fields_, &weights_}) {
      for (const json& v : *all) {
        const std::uint64_t rows = std::clamp<std::uint64_t>(std::min<std::uint64_t>(columns_of(v), 64), 1,
                                                             std::max<std::uint64_t>(1, numbers / 16));
        const std::uint64_t blocks = std::clamp<std::uint64_t>(numbers / rows, 1, 1000);
        const std::string name = v.at("name");
        matrix_data m = asks_.ask_matrix("overview", {{"variable", name},
                                                      {"columns", std::to_string(blocks)},
                                                      {"rows", std::to_string(rows)},
                                                      {"which", "both"}});
        if (m.rows == 0) continue;
        const std::string block = m.notes.at("Block");
        const auto middle = m.numbers.begin() + static_cast<std::ptrdiff_t>(m.numbers.size() / 2);
        to[name] = {{"block", {std::stoll(block), std::stoll(block.substr(block.find(',') + 1))}},
                    {"from", std::stoll(m.notes.at("From"))},
                    {"rows", m.rows / 2},
                    {"columns", m.columns},
                    {"min", base64(as_floats({m.numbers.begin(), middle}, rounding::down))},
                    {"max", base64(as_floats({middle, m.numbers.end()}, rounding::up))}};
      }
    }
  }

  void add_weights(json& to) {
    std::uint64_t all = 0;
    for (const json& p : info_.at("projections")) {
      if (!p.at("variables").empty()) all += std::max<std::uint64_t>(1, p.at("connections").get<std::uint64_t>());
    }
    const std::uint64_t ticks = std::min(weight_ticks, weight_bytes / sizeof(float) / std::max<std::uint64_t>(1, all));
    const auto span = static_cast<std::uint64_t>(extent_.last - extent_.first);
    if (span == 0) return;
    for (const json& p : info_.at("projections")) {
      const auto is_theta = [](const json& v) { return v.at("field") == "theta"; };
      if (std::none_of(p.at("variables").begin(), p.at("variables").end(), is_theta)) continue;
      json seen = json::array(), shape;
      std::vector<float> numbers;
      for (std::uint64_t k = 0; k < ticks; ++k) {
        const tick_t tick = extent_.first + static_cast<tick_t>(ticks == 1 ? span - 1 : k * (span - 1) / (ticks - 1));
        const matrix_data m =
            asks_.ask_matrix("weights", {{"projection", p.at("name")}, {"tick", std::to_string(tick)}});
        if (!m.notes.contains("Tick")) continue;
        const std::int64_t of = std::stoll(m.notes.at("Tick"));
        if (!seen.empty() && seen.back() == of) continue;
        if (m.numbers.size() * sizeof(float) * ticks > weight_bytes) break;  // sparse ones as a matrix
        seen.push_back(of);
        shape = {m.rows, m.columns};
        const std::vector<float> part = as_floats(m.numbers, rounding::nearest);
        numbers.insert(numbers.end(), part.begin(), part.end());
      }
      if (!seen.empty())
        to[p.at("name").get<std::string>()] = {{"ticks", seen}, {"shape", shape}, {"data", base64(numbers)}};
    }
  }

  /// Chains of what a reader would ask of the window first, as many as there is room for: those after them are left
  /// out, and the page says so. A trace whose run cannot be done again has none, and says why.
  void add_whys(json& to) {
    to["why"] = {{"told", json::object()}, {"more", false}, {"failure", nullptr}};
    json all;
    try {
      all = asks_.ask_json("whys", {{"from", std::to_string(exact_.first)},
                                    {"to", std::to_string(exact_.last)},
                                    {"most", std::to_string(most_whys)}});
    } catch (const user_error& e) {
      to["why"]["failure"] = e.what();
      return;
    }
    std::uint64_t bytes = 0;
    for (json& chain : all) {
      for (json& step : chain.at("steps")) {
        for (const char* unused : {"before", "of"}) step.erase(unused);
      }
      bytes += compact_text(chain).size();
      to["why"]["more"] = bytes > why_bytes;
      if (bytes > why_bytes) return;
      const std::string event = chain.at("event");
      to["why"]["told"][event] = std::move(chain);
    }
  }

  asker asks_;
  json info_;
  bool single_ = false;
  window extent_, exact_;
  std::uint64_t most_values_ = values_bytes;
  std::vector<json> fields_, weights_;
};

/// JSON that stands in a script of a page: nothing in it ends the script.
std::string as_script(const json& j) {
  std::string text;
  for (const char c : compact_text(j)) {
    if (c == '<') text += "\\u003c";
    else text += c;
  }
  return text;
}

/// Takes the first element that matches out of the page. Throws if there is none: it is another page than this program
/// knows.
std::string take_element(std::string& html, const char* element) {
  std::smatch found;
  if (!std::regex_search(html, found, std::regex(element)))
    throw run_error("the page's index.html does not name its app.js and app.css: build it anew with tools/view/open");
  const std::string text = found.str();
  html.erase(static_cast<std::size_t>(found.position()), text.size());
  return text;
}

}  // namespace

std::string exported_page(view_source& source, const page_files& page, std::optional<window> exact) {
  std::string html = page.html;
  const std::string data = as_script(exporter(source, exact).data());
  take_element(html, R"(<link[^>]*app\.css[^>]*>)");
  const std::size_t head = html.find("</head>");
  html.insert(head == std::string::npos ? 0 : head, "<style>" + page.style + "</style>\n");
  // At the page's end, in this order: the script finds all that stands before it.
  const std::string script =
      take_element(html, R"(<script[^>]*app\.js[^>]*>\s*</script>)").find("module") == std::string::npos
          ? "<script>"
          : R"(<script type="module">)";
  const std::size_t end = html.rfind("</body>");
  const std::string scripts =
      fmt::format("<script>window.LOCUS_EXPORT = {};</script>\n{}{}</script>\n", data, script, page.script);
  html.insert(end == std::string::npos ? html.size() : end, scripts);
  return html;
}

}  // namespace locus::tools
