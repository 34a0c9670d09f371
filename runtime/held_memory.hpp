// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/ledger.hpp"

/// The blocks of memory that this process has taken for tensors, by what they are for. Views of files are not
/// among them.
namespace ttx::held_memory {

void add(const std::byte* begin, std::size_t bytes, MemoryUse use);
void remove(const std::byte* begin);

/// Bytes of the blocks that are in memory now: of a reserved one, the pages that were touched.
std::int64_t resident(MemoryUse use);

}  // namespace ttx::held_memory
