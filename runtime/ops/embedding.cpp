// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/table.hpp"
#include "runtime/block_float.hpp"
#include "runtime/error.hpp"
#include "runtime/host_values.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/ops/parallel.hpp"
#include "runtime/storage.hpp"

namespace ttx {

namespace {

constexpr const char* kOp = "embedding";

void check(const Tensor& ids, const Tensor& table) {
  TTX_CHECK(!ids.empty() && !table.empty(), kOp, "ids or table is an empty tensor");
  TTX_CHECK(
      ids.dtype() == DataType::UINT32 && ids.format() == Format::kRows && ids.layout() == Layout::ROW_MAJOR,
      kOp, "ids: got {}, expected UINT32 ROW_MAJOR", ids.describe());
  TTX_CHECK(ids.shape().rank() == 4 && ids.shape()[0] == 1 && ids.shape()[1] == 1 && ids.shape()[2] == 1, kOp,
            "ids: got {}, expected [1, 1, 1, S]", ids.describe());
  ops::check_replicated(ids, kOp, "ids");
  TTX_CHECK(table.format() == Format::kMapped ||
                (table.format() == Format::kRows && table.dtype() == DataType::BFLOAT16),
            kOp,
            "table: got {}, expected BFLOAT16 rows, or a table of block floats; do not transpose the "
            "checkpoint's matrix",
            table.describe());
  TTX_CHECK(table.shape().rank() == 4 && table.shape()[0] == 1 && table.shape()[1] == 1, kOp,
            "table: got {}, expected [1, 1, V, H]", table.describe());
  TTX_CHECK(table.placement().is_replicated() || table.placement().is_sharded(3), kOp,
            "table: got {}, expected replicated or sharded on dim 3; rows of a vocabulary shard cannot be "
            "looked up alone",
            table.describe());
  ops::check_same_device(ids, table, kOp);
  const std::int64_t vocabulary = table.shape()[2];
  for (std::size_t i = 0; i < ids.u32().size(); ++i) {
    TTX_CHECK(ids.u32()[i] < vocabulary, kOp,
              "id out of range at position {}: got {}, expected below {}; tokenizer and "
              "checkpoint do not belong together",
              i, ids.u32()[i], vocabulary);
  }
}

}  // namespace

Tensor embedding(const Tensor& ids, const Tensor& table) {
  check(ids, table);
  const std::int64_t count = ids.shape()[3];
  const std::int64_t width = table.shape()[3];
  Tensor out = ops::new_activation(ids, {1, 1, count, width}, table.placement());
  const std::span<const std::uint32_t> id = ids.u32();
  bfloat16* const rows = out.mutable_bf16().data();
  const auto gather = [&](const auto& copy_row) {
    ops::parallel(ids.device(), count, 4 * width, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) {
        copy_row(std::int64_t{id[static_cast<std::size_t>(i)]} * width, rows + i * width);
      }
    });
  };
  if (table.format() == Format::kMapped) {
    const HostValues values(table.storage().mapped, kOp);
    const bool block_float = is_block_float(table.dtype());
    const float scale = table.storage().scale;
    gather([&](std::int64_t from, bfloat16* to) {
      values.copy(from, width, to);
      if (scale != 1.0F) {
        kernels::active().mul_scalar({.a = to, .b = nullptr, .scalar = scale, .count = width, .out = to});
      }
      if (block_float) {
        kernels::active().through_block_float({to, width, block_float_of(table.dtype()), to});
      }
    });
  } else {
    const bfloat16* const values = table.bf16().data();
    gather([&](std::int64_t from, bfloat16* to) {
      std::memcpy(to, values + from, static_cast<std::size_t>(width) * sizeof(bfloat16));
    });
  }
  return out;
}

}  // namespace ttx
