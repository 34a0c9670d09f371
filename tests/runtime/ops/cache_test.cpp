// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using experimental::paged_update_cache;

using CacheTest = ThreadCounts;

TEST_P(CacheTest, FillAndUpdateWriteTheirRowsAndNoOthers) {
  for (const Format format : {Format::kKeyCache, Format::kValueCache}) {
    for (const std::int64_t dim : {32, 96, 128}) {
      const Shape shape{4, 3, 130, dim};
      Tensor cache = Tensor::cache(device, shape, format, Placement::sharded(1));
      std::vector<float> expected(at(shape.volume()));
      const auto row_of = [&](std::int64_t user, std::int64_t head, std::int64_t position) {
        return expected.begin() + ((user * 3 + head) * 130 + position) * dim;
      };
      for (const auto& [user, rows] : {std::pair{1, 70}, {3, 130}, {3, 1}}) {
        const Tensor input =
            random_tensor(device, {1, 3, rows, dim}, static_cast<unsigned>(rows), Placement::sharded(1));
        fill_cache(cache, input, user);
        const std::vector<float> in = values_of(input);
        for (std::int64_t head = 0; head < 3; ++head) {
          std::copy_n(in.begin() + head * rows * dim, rows * dim, row_of(user, head, 0));
        }
      }
      for (const auto& [first, rows] : {std::pair{63, 67}, {64, 3}, {127, 2}}) {
        const Tensor input =
            random_tensor(device, {1, 3, rows, dim}, static_cast<unsigned>(first), Placement::sharded(1));
        fill_cache(cache, input, 2, first);
        const std::vector<float> in = values_of(input);
        for (std::int64_t head = 0; head < 3; ++head) {
          std::copy_n(in.begin() + head * rows * dim, rows * dim, row_of(2, head, first));
        }
      }
      const Tensor input = random_tensor(device, {1, 4, 3, dim}, 5, Placement::sharded(2));
      const std::vector<float> in = values_of(input);
      const std::vector<std::int64_t> positions = {129, 63, -1, 64};
      paged_update_cache(cache, input, positions);
      for (std::int64_t user = 0; user < 4; ++user) {
        for (std::int64_t head = 0; head < 3 && positions[at(user)] >= 0; ++head) {
          std::copy_n(in.begin() + (user * 3 + head) * dim, dim, row_of(user, head, positions[at(user)]));
        }
      }
      expect_same_bits(values_of(cache), expected, cache.describe());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, CacheTest, ::testing::Values(1, 2, 3));

using CacheErrors = OneDevice;

TEST_F(CacheErrors, SayWhatToDo) {
  Tensor cache = Tensor::cache(device, {4, 2, 8, 32}, Format::kKeyCache, {});
  const Tensor rows = random_tensor(device, {1, 2, 8, 32}, 1);
  const Tensor step = random_tensor(device, {1, 3, 2, 32}, 2);
  const auto refuse = [](ExitCode code, std::initializer_list<std::string_view> pieces, const auto& body) {
    expect_error(code, pieces, body);
  };
  const auto failure = ExitCode::kFailure;
  refuse(ExitCode::kLength,
         {"[fill_cache] sequence too long: got 9 positions", "cache length 8", "raise max_seq_len"}, [&] {
           fill_cache(cache, random_tensor(device, {1, 2, 9, 32}, 1), 0);
         });
  refuse(ExitCode::kLength, {"got 8 positions from 1 on", "cache length 8"},
         [&] { fill_cache(cache, rows, 0, 1); });
  refuse(failure, {"update_idx: got -1"}, [&] { fill_cache(cache, rows, 0, -1); });
  refuse(failure, {"batch_idx: got 4, expected 0 to 3"}, [&] { fill_cache(cache, rows, 4); });
  refuse(failure, {"heads or widths differ", "expected 2 heads of 32"}, [&] {
    fill_cache(cache, random_tensor(device, {1, 3, 8, 32}, 1), 0);
  });
  refuse(failure, {"heads or widths differ"}, [&] {
    fill_cache(cache, random_tensor(device, {1, 2, 8, 64}, 1), 0);
  });
  refuse(failure, {"placements do not fit"},
         [&] { fill_cache(cache, rows.placed(Placement::sharded(1)), 0); });
  refuse(failure, {"expected a tensor made by Tensor::cache"}, [&] {
    Tensor plain = rows;
    fill_cache(plain, rows, 0);
  });
  refuse(failure, {"all_reduce first"}, [&] { fill_cache(cache, rows.placed(Placement::partial()), 0); });
  const auto update = [&](const Tensor& input, std::vector<std::int64_t> at_positions) {
    paged_update_cache(cache, input, at_positions);
  };
  refuse(ExitCode::kLength, {"[paged_update_cache] position: got 8, expected -1 (skip) to 7"}, [&] {
    update(step, {0, 8, 0});
  });
  refuse(ExitCode::kLength, {"position: got -2"}, [&] { update(step, {0, -2, 0}); });
  refuse(failure, {"update_idxs: got 2 entries, expected 3"}, [&] { update(step, {0, 1}); });
  refuse(failure, {"users: got 5, expected at most 4"}, [&] {
    update(random_tensor(device, {1, 5, 2, 32}, 1), {0, 0, 0, 0, 0});
  });
  refuse(failure, {"heads or widths differ"}, [&] { update(rows, {0, 0}); });
  refuse(failure, {"placements do not fit"}, [&] { update(step.placed(Placement::sharded(1)), {0, 0, 0}); });
  for (const float value : values_of(cache)) {
    ASSERT_EQ(value, 0.0F) << "a refused call must not write";
  }
}

}  // namespace
}  // namespace ttx::test
