// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

namespace ttx::reference {

/// Lets the calling thread, and the threads it starts, run on every core that this process may use, whatever
/// core the launcher bound it to; the destructor restores what was. Where the system refuses, the binding
/// stays: no error.
class HostCores {
 public:
  HostCores();
  ~HostCores();
  HostCores(const HostCores&) = delete;
  HostCores& operator=(const HostCores&) = delete;

  /// How many threads are worth while: the cores now allowed, and no more than the control group's CPU share.
  /// At least 1.
  int count() const { return count_; }

 private:
  struct Binding;
  std::unique_ptr<Binding> before_;  ///< null when the binding could not be read
  int count_ = 1;
};

/// Whole cores that a cgroup-v2 `cpu.max` text grants, rounded up; 0 when it sets no limit or is not
/// understood.
int granted_cores(const char* cpu_max);

}  // namespace ttx::reference
