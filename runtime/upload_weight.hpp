// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/tensor.hpp"

namespace ttx {

/// What upload() does with a transposed tensor: a checkpoint's [N, K], seen as [K, N], becomes panels of 32
/// columns. Those of a packed file are used where they lie when this device's piece is whole panels of it;
/// whole rows of them are copied from it; everything else is packed here.
Tensor upload_weight(Device& device, const HostTensor& host, const Upload& how);

}  // namespace ttx
