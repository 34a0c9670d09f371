// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ttx::bench {

/// "<processor>, <n> logical cores, load <one-minute average>": what a table of figures must say about where
/// it was made.
std::string machine_line();

/// Whether the probes and Eigen may use AVX-512, and AVX-512 BF16.
bool has_avx2();
bool has_avx512();
bool has_avx512_bf16();

}  // namespace ttx::bench
