// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "runtime/memory_block.hpp"

namespace ttx::bench {

/// Memory mapped as the packed bfloat16 weights of a device are, in large pages where the system grants them;
/// every page has been written.
MemoryBlock weight_memory(std::size_t bytes);
/// The same in small pages, which caches that grow lie in.
MemoryBlock cache_memory(std::size_t bytes);

}  // namespace ttx::bench
