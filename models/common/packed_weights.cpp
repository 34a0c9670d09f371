// SPDX-License-Identifier: Apache-2.0
#include "models/common/packed_weights.hpp"

#include <exception>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "models/common/packed_making.hpp"
#include "runtime/log.hpp"
#include "runtime/packed_index.hpp"
#include "runtime/sha256.hpp"

namespace ttx {

namespace {

std::vector<PackedEntry> entries_of(const std::vector<PlannedTensor>& tensors) {
  std::vector<PackedEntry> entries;
  entries.reserve(tensors.size());
  for (const PlannedTensor& tensor : tensors) {
    entries.push_back({.name = tensor.source.name(),
                       .dtype = tensor.dtype,
                       .k = tensor.source.shape()[-2],
                       .n = tensor.source.shape()[-1]});
  }
  return entries;
}

/// The file of an earlier run; null when there is none that is good.
std::shared_ptr<const PackedFile> find(const std::filesystem::path& path, const std::string& key,
                                       bool speaks) {
  try {
    return PackedFile::open(path, key);
  } catch (const std::exception& error) {
    if (speaks) {
      log::warning("packed weights are made again: {}: {}", path.string(), why_not_packed(error));
    }
    return nullptr;
  }
}

}  // namespace

std::vector<PlannedTensor> packed_tensors(const std::vector<PlannedTensor>& planned) {
  std::vector<PlannedTensor> tensors;
  std::set<std::pair<std::string, DataType>> seen;
  for (const PlannedTensor& tensor : planned) {
    const bool matrix = is_block_float(tensor.dtype) && tensor.source.is_transposed();
    if (matrix && seen.emplace(tensor.source.name(), tensor.dtype).second) {
      tensors.push_back(tensor);
    }
  }
  return tensors;
}

std::string packed_key(const std::string& fingerprint, const std::vector<PackedEntry>& entries) {
  Sha256 hash;
  for (const PackedEntry& entry : entries) {
    hash.update(fmt::format("{}:{} {} {} {}\n", entry.name.size(), entry.name, to_string(entry.dtype),
                            entry.k, entry.n));
  }
  return fmt::format("{}-{}", fingerprint, hash.hex().substr(0, 16));
}

PackedWeights::PackedWeights(const hf::Checkpoint& checkpoint, const std::string& fingerprint,
                             MeshDevice& mesh, const std::vector<PlannedTensor>& planned,
                             const PackedOptions& options,
                             const std::function<void(std::int64_t bytes)>& packed) {
  const std::vector<PlannedTensor> tensors = packed_tensors(planned);
  std::vector<PackedEntry> entries = entries_of(tensors);
  const std::string key = packed_key(fingerprint, entries);
  PackedIndex index = lay_out(key, std::move(entries));
  if (tensors.empty() || index.file_bytes < options.least_bytes || options.limit == 0) {
    return;
  }
  const PackedFolder folder(options.folder.empty() ? options.folder : options.folder / "weights",
                            options.limit);
  const ccl::Communicator& line = mesh.line();
  const std::filesystem::path path = folder.file_of(key);
  const HostRanks host = ranks_of_host(line);
  file_ = path.empty() ? nullptr : find(path, key, host.leads());
  if (line.sleeping_max(file_ == nullptr ? 1 : 0) == 0) {
    if (host.leads()) {
      PackedFolder::mark_used(path);
    }
    return;
  }
  file_.reset();
  std::optional<PackedWriter> writer =
      PackedMaking(line, host, folder, std::move(index)).run(mesh, checkpoint, tensors, packed);
  if (!writer) {
    return;
  }
  try {
    file_ = writer->file();
  } catch (const std::exception& error) {
    log::warning("packed weights are not used: {}", why_not_packed(error));
  }
  if (host.leads()) {
    finishing_ = std::jthread([own = std::move(*writer)]() mutable {
      try {
        own.finish();
      } catch (const std::exception& error) {
        log::warning("packed weights are not kept: {}", why_not_packed(error));
      }
    });
  }
}

PackedWeights::~PackedWeights() = default;

}  // namespace ttx
