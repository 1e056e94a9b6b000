#include "tools/locus/ranks.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include "sim/core/errors.hpp"
#include "sim/engine/joint_simulator.hpp"
#include "tools/locus/command.hpp"
#include "tools/locus/output.hpp"

namespace locus::tools {
namespace {

/// How many processes a launcher says that it has started together: Open MPI's mpirun, those that use PMI, and Slurm's
/// srun --mpi=pmix, which says it apart from PMIx. (Without --mpi, what srun starts are single programs.)
long started_processes() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    if (std::string_view(name).starts_with("SLURM") && std::getenv("PMIX_RANK") == nullptr) continue;
    if (const char* const said = std::getenv(name)) return std::strtol(said, nullptr, 10);
  }
  return 1;
}

}  // namespace

rank_group* ranks_of_program() {
  if (started_processes() <= 1) return nullptr;
#ifdef LOCUS_MPI
  return mpi_ranks();
#else
  throw usage_error(fmt::format(
      "{} processes were started together, and this program was built to run alone: each would write the same files. "
      "The one that runs a circuit in several processes is built by: tools/build mpi",
      started_processes()));
#endif
}

void require_one_process(std::string_view command) {
  if (started_processes() > 1)
    throw usage_error(fmt::format("`locus {}` runs in one process, and {} were started; `locus run` runs in several",
                                  command, started_processes()));
}

void leading_ranks::begin() {
  if (ranks_ == nullptr) return;
  std::string said = "begin";
  ranks_->broadcast(said);
  begun_ = true;
}

leading_ranks::~leading_ranks() {
  if (ranks_ == nullptr) return;
  std::string said = "end";
  if (begun_) dismiss_ranks(*ranks_);
  else ranks_->broadcast(said);
}

int serving(rank_group& ranks, const std::function<void()>& work) {
  std::signal(SIGINT, SIG_IGN);  // rank 0 ends the run, and the last checkpoint is whole
  std::signal(SIGTERM, SIG_IGN);
  if (std::freopen("/dev/null", "w", stdout) == nullptr) return failed;
  std::string said;
  ranks.broadcast(said);
  if (said != "begin") return done;
  try {
    work();
    return done;
  } catch (const std::bad_alloc&) {
    tell(fmt::format("locus: rank {} is out of memory; `locus describe NETLIST` says how much the whole circuit needs",
                     ranks.rank()));
  } catch (const std::exception& e) {
    tell(fmt::format("locus: rank {}: {}", ranks.rank(), e.what()));
  }
#ifdef LOCUS_MPI
  end_mpi_ranks();
#else
  return failed;
#endif
}

}  // namespace locus::tools
