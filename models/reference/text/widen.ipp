// SPDX-License-Identifier: Apache-2.0
// Stored elements to fp32. Elements are read through memcpy: a file may place a tensor at an odd address.

inline void widen_bf16(const std::byte* data, Index count, float* __restrict out) {
  for (Index i = 0; i < count; ++i) {
    std::uint16_t bits;
    std::memcpy(&bits, data + 2 * i, sizeof(bits));
    out[i] = __builtin_bit_cast(float, static_cast<std::uint32_t>(bits) << 16);
  }
}

inline void widen_f16(const std::byte* data, Index count, float* __restrict out) {
  for (Index i = 0; i < count; ++i) {
    std::uint16_t bits;
    std::memcpy(&bits, data + 2 * i, sizeof(bits));
    // Exponent and mantissa moved into place give the value times 2^-112, denormals included; infinity and NaN keep their
    // mantissa and get the exponent of fp32.
    const std::uint32_t moved = (static_cast<std::uint32_t>(bits) & 0x7FFFU) << 13;
    const auto finite = __builtin_bit_cast(std::uint32_t, __builtin_bit_cast(float, moved) * 0x1p112F);
    const std::uint32_t magnitude = (bits & 0x7C00U) == 0x7C00U ? (moved | 0x7F800000U) : finite;
    out[i] = __builtin_bit_cast(float, magnitude | (static_cast<std::uint32_t>(bits) & 0x8000U) << 16);
  }
}

void widen(const std::byte* data, Stored stored, std::int64_t count, float* out) {
  switch (stored) {
    case Stored::kBf16:
      widen_bf16(data, count, out);
      break;
    case Stored::kF16:
      widen_f16(data, count, out);
      break;
    case Stored::kF32:
      std::memcpy(out, data, static_cast<std::size_t>(count) * sizeof(float));
      break;
  }
}
