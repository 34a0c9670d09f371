// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ccl/ccl.hpp"
#include "ccl/mesh_device.hpp"
#include "ccl/transport.hpp"
#include "runtime/tensor.hpp"

/// What the collectives on tensors share. For files of ccl/ only.
namespace ttx::ccl {

/// Throws Error unless the options are some that TTNN takes.
void check_options(std::string_view op, const CclOptions& options);

/// Throws Error unless the system has as many links between neighbours. A mesh of one device uses none.
void check_links(std::string_view op, const CclOptions& options, const MeshDevice& mesh);

/// Throws Error unless the tensor has values in rows.
void check_rows(std::string_view op, const Tensor& x);

/// Throws Error unless x is FLOAT32 Partial rows.
void check_partial(std::string_view op, const Tensor& x);

/// The rows of a tensor as bytes. BFLOAT16, FLOAT32 and UINT32 only; throws Error otherwise.
std::span<const std::byte> bytes_of(const Tensor& tensor);
std::span<std::byte> mutable_bytes_of(Tensor& tensor);

/// The terms of all devices, in line order, for Numerics::kDevice: what the packers of the hardware make of
/// x, FLOAT32 Partial rows that are as long on every device. One after the other in `terms`.
struct PackedTerms {
  explicit PackedTerms(const Tensor& x);
  std::vector<bfloat16> values;
  std::vector<const bfloat16*> terms;
};

/// What one device holds, as all devices of the line hear of it.
struct Holding {
  std::int64_t dtype = 0;
  std::int64_t rank = 0;
  std::array<std::int64_t, Shape::kMaxRank> sizes{};

  static Holding of(const Shape& shape, DataType dtype);
  Shape shape() const;
};

/// Everyone's holding, in line order: the same on every device, so that checks on it throw alike.
std::vector<Holding> exchange_holdings(MeshDevice& mesh, const Holding& own);

/// Throws Error naming the first device whose dtype, or size of a dim other than `except_dim` (-1: of any),
/// differs from those of device 0.
void check_alike(std::string_view op, std::span<const Holding> holdings, int except_dim);

}  // namespace ttx::ccl
