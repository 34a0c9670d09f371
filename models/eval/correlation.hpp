// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace ttx {

/// Pearson's correlation (PCC) of pairs that come in pieces, in fp64. Each piece is summed around its own
/// means; pieces are merged by the pairwise update of Chan, Golub and LeVeque (1979), so that a mean far from
/// zero costs no digits.
class Correlation {
 public:
  /// Pairs (x[i], y[i]). Throws Error when there are not as many of one as of the other.
  void add(std::span<const float> x, std::span<const float> y);
  /// In [-1, 1]; nullopt where x or y has no spread, or is not finite.
  std::optional<double> pearson() const;

 private:
  double count_ = 0;
  double mean_x_ = 0;
  double mean_y_ = 0;
  double xx_ = 0;  // sums of products of what is left when the mean is taken off
  double yy_ = 0;
  double xy_ = 0;
};

}  // namespace ttx
