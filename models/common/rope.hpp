// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "runtime/host_tensor.hpp"

namespace ttx {

/// cos and sin, each [1, 1, length, head_dim] FLOAT32: row p holds the angles of position p, the d/2
/// frequencies twice (half-split pairing).
struct RopeTables {
  HostTensor cos;
  HostTensor sin;
};

/// rope_type "default": frequency j is theta^(-2j/head_dim), computed in fp32 step by step as transformers'
/// modeling_rope_utils does; the angle position * frequency is an fp32 product.
RopeTables default_rope_tables(double theta, std::int64_t head_dim, std::int64_t length);

}  // namespace ttx
