// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace ttx::ccl {

/// A buffer that a mesh keeps for its collectives, so that none allocates per call. It only grows; what it
/// held before is lost. 64-byte aligned.
class Scratch {
 public:
  /// `count` uninitialised values, valid until the next call.
  template <typename T>
  std::span<T> take(std::size_t count) {
    return {reinterpret_cast<T*>(bytes(count * sizeof(T))), count};
  }
  std::size_t capacity() const { return capacity_; }

 private:
  struct Free {
    void operator()(std::byte* bytes) const;
  };
  std::byte* bytes(std::size_t count);

  std::unique_ptr<std::byte[], Free> bytes_;
  std::size_t capacity_ = 0;
};

}  // namespace ttx::ccl
