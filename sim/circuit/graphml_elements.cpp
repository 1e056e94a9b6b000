#include "sim/circuit/graphml_elements.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>

namespace locus {
namespace {

struct declared_key {
  std::string of, name, type;
};

/// What expat calls. Exceptions must not pass through it: the first is kept, and thrown when expat has returned.
class element_reader {
 public:
  element_reader(std::string_view text, const std::string& file,
                 const std::function<void(const graphml_element&)>& each)
      : content_(text), file_(file), each_(each), parser_(XML_ParserCreate(nullptr)) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const char* name, const char** given) {
          of(self).guarded([&] { of(self).start(name, given); });
        },
        [](void* self, const char* name) { of(self).guarded([&] { of(self).end(name); }); });
    XML_SetCharacterDataHandler(parser_.get(), [](void* self, const char* part, int size) {
      of(self).guarded([&] {
        if (of(self).in_data_) of(self).text_.append(part, static_cast<std::size_t>(size));
      });
    });
  }

  void read() {
    constexpr std::size_t most = std::size_t{1} << 24u;  // expat counts by int
    for (bool last = false; !last;) {
      const std::string_view block = content_.substr(0, most);
      content_.remove_prefix(block.size());
      last = content_.empty();
      const XML_Status status = XML_Parse(parser_.get(), block.data(), static_cast<int>(block.size()), last ? 1 : 0);
      if (failure_) std::rethrow_exception(failure_);
      if (status == XML_STATUS_ERROR)
        throw usage_error(here(), fmt::format("no XML: {}", XML_ErrorString(XML_GetErrorCode(parser_.get()))));
    }
    if (!found_graph_) throw usage_error(here(), "it has no <graph>: expected a GraphML file");
  }

 private:
  struct closer {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };
  using attributes = std::map<std::string, std::string>;

  static element_reader& of(void* self) { return *static_cast<element_reader*>(self); }

  template <class F>
  void guarded(const F& f) noexcept {
    if (failure_) return;
    try {
      f();
    } catch (...) {
      failure_ = std::current_exception();
      XML_StopParser(parser_.get(), XML_FALSE);
    }
  }

  [[nodiscard]] source_position here() const {
    return {file_, static_cast<int>(XML_GetCurrentLineNumber(parser_.get())), 0};
  }

  [[nodiscard]] std::string demand(const attributes& all, const std::string& element, const std::string& name) const {
    const auto found = all.find(name);
    if (found == all.end()) throw usage_error(here(), fmt::format("<{}> has no attribute \"{}\"", element, name));
    return found->second;
  }

  void start(const std::string& name, const char** given) {
    attributes all;
    for (; *given != nullptr; given += 2) all.emplace(given[0], given[1]);
    if (depth_++ == 0 && name != "graphml")
      throw usage_error(here(), fmt::format("it begins with <{}>: expected <graphml>", name));
    if (name == "key") return declare(all);
    if (name == "data") return start_data(all);
    if (name == "graph") return start_graph(all);
    if (name == "hyperedge") throw usage_error(here(), "a hyperedge: expected edges, which join two nodes");
    if (name != "node" && name != "edge") return;
    if (open_.empty()) throw usage_error(here(), fmt::format("<{}> stands in no <graph>", name));
    graphml_element& added = open_.emplace_back();
    added.at = here();
    added.kind = name == "node" ? graphml_kind::node : graphml_kind::edge;
    if (added.kind == graphml_kind::node) {
      added.id = demand(all, name, "id");
      return;
    }
    added.source = demand(all, name, "source");
    added.target = demand(all, name, "target");
    if (all.contains("directed") && all.at("directed") == "false") added.fail("is not directed");
  }

  void declare(const attributes& all) {
    const auto value = [&](const std::string& name, const std::string& otherwise) {
      const auto found = all.find(name);
      return found == all.end() ? otherwise : found->second;
    };
    keys_[demand(all, "key", "id")] = {value("for", "all"), value("attr.name", ""), value("attr.type", "string")};
  }

  void start_graph(const attributes& all) {
    if (found_graph_) throw usage_error(here(), "a second <graph>: expected one, and no graphs within nodes");
    found_graph_ = true;
    if (demand(all, "graph", "edgedefault") != "directed")
      throw usage_error(here(), "<graph edgedefault=\"undirected\">: expected a directed graph");
    open_.emplace_back().at = here();
  }

  void start_data(const attributes& all) {
    const std::string id = demand(all, "data", "key");
    const auto found = keys_.find(id);
    if (found == keys_.end()) throw usage_error(here(), fmt::format("<data key=\"{}\">: no <key> has this id", id));
    if (open_.empty()) return;  // of the file, not of its graph
    in_data_ = true;
    text_.clear();
    open_.back().data.push_back({found->second.name, found->second.type, {}});
  }

  void end(const std::string& name) {
    --depth_;
    if (name == "data" && in_data_) {
      open_.back().data.back().text = std::move(text_);
      in_data_ = false;
    }
    if (name != "graph" && name != "node" && name != "edge") return;
    const graphml_element done = std::move(open_.back());
    open_.pop_back();
    each_(done);
  }

  std::string_view content_;
  const std::string& file_;
  const std::function<void(const graphml_element&)>& each_;
  std::unique_ptr<std::remove_pointer_t<XML_Parser>, closer> parser_;
  std::exception_ptr failure_;
  std::map<std::string, declared_key> keys_;  ///< by id
  std::vector<graphml_element> open_;
  std::string text_;
  bool in_data_ = false, found_graph_ = false;
  int depth_ = 0;
};

}  // namespace

const std::string* graphml_element::find(std::string_view name) const {
  const auto found = std::find_if(data.begin(), data.end(), [&](const datum& each) { return each.name == name; });
  return found == data.end() ? nullptr : &found->text;
}

void graphml_element::fail(const std::string& message) const {
  std::string what = "the graph";
  if (kind == graphml_kind::node) what = fmt::format("node \"{}\"", id);
  if (kind == graphml_kind::edge) what = fmt::format("the edge from \"{}\" to \"{}\"", source, target);
  throw usage_error(at, fmt::format("{} {}", what, message));
}

void read_graphml_elements(std::string_view text, const std::string& file,
                           const std::function<void(const graphml_element&)>& each) {
  element_reader(text, file, each).read();
}

}  // namespace locus
