// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_weights.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "launch/interruption.hpp"
#include "launch/synth_file.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/direct_file.hpp"
#include "runtime/memory_block.hpp"
#include "runtime/progress.hpp"
#include "runtime/thread_pool.hpp"

namespace ttx::launch {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockBytes = std::size_t{8} << 20;
/// Beside the threads that compute: while one waits for the disk, another has its core.
constexpr int kMoreWriters = 2;

/// Writers take one block of the file after another: make it, write it.
class Writers {
 public:
  Writers(int threads, std::uint64_t total)
      : pool_(std::min(threads + kMoreWriters, 1024)),
        progress_("Writing weights", static_cast<std::int64_t>(total)) {
    for (int i = 0; i < pool_.size(); ++i) {
      buffers_.push_back(MemoryBlock::reserve(kBlockBytes + DirectFile::kAlignment));
    }
  }

  void write(const SynthFile& content, const fs::path& path) {
    DirectFile file(path, content.size());
    std::atomic<std::uint64_t> next{0};
    std::atomic<bool> failed{false};
    pool_.parallel_for(pool_.size(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t writer = begin; writer < end; ++writer) {
        try {
          for (std::uint64_t at = 0; !failed && (at = next.fetch_add(kBlockBytes)) < content.size();) {
            write_block(content, file, at, aligned(buffers_[static_cast<std::size_t>(writer)]));
          }
        } catch (...) {
          failed = true;
          throw;
        }
      }
    });
    file.finish();
  }

 private:
  static std::byte* aligned(const MemoryBlock& buffer) {
    const auto address = reinterpret_cast<std::uintptr_t>(buffer.data());
    return buffer.data() + (DirectFile::kAlignment - address % DirectFile::kAlignment);
  }

  void write_block(const SynthFile& content, DirectFile& file, std::uint64_t at, std::byte* buffer) {
    Interruption::check();
    const std::uint64_t left = content.size() - at;
    const std::size_t whole = (left + DirectFile::kAlignment - 1) / DirectFile::kAlignment;
    const std::span block(buffer, std::min(kBlockBytes, whole * DirectFile::kAlignment));
    content.fill(at, block);
    file.write_at(at, block);
    const std::lock_guard lock(mutex_);
    progress_.advance(static_cast<std::int64_t>(std::min<std::uint64_t>(block.size(), left)));
  }

  ThreadPool pool_;
  std::vector<MemoryBlock> buffers_;
  std::mutex mutex_;  ///< of the progress line
  Progress progress_;
};

std::string file_name(std::size_t shard, std::size_t count) {
  return count == 1 ? "model.safetensors" : fmt::format("model-{:05}-of-{:05}.safetensors", shard + 1, count);
}

void write_index(const fs::path& folder, const std::vector<std::vector<SynthTensor>>& shards,
                 std::uint64_t bytes) {
  std::map<std::string, std::string> file_of;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    for (const auto& tensor : shards[i]) {
      file_of[tensor.name] = file_name(i, shards.size());
    }
  }
  nlohmann::ordered_json index;
  index["metadata"]["total_size"] = bytes;
  index["weight_map"] = file_of;
  write_file(folder / "model.safetensors.index.json", index.dump(2) + "\n");
}

}  // namespace

std::uint64_t synth_elements(std::span<const SynthTensor> tensors) {
  std::uint64_t elements = 0;
  for (const auto& tensor : tensors) {
    elements += tensor.elements();
  }
  return elements;
}

std::vector<std::vector<SynthTensor>> synth_shards(std::span<const SynthTensor> tensors,
                                                   const SynthWeights& options) {
  std::vector<std::vector<SynthTensor>> shards(1);
  std::uint64_t bytes = 0;
  for (const SynthTensor& tensor : tensors) {
    const std::uint64_t size = tensor.elements() * size_of(options.dtype);
    if (!shards.back().empty() && bytes + size > options.shard_bytes) {
      shards.emplace_back();
      bytes = 0;
    }
    bytes += size;
    shards.back().push_back(tensor);
  }
  for (auto& shard : shards) {
    std::sort(shard.begin(), shard.end(),
              [](const SynthTensor& a, const SynthTensor& b) { return a.name < b.name; });
  }
  return shards;
}

void write_synth_weights(const fs::path& folder, std::span<const SynthTensor> tensors,
                         const SynthWeights& options) {
  const auto shards = synth_shards(tensors, options);
  const std::uint64_t bytes = synth_elements(tensors) * size_of(options.dtype);
  Writers writers(options.threads, bytes);
  for (std::size_t i = 0; i < shards.size(); ++i) {
    writers.write(SynthFile(shards[i], options.seed, options.dtype), folder / file_name(i, shards.size()));
  }
  if (shards.size() > 1) {
    write_index(folder, shards, bytes);
  }
}

}  // namespace ttx::launch
