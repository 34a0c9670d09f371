// SPDX-License-Identifier: Apache-2.0
// Attention of one head to the keys before it, in blocks of query rows so that the scores stay small.

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
      const Index hidden = head.window > 0 && seen > head.window ? seen - head.window : 0;
      auto row = scores.row(i).segment(hidden, seen - hidden).array();
      row *= head.scale;
      if (head.softcap > 0.0F) {
        row = head.softcap * (row / head.softcap).tanh();
      }
      row = (row - row.maxCoeff()).exp();
      row /= row.sum();
      scores.row(i).head(hidden).setZero();
      scores.row(i).tail(keys - seen).setZero();
    }
    StridedMap(head.out + begin * head.q_stride, rows, d, Eigen::OuterStride<>(head.q_stride)).noalias() = scores * v;
  }
}
