// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "launch/synth_tensors.hpp"
#include "launch/synth_values.hpp"
#include "runtime/dtype.hpp"

namespace ttx::launch {

/// The bytes of one weight file, any part of which can be made without the others.
class SynthFile {
 public:
  /// `tensors` in the order of the file. Throws Error for a type that is not written.
  SynthFile(std::span<const SynthTensor> tensors, std::uint64_t seed, DataType dtype);

  std::uint64_t size() const { return size_; }
  /// The bytes [offset, offset + out.size()) of the file; `offset` is a multiple of 8. What lies beyond the
  /// end is left as it is. Safe from several threads.
  void fill(std::uint64_t offset, std::span<std::byte> out) const;

 private:
  struct Section {
    std::uint64_t begin;
    std::uint64_t end;
    SynthValues values;
  };

  DataType dtype_;
  std::string header_;
  std::vector<Section> sections_;
  std::uint64_t size_ = 0;
};

}  // namespace ttx::launch
