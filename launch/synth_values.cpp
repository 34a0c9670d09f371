// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_values.hpp"

#include <bit>
#include <cmath>
#include <cstring>

#include "runtime/bfloat16.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15U;  // 2^64 / golden ratio, splitmix64's increment
constexpr std::int32_t kSumMean = 2 * 65535;
/// 1 / standard deviation of the sum: sqrt(3) / 65536.
constexpr float kInverseDeviation = 1.7320508F / 65536.0F;

float bell(std::uint64_t stream, std::uint64_t i) {
  const std::uint64_t r = mix(stream + i * kStep);
  const auto sum =
      static_cast<std::int32_t>((r & 0xFFFFU) + ((r >> 16) & 0xFFFFU) + ((r >> 32) & 0xFFFFU) + (r >> 48));
  return static_cast<float>(sum - kSumMean) * kInverseDeviation;
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

template <class Stored, class Convert>
void fill_as(const SynthValues& values, std::uint64_t first, std::span<std::byte> out, Convert convert) {
  const std::size_t count = out.size() / sizeof(Stored);
  for (std::size_t i = 0; i < count; ++i) {
    const Stored stored = convert(values.mean + values.deviation * bell(values.stream, first + i));
    std::memcpy(out.data() + i * sizeof(Stored), &stored, sizeof(Stored));
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
      return fill_as<std::uint16_t>(*this, first, out, [](float x) { return to_bfloat16(x).bits; });
    case DataType::FLOAT16:
      return fill_as<std::uint16_t>(*this, first, out, to_half);
    case DataType::FLOAT32:
      return fill_as<float>(*this, first, out, [](float x) { return x; });
    case DataType::UINT32:
    case DataType::INT32:
      break;
  }
  TTX_FAIL("synth", "got dtype {}, expected BFLOAT16, FLOAT16 or FLOAT32", to_string(dtype));
}

}  // namespace ttx::launch
