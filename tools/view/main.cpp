#include "tools/locus/program.hpp"
#include "tools/view/view_command.hpp"

int main(int argc, char** argv) {
  using namespace locus::tools;
  return run_program(argc, argv, view_command());
}
