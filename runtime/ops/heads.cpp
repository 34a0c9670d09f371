// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>

#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/ops/device_limits.hpp"
#include "runtime/ops/parallel.hpp"

namespace ttx::experimental {

namespace {

/// Checks the fused tensor and returns the head dim.
std::int64_t check_fused(const Tensor& qkv, HeadCounts heads, const char* op) {
  ops::check_activation_4d(qkv, op, "qkv");
  ops::check_leading_ones(qkv, op, "qkv");
  TTX_CHECK(heads.num_kv_heads >= 1 && heads.num_heads >= heads.num_kv_heads, op,
            "heads: got {} query and {} KV heads, expected at least as many query heads as KV heads, and one",
            heads.num_heads, heads.num_kv_heads);
  const std::int64_t all = heads.num_heads + 2 * heads.num_kv_heads;
  TTX_CHECK(qkv.shape()[3] > 0 && qkv.shape()[3] % all == 0, op,
            "qkv: got {}, whose last dim does not divide by {} heads ({} q, {} k, {} v); give the heads of "
            "this device",
            qkv.describe(), all, heads.num_heads, heads.num_kv_heads, heads.num_kv_heads);
  TTX_CHECK(qkv.placement().is_replicated() || qkv.placement().is_sharded(3), op,
            "qkv: got {}, expected replicated or sharded on dim 3 by heads", qkv.describe());
  return qkv.shape()[3] / all;
}

/// Copies columns [column, column + count * dim) of each row to `out`, head h of row r at h * head_step + r *
/// row_step.
struct Part {
  bfloat16* out;
  std::int64_t column;
  std::int64_t count;
  std::int64_t head_step;
  std::int64_t row_step;
};

/// The heads of a single row lie as they shall: q, k and v are its pieces, `q` and `kv` the shapes.
QkvHeads pieces_of_row(const Tensor& qkv, const Shape& q, const Shape& kv, Placement placement) {
  return {qkv.view(0, q, placement), qkv.view(q.volume(), kv, placement),
          qkv.view(q.volume() + kv.volume(), kv, placement)};
}

void split(const Tensor& qkv, std::int64_t dim, const std::array<Part, 3>& parts) {
  const std::int64_t width = qkv.shape()[3];
  const bfloat16* const in = qkv.bf16().data();
  ops::parallel(qkv.device(), qkv.shape()[2], 4 * width, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      for (const Part& part : parts) {
        for (std::int64_t head = 0; head < part.count; ++head) {
          std::memcpy(part.out + head * part.head_step + row * part.row_step,
                      in + row * width + part.column + head * dim,
                      static_cast<std::size_t>(dim) * sizeof(bfloat16));
        }
      }
    }
  });
}

}  // namespace

QkvHeads nlp_create_qkv_heads(const Tensor& qkv, HeadCounts heads) {
  const std::int64_t dim = check_fused(qkv, heads, "nlp_create_qkv_heads");
  const std::int64_t rows = qkv.shape()[2];
  const auto [nq, nkv] = heads;
  const Placement placement = qkv.placement().is_sharded(3) ? Placement::sharded(1) : qkv.placement();
  const Shape of_q{1, nq, rows, dim};
  const Shape of_kv{1, nkv, rows, dim};
  if (rows == 1) {
    return pieces_of_row(qkv, of_q, of_kv, placement);
  }
  QkvHeads result{ops::new_activation(qkv, of_q, placement), ops::new_activation(qkv, of_kv, placement),
                  ops::new_activation(qkv, of_kv, placement)};
  const std::int64_t head_step = rows * dim;
  split(qkv, dim,
        {{{result.q.mutable_bf16().data(), 0, nq, head_step, dim},
          {result.k.mutable_bf16().data(), nq * dim, nkv, head_step, dim},
          {result.v.mutable_bf16().data(), (nq + nkv) * dim, nkv, head_step, dim}}});
  return result;
}

QkvHeads nlp_create_qkv_heads_decode(const Tensor& qkv, HeadCounts heads) {
  constexpr const char* kOp = "nlp_create_qkv_heads_decode";
  const std::int64_t dim = check_fused(qkv, heads, kOp);
  const std::int64_t users = qkv.shape()[2];
  TTX_CHECK(users <= kTile, kOp, "users: got {}, expected at most {}; use nlp_create_qkv_heads for prefill",
            users, kTile);
  ops::check_decode_heads(qkv, heads.num_heads, kOp);
  const auto [nq, nkv] = heads;
  const Placement placement = qkv.placement().is_sharded(3) ? Placement::sharded(2) : qkv.placement();
  const Shape of_q{1, users, nq, dim};
  const Shape of_kv{1, users, nkv, dim};
  if (users == 1) {
    return pieces_of_row(qkv, of_q, of_kv, placement);
  }
  QkvHeads result{ops::new_activation(qkv, of_q, placement), ops::new_activation(qkv, of_kv, placement),
                  ops::new_activation(qkv, of_kv, placement)};
  split(qkv, dim,
        {{{result.q.mutable_bf16().data(), 0, nq, dim, nq * dim},
          {result.k.mutable_bf16().data(), nq * dim, nkv, dim, nkv * dim},
          {result.v.mutable_bf16().data(), (nq + nkv) * dim, nkv, dim, nkv * dim}}});
  return result;
}

Tensor nlp_concat_heads(const Tensor& x) {
  constexpr const char* kOp = "nlp_concat_heads";
  ops::check_activation_4d(x, kOp, "x");
  TTX_CHECK(x.shape()[0] == 1, kOp, "x: got {}, expected [1, heads, S, D]", x.describe());
  TTX_CHECK(x.placement().is_replicated() || x.placement().is_sharded(1), kOp,
            "x: got {}, expected replicated or sharded on dim 1 by heads; transpose a decode tensor first",
            x.describe());
  const std::int64_t heads = x.shape()[1];
  const std::int64_t rows = x.shape()[2];
  const std::int64_t dim = x.shape()[3];
  const Shape shape{1, 1, rows, heads * dim};
  const Placement placement = x.placement().is_sharded(1) ? Placement::sharded(3) : x.placement();
  if (heads == 1 || rows == 1) {  // the values already lie in that order
    return x.reshaped(shape).placed(placement);
  }
  Tensor out = ops::new_activation(x, shape, placement);
  const bfloat16* const in = x.bf16().data();
  bfloat16* const result = out.mutable_bf16().data();
  ops::parallel(x.device(), rows, 4 * heads * dim, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      for (std::int64_t head = 0; head < heads; ++head) {
        std::memcpy(result + (row * heads + head) * dim, in + (head * rows + row) * dim,
                    static_cast<std::size_t>(dim) * sizeof(bfloat16));
      }
    }
  });
  return out;
}

}  // namespace ttx::experimental
