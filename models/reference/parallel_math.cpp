// SPDX-License-Identifier: Apache-2.0
#include "models/reference/parallel_math.hpp"

#include <algorithm>

#include "runtime/error.hpp"

namespace ttx::reference {

namespace {

Stored stored_as(const HostTensor& matrix) {
  switch (matrix.dtype()) {
    case DataType::BFLOAT16:
      return Stored::kBf16;
    case DataType::FLOAT16:
      return Stored::kF16;
    case DataType::FLOAT32:
      return Stored::kF32;
    default:
      TTX_FAIL_AS(ExitCode::kCheckpoint, "reference", "'{}' holds {}, expected a floating-point type",
                  matrix.name(), to_string(matrix.dtype()));
  }
}

WeightRows rows_of(const HostTensor& matrix) {
  TTX_CHECK(matrix.shape().rank() == 2 && !matrix.is_transposed(), "reference",
            "'{}' has shape {}, expected a row-major matrix", matrix.name(), matrix.shape().to_string());
  return {matrix.bytes().data(), stored_as(matrix), matrix.shape()[1]};
}

/// The units of a product's columns. What is left of one at the end is a unit of its own for a single row,
/// and goes with the one before it for several.
struct Units {
  Units(std::int64_t rows, std::int64_t columns)
      : n(columns),
        width(rows == 1 ? kUnitForOne : kUnitForMany),
        count(rows == 1 ? (n + width - 1) / width : std::max<std::int64_t>(1, n / width)) {}
  std::int64_t begin(std::int64_t unit) const { return unit == count ? n : unit * width; }

  std::int64_t n;
  std::int64_t width;
  std::int64_t count;
};

/// Grows to what the largest matrix needs and stays for the next call of this thread.
float* scratch(std::int64_t k) {
  thread_local std::vector<float> floats;
  floats.resize(std::max(floats.size(), static_cast<std::size_t>(scratch_floats(k))));
  return floats.data();
}

}  // namespace

ParallelMath::ParallelMath(const Fp32Math& math, int threads)
    : math_(math), pool_(threads == 0 ? cores_.count() : threads) {}

void ParallelMath::project(const float* x, std::int64_t rows, std::span<const Product> products) {
  std::int64_t units = 0;
  for (const Product& product : products) {
    TTX_CHECK(rows_of(product.weight).k == rows_of(products.front().weight).k, "reference",
              "weights of one input differ in width: '{}' {} and '{}' {}", product.weight.name(),
              product.weight.shape().to_string(), products.front().weight.name(),
              products.front().weight.shape().to_string());
    units += Units(rows, product.weight.shape()[0]).count;
  }
  // The units of all products side by side, so that no core waits at the end of each.
  pool_.parallel_for(units, 1, [&](std::int64_t begin, std::int64_t end) {
    std::int64_t first = 0;
    for (const Product& product : products) {
      const Units own(rows, product.weight.shape()[0]);
      const std::int64_t from = own.begin(std::clamp<std::int64_t>(begin - first, 0, own.count));
      const std::int64_t to = own.begin(std::clamp<std::int64_t>(end - first, 0, own.count));
      if (from < to) {
        const WeightRows weight = rows_of(product.weight);
        math_.project(x, rows, weight, from, to, product.out + from, own.n, scratch(weight.k));
      }
      first += own.count;
    }
  });
}

void ParallelMath::rms_norm(const float* x, std::int64_t rows, std::span<const float> weight, float eps,
                            float* y) {
  const auto n = static_cast<std::int64_t>(weight.size());
  for_each(rows, [&](std::int64_t row) { math_.rms_norm(x + row * n, weight.data(), n, eps, y + row * n); });
}

void ParallelMath::for_each(std::int64_t count, const std::function<void(std::int64_t)>& body) {
  pool_.parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      body(i);
    }
  });
}

void ParallelMath::widen_row(const HostTensor& matrix, std::int64_t row, float* out) const {
  const WeightRows rows = rows_of(matrix);
  const auto row_bytes = static_cast<std::size_t>(rows.k) * size_of(matrix.dtype());
  math_.widen(rows.data + static_cast<std::size_t>(row) * row_bytes, rows.stored, rows.k, out);
}

}  // namespace ttx::reference
