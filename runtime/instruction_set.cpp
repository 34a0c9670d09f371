// SPDX-License-Identifier: Apache-2.0
#include "runtime/instruction_set.hpp"

#include <cstdlib>

#include "kernels/table.hpp"
#include "runtime/error.hpp"

namespace ttx {

void choose_instruction_set() {
  const char* wanted = std::getenv("TTX_ISA");
  if (wanted == nullptr || *wanted == '\0') {
    kernels::select(kernels::active().isa);
    return;
  }
  const auto isa = kernels::isa_from_name(wanted);
  TTX_CHECK_AS(isa.has_value(), ExitCode::kUsage, "isa",
               "TTX_ISA: got \"{}\", expected generic or avx512_bf16", wanted);
  TTX_CHECK_AS(kernels::isa_supported(*isa), ExitCode::kUsage, "isa",
               "TTX_ISA={}: this processor does not have it; unset TTX_ISA to use {}", wanted,
               kernels::isa_name(kernels::active().isa));
  kernels::select(*isa);
}

std::string instruction_set() { return std::string(kernels::isa_name(kernels::active().isa)); }

}  // namespace ttx
