// SPDX-License-Identifier: Apache-2.0
// Products with weight rows. Only one block of rows exists as fp32 at a time.

/// When each weight is used once, a block stays nearer still.
constexpr Index kRowsForOne = 8;

inline Index block_rows(Index k) {
  const Index fitting = kBlockFloats / k;
  return fitting > kMostBlockRows ? kMostBlockRows : fitting < kLeastBlockRows ? kLeastBlockRows : fitting;
}

void project(const float* x, std::int64_t rows, const WeightRows& w, std::int64_t begin, std::int64_t end, float* out,
             std::int64_t out_stride, float* scratch) {
  const Index k = w.k;
  const std::size_t row_bytes = static_cast<std::size_t>(k) * (w.stored == Stored::kF32 ? 4 : 2);
  const Index block = rows == 1 ? kRowsForOne : block_rows(k);
  const Eigen::Map<const RowMatrix> input(x, rows, k);
  for (Index j = begin; j < end; j += block) {
    const Index count = end - j < block ? end - j : block;
    widen(w.data + static_cast<std::size_t>(j) * row_bytes, w.stored, count * k, scratch);
    const Eigen::Map<const RowMatrix> weight(scratch, count, k);
    if (rows == 1) {
      Eigen::Map<Eigen::VectorXf>(out + (j - begin), count).noalias() = weight * input.row(0).transpose();
    } else {
      StridedMap(out + (j - begin), rows, count, Eigen::OuterStride<>(out_stride)).noalias() = input * weight.transpose();
    }
  }
}
