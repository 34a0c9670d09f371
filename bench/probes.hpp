// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

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

/// GFLOP/s of fp32 multiply-adds on registers (fused where the processor has them), over about 20 ms.
double float_peak(Placement placement);
/// GFLOP/s of vdpbf16ps on registers; nothing on a processor without it.
std::optional<double> bf16_peak(Placement placement);

}  // namespace ttx::bench
