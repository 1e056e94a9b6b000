#include "sim/view/isolated_trace.hpp"

#include "sim/core/errors.hpp"
#include "sim/view/query_reader.hpp"
#include "sim/view/trace_source.hpp"

namespace locus {
namespace {

child_process::work answers_about(const std::string& file, const std::string& second) {
  return [file, second, source = std::shared_ptr<trace_source>()](std::string_view question) mutable {
    return packed(answered([&] {
      if (!source) source = std::make_shared<trace_source>(file, second);
      return source->answer(unpacked_query(question));
    }));
  };
}

}  // namespace

isolated_trace::process::process(const std::string& file, const std::string& second)
    : reader_(file, answers_about(file, second)) {}

view_answer isolated_trace::process::ask(const view_query& query) {
  const std::scoped_lock lock(one_);
  if (end_) return *end_;
  try {
    return unpacked_answer(reader_.ask(packed(query)));
  } catch (const user_error& e) {
    end_ = refusal(view_outcome::failed, e.what());
    return *end_;
  }
}

isolated_trace::isolated_trace(const std::string& file, const std::string& second)
    : reads_(file, second), explains_(file, "") {
  if (!second.empty()) compares_ = std::make_unique<process>(file, second);
}

view_answer isolated_trace::answer(const view_query& query) {
  if (query.what == "diff" && compares_) return compares_->ask(query);
  return query.what == "why" || query.what == "whys" ? explains_.ask(query) : reads_.ask(query);
}

}  // namespace locus
