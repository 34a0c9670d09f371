// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "kernels/table.hpp"

namespace ttx::bench {

/// How a probe runs: on how many threads, and whether thread i stays on core i.
struct Placement {
  int threads = 1;
  bool pin = true;
};

/// GB/s of reading `bytes` once, every thread its contiguous share in 1 or 4 streams. For memory bandwidth
/// `bytes` must be many times the last cache.
double read_bandwidth(const void* from, std::size_t bytes, int streams, Placement placement);
/// The better of one and four streams: two threads beat a one-stream probe on some machines.
double best_read_bandwidth(const void* from, std::size_t bytes, Placement placement);

/// GFLOP/s on registers, over about 20 ms, of the operation that an instruction set multiplies with: fp32
/// multiply-adds, fused but in the generic set, or vdpbf16ps. The processor must have the set.
double arithmetic_peak(kernels::Isa isa, Placement placement);
/// "avx2, fp32 multiply-add": what that measures.
std::string arithmetic_name(kernels::Isa isa);

}  // namespace ttx::bench
