// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/atomic_file.hpp"
#include "runtime/safetensors_header.hpp"

namespace ttx {

/// Writes a safetensors file in one pass: all tensors are declared first, then their bytes follow in the
/// declared order, in pieces of any length. The file appears under its name only at finish(); before, and on
/// any error, nothing is there.
///
///     SafetensorsWriter writer(path, {{"prompt_ids", "I64", {3}}, {"logits", "F32", {2, 8}}}, {{"format",
///     "pt"}}); writer.write("prompt_ids", std::as_bytes(std::span(ids))); writer.write("logits",
///     std::as_bytes(std::span(logits))); writer.finish();
class SafetensorsWriter {
 public:
  struct Tensor {
    std::string name;
    std::string dtype;  ///< F32, BF16, F16, I64, I32, U32
    std::vector<std::uint64_t> shape;

    std::uint64_t bytes() const;
  };

  /// Bytes lie without gaps in the order of `tensors`; declare wide types first when readers want aligned
  /// elements. Throws Error on a duplicate or reserved name, another type, or a folder that cannot be
  /// written.
  SafetensorsWriter(const std::filesystem::path& path, std::vector<Tensor> tensors,
                    const std::map<std::string, std::string>& metadata = {});

  /// The next bytes of tensor `name`. Throws Error when another tensor is due, or when they are too many.
  void write(std::string_view name, std::span<const std::byte> bytes);
  /// Throws Error when bytes are missing.
  void finish();

  /// Length of the finished file.
  std::uint64_t file_bytes() const { return file_bytes_; }

 private:
  void skip_complete();

  std::vector<Tensor> tensors_;
  AtomicFile file_;
  std::size_t current_ = 0;
  std::uint64_t left_ = 0;  ///< bytes of the current tensor still to come
  std::uint64_t file_bytes_ = 0;
};

/// The beginning of a file with these tensors, in this order, without gaps: the length field and the header.
/// Throws as the constructor of SafetensorsWriter; `path` is for its messages.
std::string safetensors_header_text(const std::vector<SafetensorsWriter::Tensor>& tensors,
                                    const std::map<std::string, std::string>& metadata,
                                    const std::string& path);

}  // namespace ttx
