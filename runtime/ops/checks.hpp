// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/tensor.hpp"

/// What several ops check the same way. Each throws Error `[op] ...` naming the argument `what`.
namespace ttx::ops {

/// Rows of BFLOAT16, and no partial sums.
void check_activation(const Tensor& tensor, const char* op, const char* what);
/// As above, with four dims.
void check_activation_4d(const Tensor& tensor, const char* op, const char* what);
/// Dims 0 and 1 are 1.
void check_leading_ones(const Tensor& tensor, const char* op, const char* what);
void check_replicated(const Tensor& tensor, const char* op, const char* what);
void check_same_device(const Tensor& a, const Tensor& b, const char* op);

/// Whether `placement` shards the last of `rank` dims.
bool sharded_on_last(Placement placement, int rank);

/// BFLOAT16 rows in TILE layout on x's device: what nearly every op returns.
Tensor new_activation(const Tensor& x, Shape shape, Placement placement);

}  // namespace ttx::ops
