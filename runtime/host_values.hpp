// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "runtime/bfloat16.hpp"
#include "runtime/host_tensor.hpp"

namespace ttx {

/// The values of a host tensor as bfloat16, in the order of its bytes. bfloat16 sources are copied bit for
/// bit, fp32 and IEEE half are rounded to nearest even. The bytes may lie at any address. Keeps the tensor's
/// bytes alive.
class HostValues {
 public:
  /// Throws Error naming `op` when the tensor holds no floats.
  HostValues(HostTensor host, const char* op);

  void copy(std::int64_t offset, std::int64_t count, bfloat16* out) const;
  /// Where the values lie as aligned bfloat16, null when they do not.
  const bfloat16* in_place() const { return in_place_; }

 private:
  HostTensor host_;
  const bfloat16* in_place_ = nullptr;
};

}  // namespace ttx
