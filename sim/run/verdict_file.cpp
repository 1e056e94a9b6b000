#include "sim/run/verdict_file.hpp"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>

#include "sim/audit/sentences.hpp"
#include "sim/core/bits_version.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/json_text.hpp"
#include "sim/core/sha256.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/netlist/netlist.hpp"

namespace locus {
namespace {

using nlohmann::json;

constexpr const char* format_name = "locus audit 1";

std::string hash_of(const description& netlist) {
  const std::string text = long_form(netlist);
  sha256 hash;
  hash.update(std::as_bytes(std::span(text)));
  return hash.hex();
}

json hash_of(const std::optional<description>& netlist) { return netlist ? json(hash_of(*netlist)) : json(nullptr); }

json json_of(const evidence& e) {
  json path = json::array();
  for (const path_step& s : e.path) path.push_back({{"entity", s.entity}, {"what", s.what}});
  return {{"mechanism", e.mechanism}, {"text", e.text}, {"count", e.count}, {"tick", e.tick}, {"path", path}};
}

json json_of(const pair_measures& m) {
  return {{"connections", m.common},
          {"magnitude", m.magnitude},
          {"same_sign", m.same_sign},
          {"angle", m.angle},
          {"factor", m.factor ? json(*m.factor) : json(nullptr)}};
}

json json_of(const feedback_report& f) {
  return {{"forward", f.forward},
          {"feedback", f.feedback},
          {"relation", f.relation},
          {"birth", json_of(f.birth)},
          {"end", json_of(f.end)},
          {"ticks", f.ticks},
          {"follows", f.follows ? json(*f.follows) : json(nullptr)},
          {"explained", f.explained ? json(*f.explained) : json(nullptr)}};
}

json json_of(const tick_bounds& t) { return json::array({t.least, t.most}); }

json json_of(const locking& l) {
  return {{"presentations", l.presentations},
          {"changes", l.changes},
          {"first", json_of(l.first)},
          {"first_after_teacher", json_of(l.first_after_teacher)},
          {"last_after_teacher", json_of(l.last_after_teacher)},
          {"span", json_of(l.span)}};
}

json json_of(const locking_result& result) {
  json projections = json::object();
  for (const locking& l : result.projections) projections[name_of(l)] = json_of(l);
  return {{"presentations", result.presentations}, {"all", json_of(result.all)}, {"projections", projections}};
}

json json_of(const layer_angle& l) {
  return {{"updates", l.updates}, {"mean", l.mean}, {"largest", l.largest}, {"ratio", l.ratio}};
}

json json_of(const std::optional<angle_result>& angles) {
  if (!angles) return nullptr;
  json projections = json::object();
  for (const layer_angle& l : angles->layers) projections[l.projection] = json_of(l);
  return {{"other", angles->other},      {"updates", angles->updates},  {"lanes", angles->lanes},
          {"projections", projections},  {"all", json_of(angles->all)}, {"alone", angles->alone},
          {"kept_own", angles->kept_own}};
}

json json_of(const audit_report& r) {
  json classes = json::array();
  for (const plasticity_class& k : r.classes) {
    classes.push_back({{"projection", k.projection},
                       {"class", k.level},
                       {"uses", k.uses},
                       {"keeps", k.keeps},
                       {"age", k.age},
                       {"shared", k.shared}});
  }
  json verdicts = json::object();
  for (const verdict& v : r.verdicts) {
    json reasons = json::array();
    for (const evidence& e : v.reasons) reasons.push_back(json_of(e));
    const char* result = v.result == outcome::holds ? "holds" : v.result == outcome::fails ? "fails" : "not measured";
    verdicts[std::string(name_of(v.about))] = {{"result", result}, {"detail", v.detail}, {"evidence", reasons}};
  }
  json feedback = json::array();
  for (const feedback_report& f : r.feedback) feedback.push_back(json_of(f));
  return {{"circuit", r.name},          {"verdicts", verdicts}, {"control", r.control},
          {"classes", classes},         {"noise", r.noise},     {"measured", r.measured},
          {"notes", r.notes},           {"feedback", feedback}, {"locking", json_of(r.locking)},
          {"angles", json_of(r.angles)}};
}

/// The numbers of an audit's options, by their names in the file.
struct numbered_option {
  const char* name;
  std::uint64_t audit_options::*member;
  whole_range valid;
};
const std::vector<numbered_option>& numbered_options() {
  using o = audit_options;
  static const std::vector<numbered_option> all = {
      {"seed", &o::seed, seeds},
      {"presentations", &o::presentations, audited_presentations},
      {"updates", &o::updates, counts_from(1)},
      {"seeds", &o::seeds, {1, 1000}},
      {"stretched", &o::stretched, {1, 1000}},
      {"disturbances", &o::disturbances, counts_from(1)},
      {"max_synapses", &o::max_synapses, counts_from(1)},
  };
  return all;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.good() && !file.eof()) {
    throw run_error(fmt::format("cannot read \"{}\": {}", path, std::strerror(errno != 0 ? errno : EIO)));
  }
  return text.str();
}

std::string text_of(const json& value) {
  constexpr std::size_t most = 200;
  std::string text =
      value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // no half characters
  return text.substr(0, end) + " ...";
}

/// Where two values differ, from the top down.
class json_difference {
 public:
  json_difference(std::size_t most, std::vector<std::string>& out) : most_(most), out_(out) {}

  void compare(const json& then, const json& now, const std::string& where) {
    if (out_.size() >= most_ || then == now) return;
    if (then.is_object() && now.is_object()) return compare_objects(then, now, where);
    if (then.is_array() && now.is_array()) {
      for (std::size_t n = 0; n < std::min(then.size(), now.size()); ++n) {
        compare(then[n], now[n], fmt::format("{}[{}]", where, n));
      }
      if (then.size() != now.size()) {
        add("{}: {} in the file, {} now", where, counted(then.size(), "entry", "entries"), now.size());
      }
      return;
    }
    add("{}: {} in the file, {} now", where, text_of(then), text_of(now));
  }

 private:
  void compare_objects(const json& then, const json& now, const std::string& where) {
    for (const auto& [key, value] : now.items()) {
      const std::string inner = member(where, key);
      const auto found = then.find(key);
      if (found != then.end()) compare(*found, value, inner);
      else add("{}: not in the file", inner);
    }
    for (const auto& [key, value] : then.items()) {
      if (!now.contains(key)) add("{}: only in the file", member(where, key));
    }
  }

  static std::string member(const std::string& where, const std::string& key) {
    return where + (where.ends_with(' ') ? "" : ".") + key;
  }

  template <class... T>
  void add(fmt::format_string<T...> text, T&&... values) {
    if (out_.size() < most_) out_.push_back(fmt::format(text, std::forward<T>(values)...));
  }

  std::size_t most_;
  std::vector<std::string>& out_;
};

}  // namespace

struct verdict_file::content {
  json all;
};

std::string audit_request::place_of(const std::string& name) const {
  namespace fs = std::filesystem;
  std::error_code none;
  if (name.empty() || beside.empty() || fs::path(name).is_absolute() || fs::exists(name, none)) return name;
  const fs::path other = fs::path(beside).parent_path() / name;
  return fs::exists(other, none) ? other.string() : name;
}

std::string verdict_text(const audit_request& request, const std::vector<audit_subject>& subjects,
                         const std::vector<audit_report>& reports) {
  json options = {{"netlists", request.netlists},
                  {"set", request.overrides},
                  {"twin", request.twin.empty() ? json(nullptr) : json(request.twin)},
                  {"angle", request.angle.empty() ? json(nullptr) : json(request.angle)}};
  for (const numbered_option& o : numbered_options()) options[o.name] = request.options.*o.member;
  json all = {{"format", format_name},        {"program", "locus " LOCUS_VERSION},
              {"bits_version", bits_version}, {"seed", request.options.seed},
              {"options", options},           {"circuits", json::array()}};
  for (std::size_t n = 0; n < reports.size(); ++n) {
    json circuit = json_of(reports[n]);
    circuit["netlist_sha256"] = hash_of(subjects[n].netlist);
    circuit["twin_sha256"] = hash_of(subjects[n].twin);
    circuit["angle_sha256"] = hash_of(subjects[n].angled);
    all["circuits"].push_back(std::move(circuit));
  }
  return json_text(all);
}

verdict_file::verdict_file(const std::string& path) : path_(path) {
  const std::string text = content_of(path);
  try {
    content_ = std::make_unique<content>(content{json::parse(text)});
    read_request();
  } catch (const json::parse_error& e) {
    throw run_error(
        fmt::format("\"{}\" holds no JSON, or not all of it: byte {} is not what should come there", path, e.byte));
  } catch (const json::exception& e) {
    throw run_error(fmt::format("\"{}\" is no file of locus audit --json: {}", path, e.what()));
  }
}

verdict_file::~verdict_file() = default;

void verdict_file::read_request() {
  const auto wrong = [&](const std::string& what) {
    throw run_error(fmt::format("\"{}\" is no file of locus audit --json: {}", path_, what));
  };
  const json& all = content_->all;
  if (!all.is_object()) wrong("it holds no object");
  if (!all.contains("format") && all.contains("circuits")) {
    wrong("it has no \"format\"; files of earlier versions do not say what they were made from: write it again");
  }
  if (!all.contains("format") || all["format"] != format_name)
    wrong(fmt::format("\"format\" is not \"{}\"", format_name));
  for (const char* key : {"program", "bits_version", "options", "circuits"}) {
    if (!all.contains(key)) wrong(fmt::format("it has no \"{}\"", key));
  }
  if (!all["program"].is_string() || !all["bits_version"].is_number_integer()) {
    wrong("\"program\" or \"bits_version\" is of the wrong type");
  }
  const json& options = all["options"];
  if (!options.is_object()) wrong("\"options\" is no object");
  const auto texts = [&](const char* key) {
    std::vector<std::string> read;
    if (!options.contains(key) || !options[key].is_array()) wrong(fmt::format("\"options.{}\" is no list", key));
    for (const json& each : options[key]) {
      if (!each.is_string()) wrong(fmt::format("\"options.{}\" is no list of texts", key));
      read.push_back(each.get<std::string>());
    }
    return read;
  };
  const auto file = [&](const char* key) -> std::string {
    if (!options.contains(key) || options[key].is_null()) return "";
    if (!options[key].is_string()) wrong(fmt::format("\"options.{}\" is no text", key));
    return options[key].get<std::string>();
  };
  request_.beside = path_;
  request_.netlists = texts("netlists");
  request_.overrides = texts("set");
  request_.twin = file("twin");
  request_.angle = file("angle");
  for (const numbered_option& o : numbered_options()) {
    if (!options.contains(o.name)) wrong(fmt::format("\"options.{}\" is missing", o.name));
    const json& value = options[o.name];
    const bool whole = value.is_number_unsigned() && value.get<std::uint64_t>() <= std::uint64_t{1} << 62;
    if (!whole || !o.valid.contains(value.get<std::int64_t>())) {
      wrong(fmt::format("\"options.{}\" = {}: {}", o.name, text_of(value), o.valid.expected()));
    }
    request_.options.*o.member = value.get<std::uint64_t>();
  }
  const json& circuits = all["circuits"];
  if (!circuits.is_array() || circuits.size() != request_.netlists.size() || circuits.empty()) {
    wrong("\"circuits\" has not one entry for each of \"options.netlists\"");
  }
  for (const json& each : circuits) {
    if (!each.is_object() || !each.contains("netlist_sha256") || !each["netlist_sha256"].is_string()) {
      wrong("a circuit has no \"netlist_sha256\"");
    }
  }
}

std::string verdict_file::other_program() const {
  const json& all = content_->all;
  if (all["program"] == "locus " LOCUS_VERSION && all["bits_version"] == bits_version) return "";
  return fmt::format("{}, bits version {}", text_of(all["program"]), text_of(all["bits_version"]));
}

std::vector<std::string> verdict_file::changed(const std::vector<audit_subject>& subjects) const {
  std::vector<std::string> all;
  for (std::size_t n = 0; n < subjects.size(); ++n) {
    const json& then = content_->all["circuits"][n];
    const auto compare = [&](const char* key, const json& now, const std::string& what) {
      const json before = then.contains(key) ? then[key] : json(nullptr);
      if (before == now) return;
      all.push_back(fmt::format("{} has changed: the sha256 of its long form is {}, not {}", what,
                                now.is_null() ? "missing" : text_of(now),
                                before.is_null() ? "missing" : text_of(before)));
    };
    const std::string& name = request_.netlists[n];
    compare("netlist_sha256", hash_of(subjects[n].netlist), name);
    compare("twin_sha256", hash_of(subjects[n].twin),
            request_.twin.empty() ? "the backpropagation twin of " + name : request_.twin);
    compare("angle_sha256", hash_of(subjects[n].angled),
            request_.angle.empty() ? "the circuit of --angle" : request_.angle);
  }
  return all;
}

std::vector<std::string> verdict_file::differences(const std::string& text_now, std::size_t most) const {
  std::vector<std::string> all;
  json_difference difference(most, all);
  const json now = json::parse(text_now);
  for (std::size_t n = 0; n < now["circuits"].size(); ++n) {
    difference.compare(content_->all["circuits"][n], now["circuits"][n], request_.netlists[n] + ": ");
  }
  return all;
}

}  // namespace locus
