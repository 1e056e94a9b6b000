#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "sim/trace/trace_writer.hpp"
#include "tools/bench/networks.hpp"
#include "tools/bench/suite.hpp"

namespace locus::bench {
namespace {

constexpr const char* digits_online = R"([circuit]
template   = "predictive-coding"
layers     = [64, 32, 10]
activation = "tanh"
bias       = true
lanes      = 1

[weights]
seed = 1

[learning]
rule  = "fa-z-il"
alpha = 0.006

[stimuli]
data    = "digits"
encode  = "rate"
predict = 8
teach   = 4
rest    = 0
)";

/// A file that is gone when this is.
class scratch_file {
 public:
  scratch_file() : path_(std::filesystem::temp_directory_path() / fmt::format("locus-bench-{}.h5", getpid())) {}
  ~scratch_file() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// Of a run that is recorded, long enough for opening and closing the file not to count.
constexpr std::uint64_t epochs = 10;

/// Runs of a trainer, each recorded into the same file anew.
contestant recorded(trainer& t, std::uint64_t updates, const scratch_file& file,
                    const std::vector<std::string>& record) {
  return {"recording", [&t, &file, updates, record](std::uint64_t n) {
            trace_description trace;
            trace.file = file.path();
            trace.record = record;
            for (; n > 0; --n) {
              trace_writer writer(t.sim().net(), trace, {"", "", 1, LOCUS_VERSION}, true);
              t.sim().observe(&writer);
              t.update(updates);
              t.sim().observe(nullptr);
              writer.close();
            }
          }};
}

void run(table& out, const pace& p, const document& text, const std::vector<std::string>& record,
         std::string_view key) {
  const data_set digits = load_data(description_of(text).data);
  const std::uint64_t updates = epochs * digits.train.count();
  trainer plain(text, digits, on_threads(1));
  trainer observed(text, digits, on_threads(1));
  const scratch_file file;
  measure(out,
          {{{"no recording", [&](std::uint64_t n) { plain.update(n * updates); }}, 1e3 / epochs},
           {recorded(observed, updates, file, record), 1e3 / epochs}},
          "ms per epoch", p, clock_kind::wall);
  row& locus = out.rows[1];
  add_ratio(locus, out.rows[0], "x the run without", key);
  quantity own{"x, the simulating thread's own time", {}, nullptr};
  for (std::size_t r = 0; r < locus.timings.size(); ++r) {
    own.rounds.push_back(locus.timings[r].cpu / out.rows[0].timings[r].cpu);
  }
  locus.quantities.push_back(std::move(own));
}

}  // namespace

std::vector<job> trace_jobs(const std::vector<std::string>&) {
  const document text = document::from_text(digits_online, "bench");
  const auto make = [&](const std::string& title, const std::vector<std::string>& record, std::string_view key) {
    return job{"digits, 64-32-10, lanes 1, f64: " + title,
               {{"digits", text.canonical_text()}},
               [=](table& out, const pace& p) { run(out, p, text, record, key); }};
  };
  return {make("value.x, error.eps, phi.spike", {"value.x", "error.eps", "phi.spike"}, "trace.every-neuron"),
          make("every variable of every neuron", {"value.*", "error.*", "phi.*"}, "")};
}

}  // namespace locus::bench
