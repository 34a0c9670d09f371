// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using experimental::HeadCounts;
using experimental::QkvHeads;

struct Case {
  std::int64_t rows, nq, nkv, dim;
};
constexpr Case kCases[] = {{1, 1, 1, 32}, {5, 6, 2, 32}, {32, 4, 4, 64}, {31, 7, 1, 96}, {70, 16, 8, 128}};

using HeadsTest = ThreadCounts;

TEST_P(HeadsTest, SplitsColumnsIntoHeads) {
  for (const auto& [rows, nq, nkv, dim] : kCases) {
    const std::int64_t width = (nq + 2 * nkv) * dim;
    for (const Placement placement : {Placement::replicated(), Placement::sharded(3)}) {
      const Tensor qkv = random_tensor(device, {1, 1, rows, width}, 1, placement);
      const std::vector<float> in = values_of(qkv);
      const auto expected = [&, rows = rows, dim = dim](std::int64_t first_head, std::int64_t count,
                                                        bool by_head) {
        std::vector<float> values;
        for (std::int64_t i = 0; i < count * rows; ++i) {
          const std::int64_t head = first_head + (by_head ? i / rows : i % count);
          const std::int64_t row = by_head ? i % rows : i / count;
          const auto begin = in.begin() + row * width + head * dim;
          values.insert(values.end(), begin, begin + dim);
        }
        return values;
      };
      const bool sharded = placement.is_sharded(3);
      const QkvHeads prefill = experimental::nlp_create_qkv_heads(qkv, {nq, nkv});
      EXPECT_EQ(prefill.q.shape(), (Shape{1, nq, rows, dim}));
      EXPECT_EQ(prefill.k.shape(), (Shape{1, nkv, rows, dim}));
      EXPECT_EQ(prefill.v.placement(), sharded ? Placement::sharded(1) : placement);
      expect_same_bits(values_of(prefill.q), expected(0, nq, true), "q");
      expect_same_bits(values_of(prefill.k), expected(nq, nkv, true), "k");
      expect_same_bits(values_of(prefill.v), expected(nq + nkv, nkv, true), "v");

      const Tensor joined = experimental::nlp_concat_heads(prefill.q);
      EXPECT_EQ(joined.shape(), (Shape{1, 1, rows, nq * dim}));
      EXPECT_EQ(joined.placement(), placement);
      expect_same_bits(values_of(joined), expected(0, nq, false), "concat_heads");

      if (rows > 32) {
        continue;
      }
      const QkvHeads decode = experimental::nlp_create_qkv_heads_decode(qkv, {nq, nkv});
      EXPECT_EQ(decode.q.shape(), (Shape{1, rows, nq, dim}));
      EXPECT_EQ(decode.v.shape(), (Shape{1, rows, nkv, dim}));
      EXPECT_EQ(decode.k.placement(), sharded ? Placement::sharded(2) : placement);
      expect_same_bits(values_of(decode.q), expected(0, nq, false), "decode q");
      expect_same_bits(values_of(decode.k), expected(nq, nkv, false), "decode k");
      expect_same_bits(values_of(decode.v), expected(nq + nkv, nkv, false), "decode v");
      const Tensor merged = experimental::nlp_concat_heads(transpose(decode.q, 1, 2));
      EXPECT_EQ(merged.placement(), placement);
      expect_same_bits(values_of(merged), expected(0, nq, false), "transpose and concat_heads");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, HeadsTest, ::testing::Values(1, 2, 3));

using HeadsErrors = OneDevice;

TEST_F(HeadsErrors, SayWhatToDo) {
  const auto refuse = [](std::initializer_list<std::string_view> pieces, const auto& body) {
    expect_error(ExitCode::kFailure, pieces, body);
  };
  const Tensor qkv = random_tensor(device, {1, 1, 33, 128}, 1);
  const auto prefill = [](const Tensor& x, HeadCounts heads) {
    experimental::nlp_create_qkv_heads(x, heads);
  };
  const auto decode = [](const Tensor& x, HeadCounts heads) {
    experimental::nlp_create_qkv_heads_decode(x, heads);
  };
  refuse({"[nlp_create_qkv_heads] qkv", "does not divide by 5 heads (3 q, 1 k, 1 v)"}, [&] {
    prefill(qkv, {3, 1});
  });
  refuse({"heads: got 1 query and 2 KV heads"}, [&] { prefill(qkv, {1, 2}); });
  refuse({"heads: got 0 query and 0 KV heads"}, [&] { prefill(qkv, {0, 0}); });
  refuse({"expected replicated or sharded on dim 3"}, [&] {
    prefill(qkv.placed(Placement::sharded(2)), {2, 1});
  });
  refuse({"expected 1 in dims 0 and 1"}, [&] { prefill(qkv.reshaped({1, 3, 11, 128}), {2, 1}); });
  refuse({"[nlp_create_qkv_heads_decode] users: got 33, expected at most 32", "prefill"}, [&] {
    decode(qkv, {2, 1});
  });
  refuse({"all_reduce first"}, [&] { decode(qkv.placed(Placement::partial()), {2, 1}); });
  refuse({"[nlp_concat_heads]", "transpose a decode tensor first"},
         [&] { experimental::nlp_concat_heads(qkv.placed(Placement::sharded(2))); });
  refuse({"[nlp_concat_heads]", "expected [1, heads, S, D]"}, [&] {
    experimental::nlp_concat_heads(qkv.reshaped({3, 1, 11, 128}));
  });
}

}  // namespace
}  // namespace ttx::test
