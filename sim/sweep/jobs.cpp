#include "sim/sweep/jobs.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <list>
#include <new>
#include <numeric>

#include "sim/core/child_process.hpp"
#include "sim/core/errors.hpp"

namespace locus::sweep {

namespace {

constexpr int patience = 100;  ///< milliseconds between two looks at `stop`

/// A job on its way. What it is in is killed with it.
class running_job {
 public:
  running_job(std::size_t job, const std::function<std::string(std::size_t)>& work)
      : job_(job), process_([&work, job](std::string_view) { return work(job); }) {
    process_.begin({});
  }
  ~running_job() { process_.kill(); }
  running_job(const running_job&) = delete;
  running_job& operator=(const running_job&) = delete;

  [[nodiscard]] int waits_for() const noexcept { return process_.waits_for(); }

  [[nodiscard]] job_end end() {
    job_end end{job_, {}, nullptr, {}};
    try {
      end.answer = process_.answer();
      if (!end.answer) end.death = process_.death().reason;
    } catch (const std::bad_alloc&) {
      end.death = "out of memory";
    } catch (const std::exception&) {
      end.error = std::current_exception();
    }
    return end;
  }

 private:
  std::size_t job_;
  child_process process_;
};

/// Those that have something to say, after a while.
std::vector<std::list<running_job>::iterator> ready(std::list<running_job>& all) {
  std::vector<std::list<running_job>::iterator> found;
  std::vector<pollfd> waiting;
  for (auto job = all.begin(); job != all.end(); ++job) {
    if (job->waits_for() < 0) found.push_back(job);
    else waiting.push_back({job->waits_for(), POLLIN, 0});
  }
  if (!found.empty()) return found;
  if (::poll(waiting.data(), waiting.size(), patience) <= 0) return found;
  auto job = all.begin();
  for (const pollfd& each : waiting) {
    if (each.revents != 0) found.push_back(job);
    ++job;
  }
  return found;
}

}  // namespace

std::string job_end::message() const {
  if (error == nullptr) return death;
  try {
    std::rethrow_exception(error);
  } catch (const user_error& e) {
    return e.what();
  } catch (const std::exception& e) {
    return fmt::format("internal error, please report it: {}", e.what());
  }
}

bool run_jobs(const std::vector<std::size_t>& jobs, std::size_t at_once,
              const std::function<std::string(std::size_t)>& work, const std::function<void(const job_end&)>& ended,
              const std::function<bool()>& stop) {
  std::list<running_job> running;
  std::size_t begun = 0;
  while (begun < jobs.size() || !running.empty()) {
    while (begun < jobs.size() && running.size() < at_once) running.emplace_back(jobs[begun++], work);
    for (const auto job : ready(running)) {
      const job_end end = job->end();
      // A signal that ended the job, and this process hears of too, is no failure of the job.
      if (stop && stop()) return false;
      running.erase(job);
      if (begun < jobs.size()) running.emplace_back(jobs[begun++], work);
      ended(end);
    }
    if (stop && stop()) return false;
  }
  return true;
}

namespace detail {

void rethrow(const job_end& end) {
  if (end.error != nullptr) std::rethrow_exception(end.error);
  throw run_error(fmt::format("one of the processes that compute died: {}", end.death));
}

std::vector<std::size_t> numbers_below(std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

}  // namespace detail

}  // namespace locus::sweep
