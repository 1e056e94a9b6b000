#include "tools/locus/trace/trace.hpp"
namespace locus::tools {
boost::program_options::options_description trace_plot_options() { return {}; }
int trace_plot(const std::vector<std::string>&) { return done; }
}  // namespace locus::tools
