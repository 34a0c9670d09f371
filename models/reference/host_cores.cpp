// SPDX-License-Identifier: Apache-2.0
#include "models/reference/host_cores.hpp"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <sched.h>
#include <sstream>
#include <string>
#include <unistd.h>

namespace ttx::reference {

namespace {

constexpr int kMostThreads = 1024;  // the thread pool's bound, and that of the fixed-size set

int read_granted_cores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string text;
  return std::getline(file, text) ? granted_cores(text.c_str()) : 0;
}

}  // namespace

struct HostCores::Binding {
  pid_t thread;
  cpu_set_t cores;
};

int granted_cores(const char* cpu_max) {
  std::istringstream in(cpu_max);
  long long quota = 0;
  long long period = 0;
  if (!(in >> quota >> period) || quota <= 0 || period <= 0) {
    return 0;
  }
  return static_cast<int>(std::min<long long>(kMostThreads, (quota - 1) / period + 1));
}

HostCores::HostCores() {
  Binding binding{::gettid(), {}};
  if (::sched_getaffinity(binding.thread, sizeof(cpu_set_t), &binding.cores) != 0) {
    return;
  }
  // The system takes the part of this set that the machine has and the control group allows.
  cpu_set_t all;
  CPU_ZERO(&all);
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
    CPU_SET(core, &all);
  }
  cpu_set_t now = binding.cores;
  if (::sched_setaffinity(binding.thread, sizeof(cpu_set_t), &all) == 0) {
    before_ = std::make_unique<Binding>(binding);
    if (::sched_getaffinity(binding.thread, sizeof(cpu_set_t), &now) != 0) {
      now = binding.cores;
    }
  }
  count_ = std::clamp(CPU_COUNT(&now), 1, kMostThreads);
  if (const int granted = read_granted_cores(); granted > 0) {
    count_ = std::min(count_, granted);
  }
}

HostCores::~HostCores() {
  if (before_) {
    ::sched_setaffinity(before_->thread, sizeof(cpu_set_t), &before_->cores);
  }
}

}  // namespace ttx::reference
