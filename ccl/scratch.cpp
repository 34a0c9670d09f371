// SPDX-License-Identifier: Apache-2.0
#include "ccl/scratch.hpp"

#include <new>

namespace ttx::ccl {
namespace {

constexpr std::align_val_t kAlignment{64};

}  // namespace

void Scratch::Free::operator()(std::byte* bytes) const { ::operator delete[](bytes, kAlignment); }

std::byte* Scratch::bytes(std::size_t count) {
  if (count > capacity_) {
    bytes_.reset();
    capacity_ = 0;
    bytes_.reset(static_cast<std::byte*>(::operator new[](count, kAlignment)));
    capacity_ = count;
  }
  return bytes_.get();
}

}  // namespace ttx::ccl
