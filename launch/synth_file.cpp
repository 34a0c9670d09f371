// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_file.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/safetensors_writer.hpp"

namespace ttx::launch {

namespace {

std::string format_name(DataType dtype) {
  return dtype == DataType::BFLOAT16 ? "BF16" : dtype == DataType::FLOAT16 ? "F16" : "F32";
}

}  // namespace

SynthFile::SynthFile(std::span<const SynthTensor> tensors, std::uint64_t seed, DataType dtype)
    : dtype_(dtype) {
  std::vector<SafetensorsWriter::Tensor> entries;
  for (const auto& tensor : tensors) {
    entries.push_back({tensor.name, format_name(dtype), tensor.shape});
  }
  header_ = safetensors_header_text(entries, {{"format", "pt"}}, "weights");
  size_ = header_.size();
  for (const auto& tensor : tensors) {
    const std::uint64_t end = size_ + tensor.elements() * size_of(dtype);
    sections_.push_back({size_, end, {stream_of(seed, tensor.values_of), tensor.mean, tensor.deviation}});
    size_ = end;
  }
}

void SynthFile::fill(std::uint64_t offset, std::span<std::byte> out) const {
  const std::uint64_t end = std::min(size_, offset + out.size());
  std::uint64_t at = offset;
  if (at < header_.size()) {
    const std::size_t count = std::min<std::uint64_t>(header_.size(), end) - at;
    std::memcpy(out.data(), header_.data() + at, count);
    at += count;
  }
  auto section = std::upper_bound(sections_.begin(), sections_.end(), at,
                                  [](std::uint64_t place, const Section& s) { return place < s.end; });
  for (; at < end; ++section) {
    // The header's length and every offset asked for are multiples of 8: no element lies across `at`.
    const std::uint64_t stop = std::min(end, section->end);
    section->values.fill(dtype_, (at - section->begin) / size_of(dtype_),
                         out.subspan(at - offset, stop - at));
    at = stop;
  }
}

}  // namespace ttx::launch
