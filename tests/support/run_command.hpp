// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace ttx::test {

struct CommandResult {
  int exit_code = -1;  ///< 128 + signal when killed by one
  bool timed_out = false;
  std::string out;
  std::string err;
};

struct Command {
  std::vector<std::string> arguments;    ///< program first
  std::vector<std::string> environment;  ///< NAME=value, beside the inherited ones; "NAME" alone unsets
  std::string folder;                    ///< working folder; empty: the current one
  int timeout_seconds = 120;
};

/// Runs a program to its end, standard input empty, output captured. At the timeout its whole process group
/// is killed.
CommandResult run(const Command& command);

/// mpirun with the flags of the test suite and this many ranks, before `arguments`.
Command mpirun(int ranks, std::vector<std::string> arguments);

/// The built program: <build>/bin/<name>.
std::string program(const std::string& name);

}  // namespace ttx::test
