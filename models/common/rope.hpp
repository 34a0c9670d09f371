// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/hf/rope_config.hpp"
#include "runtime/host_tensor.hpp"
#include "runtime/tensor.hpp"

namespace ttx {

/// The names of the two tables.
inline constexpr const char* kRopeCos = "rope cos";
inline constexpr const char* kRopeSin = "rope sin";

/// cos and sin, each [1, 1, length, width] FLOAT32: row p holds the angles of position p, the width/2
/// frequencies twice (half-split pairing).
struct RopeTables {
  HostTensor cos;
  HostTensor sin;
};

/// Of the frequencies of rope_frequencies(rope, head_dim, length), for the rotary_dim(head_dim) values of a
/// head that turn; the angle position * frequency is an fp32 product, cos and sin are multiplied by the
/// attention scaling in fp32. Where only part of a head turns, rotate slice(x, first rotary_dim values) and
/// concat the rest.
RopeTables rope_tables(const hf::RopeConfig& rope, std::int64_t head_dim, std::int64_t length);

/// The same for heads whose halves are padded with zeros, each to width/2, so that their width is one that
/// experimental::rotary_embedding takes on the device (a multiple of 64): [x1 | x2] of 96 becomes
/// [x1 | 0 .. | x2 | 0 ..] of 128. The added columns have cos 1 and sin 0, so zeros stay zeros, every pair
/// keeps its partner at a distance of width/2, and the values of the head come out with the same bits. Where
/// only part of a head turns, it is that part that is padded. Throws Error unless width is even and at least
/// rotary_dim(head_dim).
RopeTables padded_rope_tables(const hf::RopeConfig& rope, std::int64_t head_dim, std::int64_t length,
                              std::int64_t width);

/// Heads [B, heads, S, D] in the layout that padded_rope_tables is for, [B, heads, S, width], and back. D
/// even.
Tensor pad_rotary_halves(const Tensor& x, std::int64_t width);
Tensor trim_rotary_halves(const Tensor& x, std::int64_t head_dim);

/// Where the vectors of heads stand in the sequence.
struct Positions {
  /// Of prefill, [1, heads, S, D]: at start, start + 1, ...
  static Positions from(std::int64_t start) { return {start, false}; }
  /// Of decode, [1, B, heads, D]: all at the same.
  static Positions all(std::int64_t position) { return {position, true}; }

  std::int64_t first = 0;
  bool same = false;
};

/// experimental::rotary_embedding of heads by the rows of cos and sin for their positions. Prefill takes
/// those from the first position on, as views.
Tensor turned_heads(const Tensor& heads, const Tensor& cos, const Tensor& sin, Positions at);

/// rope_tables of the type "default" for whole heads.
RopeTables default_rope_tables(double theta, std::int64_t head_dim, std::int64_t length);

}  // namespace ttx
