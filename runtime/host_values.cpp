// SPDX-License-Identifier: Apache-2.0
#include "runtime/host_values.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "kernels/table.hpp"
#include "runtime/error.hpp"

namespace ttx {

namespace {

/// Converts through an aligned piece of the stack: the source may lie anywhere.
template <class Stored, class Convert>
void copy_converted(const std::byte* source, std::int64_t count, bfloat16* out, Convert convert) {
  constexpr std::int64_t kPiece = 2048;
  alignas(64) Stored piece[kPiece];
  for (std::int64_t done = 0; done < count; done += kPiece) {
    const std::int64_t n = std::min(kPiece, count - done);
    std::memcpy(piece, source + done * static_cast<std::int64_t>(sizeof(Stored)),
                static_cast<std::size_t>(n) * sizeof(Stored));
    convert(piece, n, out + done);
  }
}

}  // namespace

HostValues::HostValues(HostTensor host, const char* op) : host_(std::move(host)) {
  const DataType dtype = host_.dtype();
  TTX_CHECK(dtype == DataType::BFLOAT16 || dtype == DataType::FLOAT16 || dtype == DataType::FLOAT32, op,
            "'{}' holds no floats: got {}, expected BFLOAT16, FLOAT16 or FLOAT32", host_.name(),
            to_string(dtype));
  const std::byte* const data = host_.bytes().data();
  if (dtype == DataType::BFLOAT16 && reinterpret_cast<std::uintptr_t>(data) % alignof(bfloat16) == 0) {
    in_place_ = reinterpret_cast<const bfloat16*>(data);
  }
}

void HostValues::copy(std::int64_t offset, std::int64_t count, bfloat16* out) const {
  const auto size = static_cast<std::int64_t>(size_of(host_.dtype()));
  const std::byte* const source = host_.bytes().data() + offset * size;
  const kernels::Table& kernels = kernels::active();
  switch (host_.dtype()) {
    case DataType::FLOAT16:
      copy_converted<std::uint16_t>(source, count, out, kernels.half_to_bf16);
      return;
    case DataType::FLOAT32:
      copy_converted<float>(source, count, out, kernels.round_to_bf16);
      return;
    default:
      std::memcpy(out, source, static_cast<std::size_t>(count * size));
  }
}

}  // namespace ttx
