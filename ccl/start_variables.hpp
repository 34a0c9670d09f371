// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace ttx::ccl {

struct Variable {
  std::string name;
  std::string value;
};

/// What Open MPI is told at start beyond what the user tells it. `lookup` reads the environment (nullptr: not
/// set). Nothing that the user has set is in the result.
///   - mpi_yield_when_idle: with more ranks than cores a spinning rank keeps the others from working.
///   - without mpirun: a world of one needs no daemon, session folder or network, and starts in 20 instead of
///   280 ms.
///   - all ranks on one host: shared memory only, no search for network cards (0.2 s of the start).
std::vector<Variable> start_variables(const std::function<const char*(const char*)>& lookup);

/// Whether this process may read another one's memory, with which ranks of one host copy large messages once
/// instead of twice. Containers often forbid it, and Open MPI notices only in the middle of a message.
bool may_read_other_processes();

/// Variables in the environment of this process, taken back at the end: what it starts later must not inherit
/// them.
class ScopedVariables {
 public:
  explicit ScopedVariables(std::vector<Variable> variables);
  ~ScopedVariables();
  ScopedVariables(const ScopedVariables&) = delete;
  ScopedVariables& operator=(const ScopedVariables&) = delete;

 private:
  std::vector<Variable> variables_;
};

}  // namespace ttx::ccl
