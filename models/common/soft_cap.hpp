// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/host_tensor.hpp"

namespace ttx {

/// cap * tanh(x / cap) of every logit, on the host as the bring-ups do it, in fp32. Empty stays empty.
HostTensor soft_capped(const HostTensor& logits, double cap);

}  // namespace ttx
