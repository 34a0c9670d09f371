// SPDX-License-Identifier: Apache-2.0
// Causal attention of one head, in blocks of query rows so that the scores stay small.

constexpr Index kQueryRows = 64;

void attend(const HeadAttention& head) {
  const Index d = head.head_dim;
  for (Index begin = 0; begin < head.rows; begin += kQueryRows) {
    const Index rows = head.rows - begin < kQueryRows ? head.rows - begin : kQueryRows;
    const Index keys = head.first + begin + rows;
    const ConstStridedMap q(head.q + begin * head.q_stride, rows, d, Eigen::OuterStride<>(head.q_stride));
    const ConstStridedMap k(head.k, keys, d, Eigen::OuterStride<>(head.kv_stride));
    const ConstStridedMap v(head.v, keys, d, Eigen::OuterStride<>(head.kv_stride));
    RowMatrix scores(rows, keys);
    scores.noalias() = q * k.transpose();
    for (Index i = 0; i < rows; ++i) {
      const Index seen = head.first + begin + i + 1;
      auto row = scores.row(i).head(seen).array();
      row *= head.scale;
      row = (row - row.maxCoeff()).exp();
      row /= row.sum();
      scores.row(i).tail(keys - seen).setZero();
    }
    StridedMap(head.out + begin * head.q_stride, rows, d, Eigen::OuterStride<>(head.q_stride)).noalias() = scores * v;
  }
}
