// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_numerics/matrix_unit.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ttx::device_numerics {

namespace {

// Vectors of four columns: every x86-64 has them.
using Floats = float __attribute__((vector_size(16)));
using Words = std::uint32_t __attribute__((vector_size(16)));
constexpr std::size_t kVectors = kTile / 4;
using Columns = std::array<Floats, kVectors>;

Floats load(const float* from) {
  Floats four;
  std::memcpy(&four, from, sizeof(four));
  return four;
}

template <class Condition>
Words pick(Condition condition, Words yes, Words no) {
  const auto mask = std::bit_cast<Words>(condition);
  return (mask & yes) | (~mask & no);
}

/// flushed, of four.
Words flushed(Words u) {
  return pick((u & kExponentBits) == 0, pick((u & kMagnitudeBits) == 0, u, Words{}), u);
}

/// nearest_away, of four.
template <int kDropped>
Words nearest_away(Words u) {
  constexpr std::uint32_t kHalf = 1U << (kDropped - 1);
  const Words rounded = (u + kHalf) & ~(2 * kHalf - 1);
  const Words exponent = u & kExponentBits;
  return pick(exponent == kExponentBits, u, pick(exponent == 0, flushed(u), rounded));
}

/// to_dest, of four.
template <bool kFp32>
Floats to_dest(Floats sum) {
  const auto u = std::bit_cast<Words>(sum);
  if constexpr (kFp32) {
    return std::bit_cast<Floats>(flushed(u));
  } else {
    return std::bit_cast<Floats>(nearest_away<16>(nearest_away<13>(u)));
  }
}

using Part = std::array<std::array<float, kTile>, kTile>;

/// One step: the products of k [first, last) summed, then added to Dst.
template <bool kFp32>
void step(const float* row, const Part& part, TileRange k, Columns& dest) {
  Columns sums{};
  for (std::int64_t i = k.first; i < k.last; ++i) {
    const float a = row[i];
    const Floats element = {a, a, a, a};
    const float* const columns = part[static_cast<std::size_t>(i)].data();
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[v] = sums[v] + element * load(columns + 4 * v);
    }
  }
  for (std::size_t v = 0; v < kVectors; ++v) {
    dest[v] = to_dest<kFp32>(dest[v] + sums[v]);
  }
}

template <bool kFp32>
void run_phases(int phases, RowTile row, const OperandTile& tile, TileRange k, float* dest) {
  Columns sums;
  std::memcpy(&sums, dest, sizeof(sums));
  for (int phase = 0; phase < phases; ++phase) {
    const float* const elements = takes_low_operand0(phase) ? row.low : row.high;
    const Part& part = takes_low_operand1(phase) ? tile.low : tile.high;
    for (std::int64_t begin = 0; begin < kTile; begin += kStep) {
      const TileRange range = {std::max(begin, k.first), std::min(begin + kStep, k.last)};
      if (range.first < range.last) {
        step<kFp32>(elements, part, range, sums);
      }
    }
  }
  std::memcpy(dest, &sums, sizeof(sums));
}

}  // namespace

void unpack(PairedRows source, std::int64_t rows, OperandTile& tile) {
  for (std::int64_t k = 0; k < rows; ++k) {
    const bfloat16* const pairs = source.data + k / 2 * source.pair_stride + k % 2;
    auto& high = tile.high[static_cast<std::size_t>(k)];
    auto& low = tile.low[static_cast<std::size_t>(k)];
    for (std::size_t column = 0; column < high.size(); ++column) {
      const Parts parts = operand1_parts(pairs[2 * column]);
      high[column] = parts.high;
      low[column] = parts.low;
    }
  }
}

void multiply_add(const ComputeKernelConfig& config, RowTile row, const OperandTile& tile, TileRange k,
                  float* dest) {
  const int phases = phase_count(config.math_fidelity);
  if (config.fp32_dest_acc_en) {
    run_phases<true>(phases, row, tile, k, dest);
  } else {
    run_phases<false>(phases, row, tile, k, dest);
  }
}

}  // namespace ttx::device_numerics
