// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "runtime/bfloat16.hpp"
#include "runtime/thread_pool.hpp"

namespace ttx {

/// Adds the terms of a sum, each out.size() long, in fp32 in the balanced tree
/// ((t0+t1)+(t2+t3))+((t4+t5)+(t6+t7)); a count that is no power of two is cut at the largest one below it. 1
/// to 64 terms, denormals are zeros. The first form rounds once, nearest even. The result does not depend on
/// the threads.
void tree_sum(std::span<const float* const> terms, std::span<bfloat16> out, ThreadPool& threads);
/// `out` may be one of the terms.
void tree_sum(std::span<const float* const> terms, std::span<float> out, ThreadPool& threads);

}  // namespace ttx
