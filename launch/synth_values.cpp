// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_values.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15U;  // 2^64 / golden ratio, splitmix64's increment
constexpr std::size_t kLanes = 32;
/// A number is 256 * (sum of four bytes) + one byte.
constexpr float kNumberMean = 256.0F * 510.0F + 127.5F;
/// 1 / its deviation: 256 * sqrt(4 * (256^2 - 1) / 12 + 1 / 12).
constexpr float kInverseDeviation = 1.0F / 37837.227F;

using Numbers = std::array<std::int32_t, SynthValues::kBlock>;

/// The loops are written for the compiler's vectoriser: 32 lanes, nothing but 32-bit adds, shifts and masks.
void make_numbers(std::uint64_t stream, std::uint64_t block, Numbers& numbers) {
  std::array<std::uint32_t, kLanes> state;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    // Never 0, which xorshift stays at.
    state[lane] = static_cast<std::uint32_t>(mix(stream + (block * kLanes + lane + 1) * kStep)) | 1U;
  }
  for (std::size_t at = 0; at < numbers.size(); at += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::uint32_t before = state[lane];
      std::uint32_t x = before;
      x ^= x << 13;
      x ^= x >> 17;
      x ^= x << 5;
      state[lane] = x;
      const std::uint32_t pairs = (x & 0x00FF00FFU) + ((x >> 8) & 0x00FF00FFU);
      const std::uint32_t sum = (pairs + (pairs >> 16)) & 0xFFFFU;
      numbers[at + lane] = static_cast<std::int32_t>(sum * 256U + (before >> 24));
    }
  }
}

/// Nearest even, for finite numbers.
std::uint16_t to_bfloat(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

/// IEEE 754 binary16, nearest even. Values of weights: far below the largest half.
std::uint16_t to_half(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  constexpr std::uint32_t kLeastNormal = 113U << 23;  // 2^-14
  if (magnitude < kLeastNormal) {
    const float steps = std::nearbyint(std::bit_cast<float>(magnitude) * 0x1p24F);
    return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(steps));
  }
  const std::uint32_t rounded = magnitude + 0xFFFU + ((magnitude >> 13) & 1U);
  return static_cast<std::uint16_t>(sign | ((rounded - (112U << 23)) >> 13));
}

/// `convert` is a lambda, so that the loop is vectorised: a function pointer would be called.
template <class Stored, class Convert>
void fill_as(const SynthValues& values, std::uint64_t first, std::span<std::byte> out, Convert convert) {
  Numbers numbers;
  std::array<Stored, SynthValues::kBlock> stored;
  const float scale = values.deviation * kInverseDeviation;
  const std::size_t count = out.size() / sizeof(Stored);
  for (std::size_t done = 0; done < count;) {
    const std::uint64_t index = first + done;
    make_numbers(values.stream, index / SynthValues::kBlock, numbers);
    for (std::size_t i = 0; i < stored.size(); ++i) {
      stored[i] = convert(values.mean + (static_cast<float>(numbers[i]) - kNumberMean) * scale);
    }
    const std::size_t begin = index % SynthValues::kBlock;
    const std::size_t piece = std::min(SynthValues::kBlock - begin, count - done);
    std::memcpy(out.data() + done * sizeof(Stored), stored.data() + begin, piece * sizeof(Stored));
    done += piece;
  }
}

}  // namespace

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

std::uint64_t stream_of(std::uint64_t seed, std::string_view name) {
  std::uint64_t stream = mix(seed + kStep);
  for (const char c : name) {
    stream = mix((stream ^ static_cast<unsigned char>(c)) + kStep);
  }
  return stream;
}

void SynthValues::fill(DataType dtype, std::uint64_t first, std::span<std::byte> out) const {
  switch (dtype) {
    case DataType::BFLOAT16:
      return fill_as<std::uint16_t>(*this, first, out, [](float x) { return to_bfloat(x); });
    case DataType::FLOAT16:
      return fill_as<std::uint16_t>(*this, first, out, [](float x) { return to_half(x); });
    case DataType::FLOAT32:
      return fill_as<float>(*this, first, out, [](float x) { return x; });
    case DataType::UINT32:
    case DataType::INT32:
    case DataType::BFLOAT8_B:
    case DataType::BFLOAT4_B:
      break;
  }
  TTX_FAIL("synth", "got dtype {}, expected BFLOAT16, FLOAT16 or FLOAT32", to_string(dtype));
}

}  // namespace ttx::launch
