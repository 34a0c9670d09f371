// SPDX-License-Identifier: Apache-2.0

/// With exponents from 31 to 254 no number leaves the normal range, nor does a power of two that it is
/// multiplied by.
constexpr int kLeastPlain = 31;
constexpr int kMostPlain = 254;

/// Whether every exponent of a chunk is such.
TTX_INLINE bool exponents_are_plain(const std::uint8_t* exponents) {
  return exponents_within(exponents, kLeastPlain, kMostPlain);
}

/// Whether the only row of a call may be multiplied by the powers of two of a chunk instead of its numbers:
/// where the row is finite and stays in the normal range. Asked of all of the row at once.
class RowScaling {
 public:
  explicit RowScaling(const LinearCall& call) {
    if (call.m != 1) {
      return;
    }
    HalfVector least = HalfVector{} + static_cast<std::uint16_t>(kInfinite);
    HalfVector most = {};
    for (std::int64_t i = 0; i < call.k; i += 2 * kRegisterLanes) {
      const HalfVector field = (HalfVector)load_pairs_part(call.x + i, call.k - i) >> 7U & 0xFFU;
      least = lesser_of(least, zeros_become(field, kInfinite));
      most = greater_of(most, field);
    }
    int least_field = kInfinite;
    int most_field = 0;
    for (int i = 0; i < 2 * kRegisterLanes; ++i) {
      least_field = least[i] < least_field ? least[i] : least_field;
      most_field = most[i] > most_field ? most[i] : most_field;
    }
    const int from = kMostNegativePower + 1 - least_field;
    const int to = kLeastNegativePower + kInfinite - 1 - most_field;
    first_ = from > kLeastPlain ? from : kLeastPlain;
    last_ = to < kMostPlain ? to : kMostPlain;
    possible_ = most_field < kInfinite && first_ <= last_;
  }

  TTX_INLINE bool allows(const std::uint8_t* exponents) const {
    return possible_ && exponents_within(exponents, first_, last_);
  }

 private:
  static constexpr int kInfinite = 255;  ///< exponent field

  int first_ = 0;  ///< exponents that are allowed
  int last_ = 0;
  bool possible_ = false;
};
