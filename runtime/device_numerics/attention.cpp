// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_numerics/attention.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "runtime/device_numerics/matrix_unit.hpp"
#include "runtime/device_numerics/split_rows.hpp"
#include "runtime/device_numerics/streaming_softmax.hpp"

namespace ttx::device_numerics {

namespace {

/// One query vector on its way through the chunks.
struct QueryRow {
  std::int64_t row = 0;
  std::int64_t head = 0;
  TileRange keys;  ///< that it sees, of all positions
  SoftmaxState softmax;
  float alpha = 1.0F;  ///< of the chunk at hand
};

/// Heads [first_head, last_head) of one KV head.
class GroupAttention {
 public:
  GroupAttention(const kernels::AttentionCall& call, const ComputeKernelConfig& config, std::int64_t chunk,
                 std::int64_t first_head, std::int64_t last_head)
      : call_(call),
        config_(config),
        chunk_(chunk),
        keys_(call.keys + first_head / call.group * call.kv_head_stride),
        values_(call.values + first_head / call.group * call.kv_head_stride),
        count_(call.rows * (last_head - first_head)),
        queries_(count_, call.head_dim),
        weights_(count_, chunk),
        tile_(std::make_unique<OperandTile>()),
        scores_(static_cast<std::size_t>(count_ * chunk)),
        sums_(static_cast<std::size_t>(count_ * kTile)),
        acc_(static_cast<std::size_t>(count_ * call.head_dim)),
        row_weights_(static_cast<std::size_t>(chunk)) {
    for (std::int64_t row = 0; row < call.rows; ++row) {
      const std::int64_t position = call.first + row;
      const std::int64_t first_key =
          call.window == 0 ? 0 : std::max<std::int64_t>(0, position - call.window + 1);
      for (std::int64_t head = first_head; head < last_head; ++head) {
        queries_.set(std::ssize(rows_), call.q + row * call.q_row_stride + head * call.q_head_stride);
        rows_.push_back({row, head, {first_key, position + 1}, {}});
      }
    }
  }

  void run() {
    const std::int64_t end = rows_.back().keys.last;
    for (std::int64_t start = rows_.front().keys.first / chunk_ * chunk_; start < end; start += chunk_) {
      for (std::int64_t tile = start; tile < std::min(start + chunk_, end); tile += kTile) {
        score_tile(start, tile);
      }
      for (std::int64_t i = 0; i < count_; ++i) {
        soften_chunk(start, i);
      }
      for (std::int64_t d = 0; d < call_.head_dim; d += kTile) {
        weigh_values(start, std::min(start + chunk_, end), d);
      }
    }
    write();
  }

 private:
  /// The keys that a row sees, of the `length` from `start` on, counted from there.
  TileRange seen(std::int64_t i, std::int64_t start, std::int64_t length) const {
    const TileRange& keys = rows_[static_cast<std::size_t>(i)].keys;
    return {std::max<std::int64_t>(0, keys.first - start), std::min(length, keys.last - start)};
  }

  /// Scores of all rows for the 32 keys from `first` on, of the chunk at `start`.
  void score_tile(std::int64_t start, std::int64_t first) {
    std::ranges::fill(sums_, 0.0F);
    constexpr std::int64_t kPairStride = 2 * kTile;
    for (std::int64_t d = 0; d < call_.head_dim; d += kTile) {
      unpack({keys_ + first * call_.head_dim + d / 2 * kPairStride, kPairStride}, kTile, *tile_);
      for (std::int64_t i = 0; i < count_; ++i) {
        multiply_add(config_, queries_.tile(i, d), *tile_, {0, kTile}, sums_.data() + i * kTile);
      }
    }
    for (std::int64_t i = 0; i < count_; ++i) {
      for (std::int64_t key = 0; key < kTile; ++key) {
        scores_[static_cast<std::size_t>(i * chunk_ + first - start + key)] =
            scaled_score(sums_[static_cast<std::size_t>(i * kTile + key)], call_.scale, call_.soft_cap);
      }
    }
  }

  void soften_chunk(std::int64_t start, std::int64_t i) {
    const TileRange keys = seen(i, start, chunk_);
    if (keys.first < keys.last) {
      QueryRow& row = rows_[static_cast<std::size_t>(i)];
      row.alpha =
          soften(scores_.data() + i * chunk_, keys, config_.fp32_dest_acc_en, row_weights_, row.softmax);
      weights_.set(i, row_weights_.data());
    }
  }

  /// Adds the values of keys [start, end), elements d to d + 31 of each, to the rows that see some.
  void weigh_values(std::int64_t start, std::int64_t end, std::int64_t d) {
    std::ranges::fill(sums_, 0.0F);
    for (std::int64_t first = start; first < end; first += kTile) {
      const std::int64_t depth = std::min(kTile, end - first);
      unpack({values_ + first * call_.head_dim + 2 * d, 2 * call_.head_dim}, depth, *tile_);
      for (std::int64_t i = 0; i < count_; ++i) {
        multiply_add(config_, weights_.tile(i, first - start), *tile_, seen(i, first, depth),
                     sums_.data() + i * kTile);
      }
    }
    for (std::int64_t i = 0; i < count_; ++i) {
      const TileRange keys = seen(i, start, end - start);
      if (keys.first >= keys.last) {
        continue;
      }
      for (std::int64_t c = 0; c < kTile; ++c) {
        float& acc = acc_[static_cast<std::size_t>(i * call_.head_dim + d + c)];
        const float product = through_pack(sums_[static_cast<std::size_t>(i * kTile + c)]);
        acc = through_pack(through_pack(rows_[static_cast<std::size_t>(i)].alpha * acc) + product);
      }
    }
  }

  void write() const {
    for (std::int64_t i = 0; i < count_; ++i) {
      const QueryRow& row = rows_[static_cast<std::size_t>(i)];
      const float factor = through_pack(1.0F / row.softmax.sum);
      bfloat16* const out = call_.out + row.row * call_.out_row_stride + row.head * call_.out_head_stride;
      for (std::int64_t d = 0; d < call_.head_dim; ++d) {
        out[d] = packed(acc_[static_cast<std::size_t>(i * call_.head_dim + d)] * factor);
      }
    }
  }

  const kernels::AttentionCall& call_;
  const ComputeKernelConfig& config_;
  std::int64_t chunk_;
  const bfloat16* keys_;
  const bfloat16* values_;
  std::int64_t count_;
  SplitRows queries_;
  SplitRows weights_;
  std::unique_ptr<OperandTile> tile_;
  std::vector<QueryRow> rows_;
  std::vector<float> scores_;
  std::vector<float> sums_;            ///< [row][32]
  std::vector<float> acc_;             ///< [row][head_dim]
  std::vector<bfloat16> row_weights_;  ///< of a chunk
};

}  // namespace

std::int64_t decode_chunk(std::int64_t cache_length) {
  std::int64_t chunk = kTile;
  while (chunk < 512 && cache_length % (2 * chunk) == 0) {
    chunk *= 2;
  }
  return chunk;
}

void attention(const kernels::AttentionCall& call, const ComputeKernelConfig& config, std::int64_t chunk) {
  for (std::int64_t head = call.first_head; head < call.last_head;) {
    const std::int64_t last = std::min(call.last_head, (head / call.group + 1) * call.group);
    GroupAttention(call, config, chunk, head, last).run();
    head = last;
  }
}

}  // namespace ttx::device_numerics
