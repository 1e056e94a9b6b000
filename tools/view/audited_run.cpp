#include "tools/view/audited_run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <nlohmann/json.hpp>
#include <system_error>

#include "sim/core/descriptor.hpp"
#include "sim/core/errors.hpp"
#include "sim/view/json_answer.hpp"
#include "tools/locus/installed.hpp"
#include "tools/locus/started_program.hpp"
#include "tools/view/passing_file.hpp"

namespace locus::tools {
namespace {

/// What `locus audit --json` says, in short: name, what holds, in which class, and why.
nlohmann::json verdicts_in(const std::string& text) {
  const nlohmann::json j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_object() || !j.contains("circuits")) return nullptr;
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [name, verdict] : j.at("circuits").at(0).at("verdicts").items()) {
    const std::string result = verdict.at("result"), detail = verdict.at("detail");
    std::string why = detail.empty() ? result : fmt::format("{}: {}", result, detail);
    for (const nlohmann::json& line : verdict.at("evidence")) {
      if (line.is_string()) why += "\n" + line.get<std::string>();
    }
    list.push_back(
        {{"name", name}, {"class", detail}, {"holds", result == "holds"}, {"result", result}, {"text", why}});
  }
  return {{"verdicts", list}};
}

}  // namespace

/// A process that audits.
class audited_run::work {
 public:
  /// Of a file with overrides; or of a long form, which no file has.
  work(std::vector<std::string> arguments, const std::string& long_form)
      : result_(folder_for_passing_files(), ".json"), netlist_(folder_for_passing_files(), ".toml") {
    if (!long_form.empty()) {
      netlist_.write(long_form);
      arguments = {netlist_.name()};
    }
    const std::string program = (program_folder() / "locus").string();
    std::vector<std::string> words = {program, "audit"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    words.insert(words.end(), {"--json", "-"});
    const descriptor nowhere("/dev/null", O_RDWR | O_CLOEXEC);
    const int problem =
        start_program(std::move(words), {nowhere.number(), result_.descriptor(), nowhere.number()}, process_);
    if (problem != 0)
      throw run_error(fmt::format("cannot start \"{}\": {}", program, std::generic_category().message(problem)));
  }
  ~work() {
    if (over()) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  work(const work&) = delete;
  work& operator=(const work&) = delete;

  bool over() {
    over_ = over_ || ::waitpid(process_, nullptr, WNOHANG) != 0;
    return over_;
  }
  [[nodiscard]] std::string result() const { return result_.content(); }

 private:
  passing_file result_, netlist_;
  pid_t process_ = 0;
  bool over_ = false;
};

audited_run::audited_run(const std::string& file, const std::vector<std::string>& overrides)
    : file_(file), overrides_(overrides), run_(document::from_file(file, overrides)), born_(run_.long_form_now()) {}

audited_run::~audited_run() = default;

view_answer audited_run::answer(const view_query& query) {
  if (query.what == "audit" && !query.changes) return answered([&] { return audit(); });
  return run_.answer(query);
}

view_answer audited_run::audit() {
  const std::string now = run_.long_form_now();
  const std::scoped_lock lock(one_);
  if (now != audited_) {
    work_.reset();
    report_ = "null";
    audited_ = now;
    std::vector<std::string> arguments = {file_};
    for (const std::string& each : overrides_) arguments.insert(arguments.end(), {"--set", each});
    work_ = std::make_unique<work>(arguments, now == born_ ? "" : now);
  }
  if (work_ && work_->over()) {
    const nlohmann::json found = verdicts_in(work_->result());
    work_.reset();
    if (found.is_null()) throw run_error("the audit came to no end: locus audit says why");
    report_ = compact_text(found);
  }
  return json_answer({{"running", work_ != nullptr}, {"report", nlohmann::json::parse(report_)}});
}

}  // namespace locus::tools
