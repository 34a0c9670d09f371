// SPDX-License-Identifier: Apache-2.0
#include "bench/machine.hpp"

#include <cstdlib>
#include <fstream>
#include <thread>

#include <fmt/format.h>

namespace ttx::bench {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown processor";
}

}  // namespace

std::string machine_line() {
  double load = 0.0;
  if (getloadavg(&load, 1) != 1) {
    load = -1.0;
  }
  return fmt::format("{}, {} logical cores, load {:.1f}{}", processor(), std::thread::hardware_concurrency(),
                     load, has_avx512_bf16() ? ", AVX-512 BF16" : "");
}

bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

bool has_avx512_bf16() { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }

}  // namespace ttx::bench
