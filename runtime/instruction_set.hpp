// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ttx {

/// Chooses the kernels of this process: the instruction set named by the environment variable TTX_ISA
/// (generic, avx512_bf16), else the best this processor has. All give the same bits. Call once, before the
/// first thread; throws Error(kUsage) on an unknown name or one that this processor cannot run.
void choose_instruction_set();

/// "generic", "avx512_bf16": what is in use.
std::string instruction_set();

}  // namespace ttx
