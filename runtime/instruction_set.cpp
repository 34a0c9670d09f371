// SPDX-License-Identifier: Apache-2.0
#include "runtime/instruction_set.hpp"

#include <cstdlib>

#include "kernels/table.hpp"
#include "runtime/error.hpp"

namespace ttx {
namespace {

/// "generic, avx2": what this processor has.
std::string supported_names() {
  std::string names;
  for (const kernels::Isa isa : kernels::kEveryIsa) {
    if (kernels::isa_supported(isa)) {
      names += (names.empty() ? "" : ", ") + std::string(kernels::isa_name(isa));
    }
  }
  return names;
}

}  // namespace

void choose_instruction_set(const std::optional<std::string>& flag) {
  const char* variable = std::getenv("TTX_ISA");
  if (!flag && (variable == nullptr || *variable == '\0')) {
    kernels::select(kernels::active().isa);
    return;
  }
  const std::string source = flag ? "--isa" : "TTX_ISA";
  const std::string wanted = flag ? *flag : variable;
  const auto isa = kernels::isa_from_name(wanted);
  TTX_CHECK_AS(isa.has_value(), ExitCode::kUsage, "isa",
               "{}: got \"{}\", expected an instruction set that this processor has: {}", source, wanted,
               supported_names());
  TTX_CHECK_AS(kernels::isa_supported(*isa), ExitCode::kUsage, "isa",
               "{}: this processor does not have {}, it has {}", source, wanted, supported_names());
  kernels::select(*isa);
}

std::string instruction_set() { return std::string(kernels::isa_name(kernels::active().isa)); }

}  // namespace ttx
