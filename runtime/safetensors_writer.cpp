// SPDX-License-Identifier: Apache-2.0
#include "runtime/safetensors_writer.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include <nlohmann/json.hpp>

#include "runtime/error.hpp"

namespace ttx {

namespace {

constexpr std::size_t kHeaderUnit = 8;

void check_tensors(const std::vector<SafetensorsWriter::Tensor>& tensors, const std::string& path) {
  static constexpr std::array<std::string_view, 6> kWritten = {"F32", "BF16", "F16", "I64", "I32", "U32"};
  std::unordered_set<std::string> names;
  for (const auto& tensor : tensors) {
    TTX_CHECK(std::find(kWritten.begin(), kWritten.end(), tensor.dtype) != kWritten.end(), "safetensors",
              "write {}: tensor '{}': got dtype {}, expected F32, BF16, F16, I64, I32 or U32", path,
              tensor.name, tensor.dtype);
    TTX_CHECK(tensor.name != "__metadata__", "safetensors", "write {}: a tensor cannot be named __metadata__",
              path);
    TTX_CHECK(names.insert(tensor.name).second, "safetensors", "write {}: two tensors are named '{}'", path,
              tensor.name);
  }
}

}  // namespace

std::uint64_t SafetensorsWriter::Tensor::bytes() const {
  return safetensors_bytes({name, dtype, shape, 0, 0}, "write: tensor '" + name + "'");
}

std::string safetensors_header_text(const std::vector<SafetensorsWriter::Tensor>& tensors,
                                    const std::map<std::string, std::string>& metadata,
                                    const std::string& path) {
  check_tensors(tensors, path);
  nlohmann::ordered_json root = nlohmann::ordered_json::object();
  if (!metadata.empty()) {
    root["__metadata__"] = metadata;
  }
  std::uint64_t offset = 0;
  for (const auto& tensor : tensors) {
    const std::uint64_t end = offset + tensor.bytes();
    root[tensor.name] = {{"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string header;
  try {
    header = root.dump();
  } catch (const nlohmann::json::exception&) {
    TTX_FAIL("safetensors", "write {}: a tensor name or metadata text is not valid UTF-8", path);
  }
  header.resize((header.size() + kHeaderUnit - 1) / kHeaderUnit * kHeaderUnit, ' ');
  std::string text;
  for (std::size_t i = 0; i < kHeaderUnit; ++i) {
    text.push_back(static_cast<char>((header.size() >> (8 * i)) & 0xFFU));
  }
  return text + header;
}

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path, std::vector<Tensor> tensors,
                                     const std::map<std::string, std::string>& metadata)
    : tensors_(std::move(tensors)), file_(path) {
  const std::string header = safetensors_header_text(tensors_, metadata, path.string());
  file_bytes_ = header.size();
  for (const auto& tensor : tensors_) {
    file_bytes_ += tensor.bytes();
  }
  file_.write(header);
  left_ = tensors_.empty() ? 0 : tensors_.front().bytes();
  skip_complete();
}

void SafetensorsWriter::skip_complete() {
  while (left_ == 0 && current_ < tensors_.size()) {
    ++current_;
    left_ = current_ < tensors_.size() ? tensors_[current_].bytes() : 0;
  }
}

void SafetensorsWriter::write(std::string_view name, std::span<const std::byte> bytes) {
  if (bytes.empty()) {
    return;
  }
  const std::string path = file_.target().string();
  TTX_CHECK(current_ < tensors_.size(), "safetensors",
            "write {}: got bytes of '{}', but all tensors are complete", path, name);
  const Tensor& due = tensors_[current_];
  TTX_CHECK(name == due.name, "safetensors", "write {}: got bytes of '{}', expected {} of '{}'", path, name,
            left_, due.name);
  TTX_CHECK(bytes.size() <= left_, "safetensors", "write {}: tensor '{}': got {} bytes, expected at most {}",
            path, name, bytes.size(), left_);
  file_.write(bytes);
  left_ -= bytes.size();
  skip_complete();
}

void SafetensorsWriter::finish() {
  TTX_CHECK(current_ == tensors_.size(), "safetensors", "write {}: tensor '{}' lacks {} bytes",
            file_.target().string(), tensors_[current_].name, left_);
  file_.commit();
}

}  // namespace ttx
