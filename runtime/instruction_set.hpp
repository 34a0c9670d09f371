// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace ttx {

/// Chooses the kernels of this process: the instruction set that `flag`, the value of --isa, names (generic,
/// avx2, avx512, avx512_bf16); without it the one that the environment variable TTX_ISA names; without both
/// the best this processor has. All give the same bits. Call once, before the first thread; throws
/// Error(kUsage) on a name that is unknown or that this processor does not have.
void choose_instruction_set(const std::optional<std::string>& flag = std::nullopt);

/// "generic", "avx2", "avx512", "avx512_bf16": what is in use.
std::string instruction_set();

}  // namespace ttx
