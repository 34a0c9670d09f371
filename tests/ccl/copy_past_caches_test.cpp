// SPDX-License-Identifier: Apache-2.0
#include "ccl/copy_past_caches.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <gtest/gtest.h>

namespace ttx::ccl {
namespace {

TEST(CopyPastCaches, CopiesAnyLengthFromAnyAddressAndNothingElse) {
  constexpr std::byte kUntouched{0xA5};
  std::array<std::byte, 512> source{};
  for (std::size_t i = 0; i < source.size(); ++i) {
    source[i] = static_cast<std::byte>(i * 7 + 1);
  }
  for (const std::size_t shift : {0U, 1U, 4U, 15U}) {
    for (std::size_t length = 0; length <= 300; ++length) {
      alignas(64) std::array<std::byte, 384> target;
      target.fill(kUntouched);
      copy_past_caches(std::span(source).subspan(shift, length), target.data() + 16);
      std::array<std::byte, 384> expected;
      expected.fill(kUntouched);
      std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(shift), length, expected.begin() + 16);
      ASSERT_EQ(target, expected) << length << " bytes from " << shift;
    }
  }
}

}  // namespace
}  // namespace ttx::ccl
