#include "sim/trace/table_recorder.hpp"

#include "sim/trace/change_recorder.hpp"
#include "sim/trace/event_recorder.hpp"
#include "sim/trace/message_recorder.hpp"
#include "sim/trace/presentation_recorder.hpp"
#include "sim/trace/stimulus_recorder.hpp"

namespace locus {

std::vector<std::unique_ptr<table_recorder>> make_recorders(const circuit& c, const trace_description& trace,
                                                            const trace_layout& layout) {
  std::vector<std::unique_ptr<table_recorder>> all;
  all.push_back(std::make_unique<event_recorder>(c, layout));
  all.push_back(std::make_unique<change_recorder>(c, layout));
  all.push_back(std::make_unique<stimulus_recorder>(c));
  all.push_back(std::make_unique<presentation_recorder>(c));
  if (trace.messages) all.push_back(make_message_recorder(c, trace.messages_limit, layout));
  return all;
}

}  // namespace locus
