// SPDX-License-Identifier: Apache-2.0
#include "models/reference/fp32_math.hpp"

#include <algorithm>

namespace ttx::reference {

std::int64_t scratch_floats(std::int64_t k) {
  return std::max(kBlockFloats, kUnitForMany * k) + (kUnitForMany - 1) * k;
}

// Each of these also asks the operating system whether it saves the registers.
bool supports_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool supports_avx512() {
  return supports_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

const Fp32Math& fp32_math() {
  return supports_avx512() ? fp32_math_avx512() : supports_avx2() ? fp32_math_avx2() : fp32_math_generic();
}

}  // namespace ttx::reference
