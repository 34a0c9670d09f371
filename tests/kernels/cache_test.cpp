// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

using namespace kernels;

class Cache : public IsaTest {};
TTX_FOR_EVERY_ISA(Cache);

constexpr Bf16 kUntouched{0x1234};
constexpr std::int64_t kLength = 192;

TEST_P(Cache, PositionsLandWhereTheHeaderSays) {
  Samples samples(101);
  for (const std::int64_t head_dim : {32, 96, 256}) {
    for (const std::int64_t first : {0, 1, 31, 32, 63, 100}) {
      for (const std::int64_t count : {0, 1, 2, 33, 70}) {
        const std::int64_t stride = head_dim + 6;
        const std::vector<Bf16> rows =
            Samples::vector(count * stride + 1, [&] { return samples.any_bits(); });
        std::vector<Bf16> keys(static_cast<std::size_t>(kLength * head_dim), kUntouched);
        std::vector<Bf16> values = keys;
        CacheWriteCall call{.rows = rows.data(),
                            .stride = stride,
                            .count = count,
                            .first = first,
                            .head_dim = head_dim,
                            .cache = keys.data()};
        table().write_keys(call);
        call.cache = values.data();
        table().write_values(call);
        for (std::int64_t position = 0; position < kLength; ++position) {
          for (std::int64_t d = 0; d < head_dim; ++d) {
            const bool written = position >= first && position < first + count;
            const Bf16 expected =
                written ? rows[static_cast<std::size_t>((position - first) * stride + d)] : kUntouched;
            const std::int64_t key_at =
                ((position / 32 * (head_dim / 2) + d / 2) * 32 + position % 32) * 2 + d % 2;
            const std::int64_t value_at = (position / 2 * head_dim + d) * 2 + position % 2;
            ASSERT_EQ(keys[static_cast<std::size_t>(key_at)], expected) << position << " " << d;
            ASSERT_EQ(values[static_cast<std::size_t>(value_at)], expected) << position << " " << d;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace ttx::test
