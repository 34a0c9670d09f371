// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_weights.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "launch/synth_values.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/error.hpp"
#include "runtime/progress.hpp"
#include "runtime/safetensors_writer.hpp"
#include "runtime/thread_pool.hpp"

namespace ttx::launch {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = std::size_t{16} << 20;
constexpr std::int64_t kGrain = 4096;

std::string_view format_name(DataType dtype) {
  return dtype == DataType::BFLOAT16 ? "BF16" : dtype == DataType::FLOAT16 ? "F16" : "F32";
}

/// Cuts the list, in its order, into files.
std::vector<std::span<const SynthTensor>> cut(std::span<const SynthTensor> tensors,
                                              const SynthWeights& options) {
  std::vector<std::span<const SynthTensor>> shards;
  std::size_t begin = 0;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::uint64_t size = tensors[i].elements() * size_of(options.dtype);
    if (i > begin && bytes + size > options.shard_bytes) {
      shards.push_back(tensors.subspan(begin, i - begin));
      begin = i;
      bytes = 0;
    }
    bytes += size;
  }
  shards.push_back(tensors.subspan(begin));
  return shards;
}

/// Fills a buffer piece by piece on all threads, and writes each piece.
class Filler {
 public:
  Filler(const SynthWeights& options, std::uint64_t total)
      : options_(options),
        pool_(options.threads),
        progress_("Writing weights", static_cast<std::int64_t>(total)) {}

  void write(const SynthTensor& tensor, SafetensorsWriter& writer) {
    const std::size_t element = size_of(options_.dtype);
    const std::uint64_t count = tensor.elements();
    const SynthValues values{stream_of(options_.seed, tensor.name), tensor.mean, tensor.deviation};
    for (std::uint64_t first = 0; first < count;) {
      const std::size_t piece = std::min<std::uint64_t>(kPieceBytes / element, count - first);
      buffer_.resize(piece * element);
      pool_.parallel_for(static_cast<std::int64_t>(piece), kGrain, [&](std::int64_t begin, std::int64_t end) {
        const auto from = static_cast<std::size_t>(begin);
        const auto bytes =
            std::span(buffer_).subspan(from * element, static_cast<std::size_t>(end - begin) * element);
        values.fill(options_.dtype, first + from, bytes);
      });
      writer.write(tensor.name, buffer_);
      progress_.advance(static_cast<std::int64_t>(buffer_.size()));
      first += piece;
    }
  }

 private:
  SynthWeights options_;
  ThreadPool pool_;
  Progress progress_;
  std::vector<std::byte> buffer_;
};

void write_index(const fs::path& folder, const nlohmann::ordered_json& weight_map, std::uint64_t bytes) {
  nlohmann::ordered_json index;
  index["metadata"]["total_size"] = bytes;
  index["weight_map"] = weight_map;
  write_file(folder / "model.safetensors.index.json", index.dump(2) + "\n");
}

}  // namespace

std::uint64_t synth_bytes(std::span<const SynthTensor> tensors, DataType dtype) {
  std::uint64_t bytes = 0;
  for (const auto& tensor : tensors) {
    bytes += tensor.elements() * size_of(dtype);
  }
  return bytes;
}

std::size_t write_synth_weights(const fs::path& folder, std::span<const SynthTensor> tensors,
                                const SynthWeights& options) {
  const auto shards = cut(tensors, options);
  const std::uint64_t total = synth_bytes(tensors, options.dtype);
  Filler filler(options, total);
  std::vector<std::pair<std::string, std::string>> files;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const std::string name = shards.size() == 1
                                 ? "model.safetensors"
                                 : fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards.size());
    std::vector<SafetensorsWriter::Tensor> entries;
    for (const auto& tensor : shards[i]) {
      entries.push_back({tensor.name, std::string(format_name(options.dtype)), tensor.shape});
      files.emplace_back(tensor.name, name);
    }
    SafetensorsWriter writer(folder / name, std::move(entries), {{"format", "pt"}});
    for (const auto& tensor : shards[i]) {
      filler.write(tensor, writer);
    }
    writer.finish();
  }
  if (shards.size() > 1) {
    std::sort(files.begin(), files.end());
    nlohmann::ordered_json weight_map;
    for (const auto& [tensor, file] : files) {
      weight_map[tensor] = file;
    }
    write_index(folder, weight_map, total);
  }
  return shards.size();
}

}  // namespace ttx::launch
