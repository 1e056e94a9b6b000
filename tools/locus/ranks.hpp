#pragma once
/// The program as one of several that mpirun started.

#include <functional>

#include "sim/core/rank_group.hpp"

namespace locus::tools {

/// The ranks that mpirun (or srun) started this program in; null if it is alone. Throws usage_error if there are
/// several and the program was built without MPI.
[[nodiscard]] rank_group* ranks_of_program();

/// For commands that one process runs. Throws usage_error where there are several.
void require_one_process(std::string_view command);

/// Rank 0's lead of the others, from where it knows that the command makes sense (begin) to its end. Null: there are no
/// others.
class leading_ranks {
 public:
  explicit leading_ranks(rank_group* ranks) : ranks_(ranks) {}
  ~leading_ranks();
  leading_ranks(const leading_ranks&) = delete;
  leading_ranks& operator=(const leading_ranks&) = delete;

  void begin();

 private:
  rank_group* ranks_;
  bool begun_ = false;
};

/// Another rank's part: waits for rank 0 to begin, does the work, prints nothing. What goes wrong there alone, such as
/// memory that is missing, ends all ranks with a sentence.
int serving(rank_group& ranks, const std::function<void()>& work);

/// With MPI; null if there is one process. At most one a program.
[[nodiscard]] rank_group* mpi_ranks();

/// Ends all ranks at once.
[[noreturn]] void end_mpi_ranks();

}  // namespace locus::tools
