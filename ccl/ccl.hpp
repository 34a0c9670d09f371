// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "ccl/mesh_device.hpp"
#include "runtime/tensor.hpp"

/// Collectives on tensors over the line of the mesh (linear topology, all devices, row-major order). All
/// devices call the same ones in the same order from one thread, on tensors in rows, and get a new tensor
/// with the name and layout of the input. Checks are made from values that every device has and throw Error
/// alike everywhere; all_gather and broadcast let the devices compare shapes first, all_reduce and
/// reduce_scatter, which run in every layer, take them to be equal. A mesh of one device is legal: nothing
/// moves, the placement still changes.
namespace ttx {

enum class Topology { Linear };

struct CclOptions {
  int num_links = 1;  ///< as in TTNN, at most those of the system; it changes speed on hardware, nothing here
  Topology topology = Topology::Linear;
};

/// Throws Error(kMesh) when the options ask for more links than a system with that many between neighbours
/// has. Every collective over several devices checks this.
void check_links(std::string_view op, const CclOptions& options, int links);

/// Partial FLOAT32 -> Replicated BFLOAT16: the terms of all devices are added in fp32 in the balanced tree
/// over the line, ((d0+d1)+(d2+d3))+((d4+d5)+(d6+d7)), and rounded once. Every device ends with the same
/// bits. With Numerics::kDevice the terms are bfloat16 and are added hop by hop instead, each partial sum
/// rounded to bfloat16 (runtime/device_numerics/hop_sum.hpp).
///   before: d0 [a0 b0]  d1 [a1 b1]      after: both [a0+a1 b0+b1]
Tensor all_reduce(const Tensor& x, CclOptions options = {});

/// Sharded on `dim` -> Replicated: the pieces concatenated in line order.
///   before: d0 [a]  d1 [b]              after: both [a b]
Tensor all_gather(const Tensor& x, int dim, CclOptions options = {});

/// Partial FLOAT32 -> BFLOAT16 Sharded on `dim`: device i ends with piece i (of the shard plan) of the sum
/// that all_reduce would give.
///   before: d0 [a0 b0]  d1 [a1 b1]      after: d0 [a0+a1]  d1 [b0+b1]
Tensor reduce_scatter(const Tensor& x, int dim, CclOptions options = {});

/// Every device ends with the values of line device `root`. The input is Replicated in kind (neither a piece
/// nor a term), its shape and dtype the same on all devices.
Tensor broadcast(const Tensor& x, int root, CclOptions options = {});

}  // namespace ttx
