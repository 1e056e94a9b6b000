#pragma once
/// The file of `locus audit --json`: verdicts and evidence, and all that is needed to come to them again.

#include <memory>
#include <string>
#include <vector>

#include "sim/audit/audit.hpp"
#include "sim/core/whole_number.hpp"

namespace locus {

/// For audit_options::presentations.
inline constexpr whole_range audited_presentations = {1, 1000};

/// What was asked for.
struct audit_request {
  std::vector<std::string> netlists;
  std::vector<std::string> overrides;  ///< --set
  std::string twin, angle;             ///< "": none was named
  audit_options options;               ///< without on_progress
  std::string beside = {};  ///< another file: netlists that are not found by their names are looked for there

  /// Where a netlist of that name is.
  [[nodiscard]] std::string place_of(const std::string& name) const;
};

/// With the hashes of all netlists: the sha256 of their long forms, as `locus expand` prints them.
[[nodiscard]] std::string verdict_text(const audit_request& request, const std::vector<audit_subject>& subjects,
                                       const std::vector<audit_report>& reports);

/// Such a file. Throws run_error, naming the file and what is wrong, if it cannot be read or is another one.
class verdict_file {
 public:
  explicit verdict_file(const std::string& path);
  ~verdict_file();
  verdict_file(const verdict_file&) = delete;
  verdict_file& operator=(const verdict_file&) = delete;

  [[nodiscard]] const audit_request& request() const { return request_; }

  /// "locus 0.1.0, bits version 1", if that is not this program; otherwise "".
  [[nodiscard]] std::string other_program() const;

  /// Sentences that name the netlists whose hash is not that of the file.
  [[nodiscard]] std::vector<std::string> changed(const std::vector<audit_subject>& subjects) const;

  /// Whatever differs in the circuits' verdicts, evidence and measurements, at most `most` of it.
  [[nodiscard]] std::vector<std::string> differences(const std::string& text_now, std::size_t most) const;

 private:
  struct content;
  void read_request();

  std::string path_;
  std::unique_ptr<content> content_;
  audit_request request_;
};

}  // namespace locus
