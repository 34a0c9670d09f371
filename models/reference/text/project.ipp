// SPDX-License-Identifier: Apache-2.0
// Products with weight rows. Only one block of rows exists as fp32 at a time.

/// When each weight is used once, a block stays nearer still. Eigen sums all of eight rows in one order.
constexpr Index kRowsForOne = 8;

/// Whole units that fit into kBlockFloats.
inline Index block_rows(Index k) {
  const Index fitting = kBlockFloats / k / kUnitForMany * kUnitForMany;
  return fitting > kMostBlockRows ? kMostBlockRows : fitting < kUnitForMany ? kUnitForMany : fitting;
}

void project(const float* x, std::int64_t rows, const WeightRows& w, std::int64_t begin, std::int64_t end, float* out,
             std::int64_t out_stride, float* scratch) {
  const Index k = w.k;
  const std::size_t row_bytes = static_cast<std::size_t>(k) * (w.stored == Stored::kF32 ? 4 : 2);
  const Index block = rows == 1 ? kRowsForOne : block_rows(k);
  const Eigen::Map<const RowMatrix> input(x, rows, k);
  // What is left of a unit of several rows stays with the block before it.
  const Index left_over = rows == 1 ? 0 : kUnitForMany - 1;
  for (Index j = begin, count = 0; j < end; j += count) {
    count = end - j <= block + left_over ? end - j : block;
    widen(w.data + static_cast<std::size_t>(j) * row_bytes, w.stored, count * k, scratch);
    const Eigen::Map<const RowMatrix> weight(scratch, count, k);
    if (rows == 1) {
      Eigen::Map<Eigen::VectorXf>(out + (j - begin), count).noalias() = weight * input.row(0).transpose();
    } else {
      StridedMap(out + (j - begin), rows, count, Eigen::OuterStride<>(out_stride)).noalias() = input * weight.transpose();
    }
  }
}
