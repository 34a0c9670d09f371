// SPDX-License-Identifier: Apache-2.0

/// What a row of attention carries from one key block to the next.
struct RowState {
  float max = -__builtin_inff();
  float sum = 0.0F;
};

/// Keys [begin, end) of a key block: those that a row sees.
struct SeenKeys {
  std::int64_t begin;
  std::int64_t end;
};

/// What becomes of a score before the mask. soft_cap is 0 where there is none.
struct ScoreRule {
  float scale;
  float soft_cap;

  TTX_INLINE Lanes apply(Lanes score) const {
    const Lanes scaled = score * scale;
    return soft_cap > 0.0F ? soft_cap * tanh_lanes(scaled / soft_cap) : scaled;
  }
};

/// One row, one key block of which the `seen` keys count (at least one): scores [kKeyBlock] become
/// probabilities p [kKeyBlock], rounded to bf16, zero where masked; the row's maximum, sum and accumulator
/// [head_dim] follow. kWhole says that all keys are seen.
template <bool kWhole>
TTX_INLINE void softmax_keys(const float* scores, SeenKeys seen, const ScoreRule& rule, std::int64_t head_dim,
                             RowState& state, Operand* p, float* acc) {
  constexpr int kVectors = static_cast<int>(kKeyBlock / kLanes);
  const auto alive = [&seen](int v, Lanes value, Lanes masked) TTX_INLINED {
    const int begin = static_cast<int>(seen.begin - v * kLanes);
    const int end = static_cast<int>(seen.end - v * kLanes);
    return kWhole ? value : pick((lane_numbers() >= begin) & (lane_numbers() < end), value, masked);
  };
  Lanes score[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    score[v] = alive(v, rule.apply(load_f32(scores + v * kLanes)), all_lanes(-__builtin_inff()));
  }
  const float block_max =
      greatest_of_lanes(greater_of(greater_of(score[0], score[1]), greater_of(score[2], score[3])));
  const float new_max = block_max > state.max ? block_max : state.max;
  Lanes sum = {};
  for (int v = 0; v < kVectors; ++v) {
    const Lanes weight = alive(v, exp_lanes(score[v] - new_max), Lanes{});
    store_rounded(weight, p + v * kLanes);
    sum = sum + load_rounded(p + v * kLanes);
  }
  const float step = state.max - new_max;
  state.max = new_max;
  if (step == 0.0F) {  // exp would give exactly 1
    state.sum = state.sum + sum_of_lanes(sum);
    return;
  }
  const float rescale = exp_lanes(all_lanes(step))[0];
  state.sum = state.sum * rescale + sum_of_lanes(sum);
  for (std::int64_t d = 0; d < head_dim; d += kLanes) {
    store_f32(load_f32(acc + d) * rescale, acc + d);
  }
}

TTX_INLINE void softmax_block(const float* scores, SeenKeys seen, const ScoreRule& rule,
                              std::int64_t head_dim, RowState& state, Operand* p, float* acc) {
  if (seen.begin == 0 && seen.end == kKeyBlock) {
    softmax_keys<true>(scores, seen, rule, head_dim, state, p, acc);
  } else {
    softmax_keys<false>(scores, seen, rule, head_dim, state, p, acc);
  }
}
