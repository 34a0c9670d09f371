// SPDX-License-Identifier: Apache-2.0
#include "models/hf/fingerprint.hpp"

#include <algorithm>
#include <cstdint>
#include <system_error>

#include <fmt/format.h>

#include "models/hf/model_files.hpp"
#include "runtime/sha256.hpp"

namespace ttx::hf {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kBlocks = 64;
constexpr std::size_t kBlockBytes = 4096;

/// Length first, so that neighbouring texts cannot run into each other.
void add(Sha256& hash, std::string_view text) {
  hash.update(fmt::format("{}:", text.size()));
  hash.update(text);
}

void add_blocks(Sha256& hash, std::span<const std::byte> bytes) {
  if (bytes.size() <= kBlocks * kBlockBytes) {
    hash.update(bytes);
    return;
  }
  // The first block begins the data, the last one ends it.
  const std::size_t step = (bytes.size() - kBlockBytes) / (kBlocks - 1);
  for (std::size_t i = 0; i + 1 < kBlocks; ++i) {
    hash.update(bytes.subspan(i * step, kBlockBytes));
  }
  hash.update(bytes.last(kBlockBytes));
}

}  // namespace

std::string fingerprint_of(const fs::path& folder, std::span<const SafetensorsFile> files) {
  Sha256 hash;
  std::error_code error;
  add(hash, "ttx checkpoint 1");
  add(hash, read_model_text(folder / "config.json"));
  const fs::path generation = folder / "generation_config.json";
  add(hash, fs::exists(generation, error) ? read_model_text(generation) : std::string());
  for (const auto& file : files) {
    const auto time = fs::last_write_time(file.path(), error).time_since_epoch().count();
    add(hash, file.path().filename().string());
    add(hash, fmt::format("{} bytes, time {}", file.map().size(), error ? 0 : time));
    hash.update(file.header_bytes());
    add_blocks(hash, file.map().bytes().subspan(file.header_bytes().size()));
  }
  return hash.hex();
}

}  // namespace ttx::hf
