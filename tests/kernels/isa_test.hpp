// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/table.hpp"

namespace ttx::test {

/// A test that runs once per instruction set.
class IsaTest : public testing::TestWithParam<kernels::Isa> {
 protected:
  void SetUp() override {
    if (!kernels::isa_supported(GetParam())) {
      GTEST_SKIP() << "THIS PROCESSOR HAS NO " << kernels::isa_name(GetParam()) << ": NOT TESTED HERE";
    }
  }
  static const kernels::Table& table() { return kernels::table(GetParam()); }
};

inline std::string isa_parameter_name(const testing::TestParamInfo<kernels::Isa>& info) {
  return std::string(kernels::isa_name(info.param));
}

#define TTX_FOR_EVERY_ISA(suite)                                                   \
  INSTANTIATE_TEST_SUITE_P(Isa, suite, testing::ValuesIn(ttx::kernels::kEveryIsa), \
                           ttx::test::isa_parameter_name)

inline std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }
inline std::uint32_t bits_of(kernels::Bf16 value) { return value.bits; }
inline bool is_nan(float value) { return std::isnan(value); }
inline bool is_nan(kernels::Bf16) { return false; }  // bf16 results have one NaN only, so bits decide

/// Every bit equal; in fp32 any NaN equals any other, for its payload depends on operand order.
template <class T>
testing::AssertionResult same_bits(const std::vector<T>& got, const std::vector<T>& expected) {
  if (got.size() != expected.size()) {
    return testing::AssertionFailure() << "sizes differ: " << got.size() << ", expected " << expected.size();
  }
  std::size_t different = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const bool same = bits_of(got[i]) == bits_of(expected[i]) || (is_nan(got[i]) && is_nan(expected[i]));
    first = !same && different == 0 ? i : first;
    different += same ? 0 : 1;
  }
  if (different == 0) {
    return testing::AssertionSuccess();
  }
  std::ostringstream text;
  text << different << " of " << got.size() << " differ, first at " << first << ": 0x" << std::hex
       << bits_of(got[first]) << ", expected 0x" << bits_of(expected[first]);
  return testing::AssertionFailure() << text.str();
}

}  // namespace ttx::test
