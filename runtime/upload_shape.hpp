// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/host_tensor.hpp"
#include "runtime/tensor.hpp"

namespace ttx {

/// The op of the messages of an upload.
inline constexpr const char* kUploadOp = "from_host";

/// Leading ones up to rank 4; higher ranks stay.
Shape extended(const Shape& shape);

/// This device's range of dim `dim` of the extended shape.
Range range_of(const Upload& how, const Shape& shape, int dim);

/// The shape of this device's piece. Throws Error on a placement that a host tensor cannot have.
Shape local_shape(const HostTensor& host, const Upload& how);

}  // namespace ttx
