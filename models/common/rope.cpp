// SPDX-License-Identifier: Apache-2.0
#include "models/common/rope.hpp"

#include <cmath>
#include <utility>
#include <vector>

#include "models/common/rope_frequencies.hpp"
#include "runtime/error.hpp"
#include "runtime/ops.hpp"

namespace ttx {

namespace {

constexpr const char* kOp = "rope";

/// Of `width` columns, the pairs beyond the frequencies with an angle of zero and no scaling.
RopeTables tables_of(const RopeFrequencies& frequencies, std::int64_t length, std::int64_t width) {
  const auto half = static_cast<std::size_t>(width / 2);
  const auto rows = static_cast<std::size_t>(length);
  std::vector<float> cos(rows * 2 * half, 1.0F);
  std::vector<float> sin(cos.size(), 0.0F);
  for (std::size_t p = 0; p < rows; ++p) {
    for (std::size_t j = 0; j < frequencies.inverse.size(); ++j) {
      const auto angle = static_cast<double>(static_cast<float>(p) * frequencies.inverse[j]);
      const std::size_t at = p * 2 * half + j;
      cos[at] = cos[at + half] = static_cast<float>(std::cos(angle)) * frequencies.attention_scaling;
      sin[at] = sin[at + half] = static_cast<float>(std::sin(angle)) * frequencies.attention_scaling;
    }
  }
  const Shape shape{1, 1, length, width};
  return {HostTensor::from(kRopeCos, shape, std::move(cos)),
          HostTensor::from(kRopeSin, shape, std::move(sin))};
}

Tensor columns(const Tensor& x, std::int64_t begin, std::int64_t end) {
  const Shape& s = x.shape();
  return slice(x, {0, 0, 0, begin}, {s[0], s[1], s[2], end});
}

void check_halves(const Tensor& x, std::int64_t narrow, std::int64_t wide) {
  TTX_CHECK(x.shape().rank() == 4, kOp, "x: got {}, expected [B, heads, S, D]", x.describe());
  TTX_CHECK(narrow >= 2 && narrow % 2 == 0 && wide % 2 == 0 && wide >= narrow, kOp,
            "widths: got {} values in {}, expected even ones, the second at least the first", narrow, wide);
}

}  // namespace

RopeTables rope_tables(const hf::RopeConfig& rope, std::int64_t head_dim, std::int64_t length) {
  return tables_of(rope_frequencies(rope, head_dim, length), length, rope.rotary_dim(head_dim));
}

RopeTables padded_rope_tables(const hf::RopeConfig& rope, std::int64_t head_dim, std::int64_t length,
                              std::int64_t width) {
  const std::int64_t turning = rope.rotary_dim(head_dim);
  TTX_CHECK(width % 2 == 0 && width >= turning, kOp,
            "padded width: got {}, expected an even one of at least {}, the values of a head that turn",
            width, turning);
  return tables_of(rope_frequencies(rope, head_dim, length), length, width);
}

Tensor pad_rotary_halves(const Tensor& x, std::int64_t width) {
  const std::int64_t head_dim = x.shape().rank() == 0 ? 0 : x.shape()[-1];
  check_halves(x, head_dim, width);
  const auto half = [&](std::int64_t begin) {
    return pad(columns(x, begin, begin + head_dim / 2),
               {{{}, {}, {}, {.before = 0, .after = (width - head_dim) / 2}}});
  };
  return width == head_dim ? x : concat({half(0), half(head_dim / 2)}, -1);
}

Tensor trim_rotary_halves(const Tensor& x, std::int64_t head_dim) {
  const std::int64_t width = x.shape().rank() == 0 ? 0 : x.shape()[-1];
  check_halves(x, head_dim, width);
  return width == head_dim
             ? x
             : concat({columns(x, 0, head_dim / 2), columns(x, width / 2, width / 2 + head_dim / 2)}, -1);
}

Tensor turned_heads(const Tensor& heads, const Tensor& cos, const Tensor& sin, Positions at) {
  if (at.same) {
    return experimental::rotary_embedding(heads, cos, sin, at.first);
  }
  TTX_CHECK(heads.shape().rank() == 4, kOp, "heads: got {}, expected [1, heads, S, D]", heads.describe());
  const std::int64_t end = at.first + heads.shape()[2];
  const auto rows = [&](const Tensor& table) {
    return slice(table, {0, 0, at.first, 0}, {1, 1, end, table.shape()[3]});
  };
  return experimental::rotary_embedding(heads, rows(cos), rows(sin));
}

RopeTables default_rope_tables(double theta, std::int64_t head_dim, std::int64_t length) {
  hf::RopeConfig rope;
  rope.theta = theta;
  return rope_tables(rope, head_dim, length);
}

}  // namespace ttx
