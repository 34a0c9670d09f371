// SPDX-License-Identifier: Apache-2.0
#include "bench/team.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <sched.h>
#include <thread>
#include <vector>

namespace ttx::bench {
namespace {

using Clock = std::chrono::steady_clock;

void pin_to(int index) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
    return;
  }
  int seen = 0;
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &allowed) && seen++ == index % CPU_COUNT(&allowed)) {
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(core, &one);
      sched_setaffinity(0, sizeof one, &one);
      return;
    }
  }
}

}  // namespace

void Barrier::wait() {
  const int generation = generation_.load();
  if (arrived_.fetch_add(1) + 1 == threads_) {
    arrived_.store(0);
    generation_.store(generation + 1);
    return;
  }
  while (generation_.load() == generation) {
    std::this_thread::yield();
  }
}

double run_team(int threads, bool pin, const std::function<void(int)>& work) {
  cpu_set_t before;
  const bool restore = pin && sched_getaffinity(0, sizeof before, &before) == 0;
  std::vector<Clock::time_point> begin(static_cast<std::size_t>(threads));
  std::vector<Clock::time_point> end(static_cast<std::size_t>(threads));
  Barrier ready(threads);
  const auto member = [&](int thread) {
    if (pin) {
      pin_to(thread);
    }
    ready.wait();
    begin[static_cast<std::size_t>(thread)] = Clock::now();
    work(thread);
    end[static_cast<std::size_t>(thread)] = Clock::now();
  };
  std::vector<std::thread> others;
  for (int thread = 1; thread < threads; ++thread) {
    others.emplace_back(member, thread);
  }
  member(0);
  for (std::thread& other : others) {
    other.join();
  }
  if (restore) {
    sched_setaffinity(0, sizeof before, &before);
  }
  return std::chrono::duration<double>(*std::max_element(end.begin(), end.end()) -
                                       *std::min_element(begin.begin(), begin.end()))
      .count();
}

}  // namespace ttx::bench
