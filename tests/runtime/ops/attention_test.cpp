// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using transformer::chunked_scaled_dot_product_attention;
using transformer::scaled_dot_product_attention;
using transformer::scaled_dot_product_attention_decode;

struct Case {
  std::int64_t rows, heads, kv_heads, dim;
};
constexpr Case kCases[] = {{1, 1, 1, 32},   {2, 2, 1, 32},  {31, 6, 2, 64},  {33, 4, 4, 96},
                           {64, 7, 1, 128}, {65, 3, 3, 32}, {70, 16, 8, 128}};

/// softmax(cap(q k^T scale)) v, causal within the window, in double.
std::vector<double> reference(const std::vector<float>& q, const std::vector<float>& k,
                              const std::vector<float>& v, const Case& c, double scale,
                              const transformer::AttentionOptions& options = {}) {
  std::vector<double> out;
  for (std::int64_t head = 0; head < c.heads; ++head) {
    const std::int64_t base = head / (c.heads / c.kv_heads) * c.rows * c.dim;
    for (std::int64_t row = 0; row < c.rows; ++row) {
      std::vector<double> weights;
      const std::int64_t first =
          std::max<std::int64_t>(0, row + 1 - options.sliding_window_size.value_or(row + 1));
      for (std::int64_t key = first; key <= row; ++key) {
        double score = 0;
        for (std::int64_t d = 0; d < c.dim; ++d) {
          score += double{q[at((head * c.rows + row) * c.dim + d)]} * double{k[at(base + key * c.dim + d)]};
        }
        score *= scale;
        const double cap = options.logit_softcap.value_or(0.0F);
        weights.push_back(cap > 0 ? cap * std::tanh(score / cap) : score);
      }
      const double most = *std::max_element(weights.begin(), weights.end());
      double sum = 0;
      for (double& weight : weights) {
        sum += weight = std::exp(weight - most);
      }
      for (std::int64_t d = 0; d < c.dim; ++d) {
        double value = 0;
        for (std::int64_t key = first; key <= row; ++key) {
          value += weights[at(key - first)] / sum * double{v[at(base + key * c.dim + d)]};
        }
        out.push_back(value);
      }
    }
  }
  return out;
}

/// Each weight is rounded to bfloat16 (at most 2^-8 of it), so their sum is off by at most as much, and the
/// result is rounded once more: three times 2^-8 of the largest value; the fp32 sums inside are far below.
double tolerance(const std::vector<float>& v) {
  float most = 0;
  for (const float value : v) {
    most = std::max(most, std::abs(value));
  }
  return double{most} * 3 * 0x1p-8;
}

using AttentionTest = ThreadCounts;

TEST_P(AttentionTest, PrefillMatchesSoftmaxAndDecodeMatchesPrefillBitForBit) {
  for (const Case& c : kCases) {
    const auto placed = Placement::sharded(1);
    const std::vector<float> qs = random_values(c.heads * c.rows * c.dim, 1);
    const std::vector<float> ks = random_values(c.kv_heads * c.rows * c.dim, 2);
    const std::vector<float> vs = random_values(c.kv_heads * c.rows * c.dim, 3);
    const Tensor q = on_device(device, {1, c.heads, c.rows, c.dim}, qs, placed);
    const Tensor k = on_device(device, {1, c.kv_heads, c.rows, c.dim}, ks, placed);
    const Tensor v = on_device(device, {1, c.kv_heads, c.rows, c.dim}, vs, placed);
    const Tensor out = scaled_dot_product_attention(q, k, v);
    EXPECT_EQ(out.shape(), q.shape());
    EXPECT_EQ(out.placement(), placed);
    const std::vector<float> prefill = values_of(out);
    const double scale = 1.0 / std::sqrt(static_cast<double>(c.dim));
    expect_close(prefill, reference(qs, ks, vs, c, scale), tolerance(vs), q.describe());
    expect_close(values_of(scaled_dot_product_attention(q, k, v, {.scale = 0.25F})),
                 reference(qs, ks, vs, c, 0.25), tolerance(vs), "other scale");

    // The same rows one by one: users of a decode batch at different positions of equal caches.
    constexpr std::int64_t kUsers = 3;
    const Shape cache_shape{4, c.kv_heads, c.rows + 5, c.dim};
    Tensor k_cache = Tensor::cache(device, cache_shape, Format::kKeyCache, placed);
    Tensor v_cache = Tensor::cache(device, cache_shape, Format::kValueCache, placed);
    for (std::int64_t user = 0; user < kUsers; ++user) {
      fill_cache(k_cache, k, user);
      fill_cache(v_cache, v, user);
    }
    for (std::int64_t row = 0; row < c.rows; ++row) {
      const std::vector<std::int64_t> positions = {row, -1, c.rows - 1 - row};
      std::vector<float> queries;
      std::vector<float> expected;
      for (const std::int64_t position : positions) {
        for (std::int64_t head = 0; head < c.heads; ++head) {
          const std::int64_t begin = (head * c.rows + std::max<std::int64_t>(0, position)) * c.dim;
          queries.insert(queries.end(), qs.begin() + begin, qs.begin() + begin + c.dim);
          for (std::int64_t d = 0; d < c.dim; ++d) {
            expected.push_back(position < 0 ? 0.0F : prefill[at(begin + d)]);
          }
        }
      }
      const Tensor step = on_device(device, {1, kUsers, c.heads, c.dim}, queries, Placement::sharded(2));
      const Tensor decoded = scaled_dot_product_attention_decode(step, k_cache, v_cache, positions);
      EXPECT_EQ(decoded.placement(), Placement::sharded(2));
      expect_same_bits(values_of(decoded), expected,
                       "decode at " + std::to_string(row) + " of " + q.describe());
    }
  }
}

TEST_P(AttentionTest, WindowsAndSoftCapsInPrefillAndDecode) {
  using transformer::AttentionOptions;
  for (const Case& c : {Case{70, 7, 1, 96}, {150, 4, 2, 64}, {33, 5, 5, 256}}) {
    const std::vector<float> qs = random_values(c.heads * c.rows * c.dim, 1);
    const std::vector<float> ks = random_values(c.kv_heads * c.rows * c.dim, 2);
    const std::vector<float> vs = random_values(c.kv_heads * c.rows * c.dim, 3);
    const Tensor q = on_device(device, {1, c.heads, c.rows, c.dim}, qs);
    const Tensor k = on_device(device, {1, c.kv_heads, c.rows, c.dim}, ks);
    const Tensor v = on_device(device, {1, c.kv_heads, c.rows, c.dim}, vs);
    const Shape cache_shape{1, c.kv_heads, c.rows, c.dim};
    Tensor k_cache = Tensor::cache(device, cache_shape, Format::kKeyCache, {});
    Tensor v_cache = Tensor::cache(device, cache_shape, Format::kValueCache, {});
    fill_cache(k_cache, k, 0);
    fill_cache(v_cache, v, 0);
    for (const AttentionOptions& options : {AttentionOptions{.scale = 0.2F, .sliding_window_size = 1},
                                            {.sliding_window_size = 20},
                                            {.sliding_window_size = 64, .logit_softcap = 3.0F},
                                            {.sliding_window_size = 1000, .logit_softcap = 50.0F},
                                            {.logit_softcap = 1.5F}}) {
      const std::vector<float> prefill = values_of(scaled_dot_product_attention(q, k, v, options));
      const double scale = options.scale.value_or(1.0F / std::sqrt(static_cast<float>(c.dim)));
      expect_close(prefill, reference(qs, ks, vs, c, scale, options), tolerance(vs), q.describe());
      for (const std::int64_t row : {std::int64_t{0}, c.rows / 2, c.rows - 1}) {
        std::vector<float> queries;
        std::vector<float> expected;
        for (std::int64_t head = 0; head < c.heads; ++head) {
          const std::int64_t begin = (head * c.rows + row) * c.dim;
          queries.insert(queries.end(), qs.begin() + begin, qs.begin() + begin + c.dim);
          expected.insert(expected.end(), prefill.begin() + begin, prefill.begin() + begin + c.dim);
        }
        const Tensor step = on_device(device, {1, 1, c.heads, c.dim}, queries);
        const std::vector<std::int64_t> position = {row};
        expect_same_bits(
            values_of(scaled_dot_product_attention_decode(step, k_cache, v_cache, position, options)),
            expected, "decode at " + std::to_string(row) + " of " + q.describe());
      }
    }
  }
}

TEST_P(AttentionTest, ChunksHaveTheBitsOfTheWhole) {
  using transformer::AttentionOptions;
  for (const auto numerics : {Numerics::kExact, Numerics::kDevice}) {
    DeviceProfile profile = wormhole_profile(1);
    profile.numerics = numerics;
    Device where{profile, device.threads().size()};
    for (const Case& c : {Case{150, 4, 2, 64}, {70, 7, 1, 96}, {3, 2, 2, 32}}) {
      const Tensor q = random_tensor(where, {1, c.heads, c.rows, c.dim}, 1);
      const Tensor k = random_tensor(where, {1, c.kv_heads, c.rows, c.dim}, 2);
      const Tensor v = random_tensor(where, {1, c.kv_heads, c.rows, c.dim}, 3);
      const auto rows_of = [](const Tensor& x, std::int64_t begin, std::int64_t end) {
        return slice(x, {0, 0, begin, 0}, {1, x.shape()[1], end, x.shape()[3]});
      };
      for (const AttentionOptions& options : {AttentionOptions{}, {.sliding_window_size = 20}}) {
        const Tensor whole = scaled_dot_product_attention(q, k, v, options);
        for (const std::int64_t chunk : {1, 7, 64, 65, 200}) {
          const Shape cache_shape{2, c.kv_heads, c.rows, c.dim};
          Tensor k_cache = Tensor::cache(where, cache_shape, Format::kKeyCache, {});
          Tensor v_cache = Tensor::cache(where, cache_shape, Format::kValueCache, {});
          for (std::int64_t start = 0; start < c.rows; start += chunk) {
            const std::int64_t end = std::min(c.rows, start + chunk);
            fill_cache(k_cache, rows_of(k, start, end), 1, start);
            fill_cache(v_cache, rows_of(v, start, end), 1, start);
            expect_same_bits(values_of(chunked_scaled_dot_product_attention(rows_of(q, start, end), k_cache,
                                                                            v_cache, 1, start, options)),
                             values_of(rows_of(whole, start, end)), "chunk at " + std::to_string(start));
          }
        }
      }
    }
  }
}

TEST_P(AttentionTest, ThreadsChangeNoBit) {
  Device one{wormhole_profile(1), 1};
  const std::vector<float> qs = random_values(4 * 200 * 64, 1);
  const std::vector<float> ks = random_values(200 * 64, 2);
  const std::vector<float> vs = random_values(200 * 64, 3);
  const auto run = [&](Device& where) {
    return values_of(scaled_dot_product_attention(on_device(where, {1, 4, 200, 64}, qs),
                                                  on_device(where, {1, 1, 200, 64}, ks),
                                                  on_device(where, {1, 1, 200, 64}, vs)));
  };
  expect_same_bits(run(device), run(one), "threads");
}

INSTANTIATE_TEST_SUITE_P(Threads, AttentionTest, ::testing::Values(1, 2, 3));

using AttentionErrors = OneDevice;

TEST_F(AttentionErrors, SayWhatToDo) {
  const auto refuse = [](std::initializer_list<std::string_view> pieces, const auto& body,
                         ExitCode code = ExitCode::kFailure) { expect_error(code, pieces, body); };
  const Tensor q = random_tensor(device, {1, 4, 5, 32}, 1);
  const Tensor k = random_tensor(device, {1, 2, 5, 32}, 1);
  const auto other = [&](Shape shape) { return random_tensor(device, shape, 1); };
  refuse({"[scaled_dot_product_attention] shapes do not fit"}, [&] {
    scaled_dot_product_attention(q, k, other({1, 2, 6, 32}));
  });
  refuse({"shapes do not fit"}, [&] {
    scaled_dot_product_attention(q, other({1, 2, 6, 32}), other({1, 2, 6, 32}));
  });
  refuse({"heads: got 4 query heads over 3 KV heads"}, [&] {
    scaled_dot_product_attention(q, other({1, 3, 5, 32}), other({1, 3, 5, 32}));
  });
  refuse({"head dim: got 48", "pad the heads"}, [&] {
    scaled_dot_product_attention(other({1, 1, 5, 48}), other({1, 1, 5, 48}), other({1, 1, 5, 48}));
  });
  refuse({"placements do not fit"},
         [&] { scaled_dot_product_attention(q.placed(Placement::sharded(1)), k, k); });
  refuse({"sliding_window_size: got 0, expected at least 1"},
         [&] { scaled_dot_product_attention(q, k, k, {.sliding_window_size = 0}); });
  for (const float cap : {0.0F, -1.0F, INFINITY, NAN}) {
    refuse({"logit_softcap: got", "expected a number above 0"},
           [&] { scaled_dot_product_attention(q, k, k, {.logit_softcap = cap}); });
  }
  refuse({"v is partial", "all_reduce first"},
         [&] { scaled_dot_product_attention(q, k, k.placed(Placement::partial())); });

  const Tensor keys = Tensor::cache(device, {4, 2, 8, 32}, Format::kKeyCache, {});
  const Tensor values = Tensor::cache(device, {4, 2, 8, 32}, Format::kValueCache, {});
  const auto chunk = [&](const Tensor& x, std::int64_t user, std::int64_t start) {
    chunked_scaled_dot_product_attention(x, keys, values, user, start);
  };
  refuse({"[chunked_scaled_dot_product_attention] batch_idx: got 4, expected 0 to 3"},
         [&] { chunk(q, 4, 0); });
  refuse({"batch_idx: got -1"}, [&] { chunk(q, -1, 0); });
  refuse({"chunk_start_idx: got -1"}, [&] { chunk(q, 0, -1); });
  refuse(
      {"chunk too long: got 5 positions from 4 on", "cache length 8"}, [&] { chunk(q, 0, 4); },
      ExitCode::kLength);
  refuse({"shapes do not fit"}, [&] { chunk(other({1, 4, 5, 64}), 0, 0); });
  refuse({"heads: got 3 query heads over 2"}, [&] { chunk(other({1, 3, 5, 32}), 0, 0); });
  refuse({"placements do not fit", "dim 1 of q"}, [&] { chunk(q.placed(Placement::sharded(1)), 0, 0); });
  refuse({"caches", "expected a key cache and a value cache"},
         [&] { chunked_scaled_dot_product_attention(q, values, keys, 0, 0); });

  const Tensor step = other({1, 2, 4, 32});
  const auto decode = [](const Tensor& x, const Tensor& k_cache, const Tensor& v_cache,
                         std::vector<std::int64_t> positions) {
    scaled_dot_product_attention_decode(x, k_cache, v_cache, positions);
  };
  refuse({"[scaled_dot_product_attention_decode] caches", "expected a key cache and a value cache"}, [&] {
    decode(step, values, keys, {0, 0});
  });
  refuse({"cur_pos: got 1 entries, expected 2"}, [&] { decode(step, keys, values, {0}); });
  refuse({"[scaled_dot_product_attention_decode] sliding_window_size: got -3"}, [&] {
    const std::vector<std::int64_t> positions = {0, 0};
    scaled_dot_product_attention_decode(step, keys, values, positions, {.sliding_window_size = -3});
  });
  refuse(
      {"cur_pos: got 8, expected -1 (skip) to 7"},
      [&] {
        decode(step, keys, values, {0, 8});
      },
      ExitCode::kLength);
  refuse(
      {"cur_pos: got -2"},
      [&] {
        decode(step, keys, values, {0, -2});
      },
      ExitCode::kLength);
  refuse({"shapes do not fit"}, [&] { decode(other({1, 2, 4, 64}), keys, values, {0, 0}); });
  refuse({"shapes do not fit"}, [&] { decode(other({1, 5, 4, 32}), keys, values, {0, 0, 0, 0, 0}); });
  refuse({"heads: got 3 query heads over 2"}, [&] { decode(other({1, 2, 3, 32}), keys, values, {0, 0}); });
  refuse({"placements do not fit"}, [&] {
    decode(step.placed(Placement::sharded(2)), keys, values, {0, 0});
  });
}

}  // namespace
}  // namespace ttx::test
