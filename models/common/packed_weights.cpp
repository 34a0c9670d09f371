// SPDX-License-Identifier: Apache-2.0
#include "models/common/packed_weights.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "runtime/error.hpp"
#include "runtime/log.hpp"
#include "runtime/packed_index.hpp"
#include "runtime/packed_writer.hpp"
#include "runtime/sha256.hpp"

namespace ttx {

namespace {

/// Of the text of an Error, without its "[packed] ".
std::string why(const std::exception& error) {
  const std::string text = error.what();
  constexpr std::string_view kTag = "[packed] ";
  return text.starts_with(kTag) ? text.substr(kTag.size()) : text;
}

/// The ranks of a line that share this one's host, in order.
struct HostRanks {
  std::vector<int> ranks;
  int mine = 0;  ///< place among them
  bool leads() const { return mine == 0; }
  int leader() const { return ranks.front(); }
  int count() const { return static_cast<int>(ranks.size()); }
};

HostRanks ranks_of_host(const ccl::Communicator& line) {
  const std::vector<std::string> names = line.host_names();
  HostRanks host;
  for (int rank = 0; rank < line.size(); ++rank) {
    if (names[static_cast<std::size_t>(rank)] == names[static_cast<std::size_t>(line.rank())]) {
      host.mine = rank == line.rank() ? host.count() : host.mine;
      host.ranks.push_back(rank);
    }
  }
  return host;
}

/// What a rank tells the others. Those that are early sleep: a rank may pack, or reserve room, for seconds.
std::vector<std::uint64_t> gathered(const ccl::Communicator& line, std::uint64_t mine) {
  line.sleeping_max(0);
  std::vector<std::uint64_t> all(static_cast<std::size_t>(line.size()));
  line.all_gather(std::as_bytes(std::span(&mine, 1)), std::as_writable_bytes(std::span(all)));
  return all;
}

std::uint64_t new_token() {
  std::random_device source;
  const std::uint64_t token =
      (std::uint64_t{source()} << 32U | source()) ^ static_cast<std::uint64_t>(::getpid());
  return token == 0 ? 1 : token;
}

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
      log::warning("packed weights are made again: {}: {}", path.string(), why(error));
    }
    return nullptr;
  }
}

/// A file under way on all ranks of a host.
class Making {
 public:
  Making(const ccl::Communicator& line, PackedFolder folder, PackedIndex index)
      : line_(line), host_(ranks_of_host(line)), folder_(std::move(folder)), index_(std::move(index)) {}

  /// Collective. Null where the file cannot be written; one rank of the host has said why.
  std::optional<PackedWriter> run(MeshDevice& mesh, const hf::Checkpoint& checkpoint,
                                  const std::vector<PlannedTensor>& tensors,
                                  const std::function<void(std::int64_t)>& packed) {
    std::uint64_t token = 0;
    attempt([&] {
      if (host_.leads()) {
        folder_.make_room(index_.file_bytes);
        const std::uint64_t own = new_token();
        writer_.emplace(PackedWriter::create(target(), name_of(own), index_));
        log::info("packing {:.1f} GB of weights into {}, for later runs",
                  static_cast<double>(index_.file_bytes) * 1e-9, target().string());
        token = own;
      }
    });
    token = gathered(line_, token)[static_cast<std::size_t>(host_.leader())];
    attempt([&] {
      if (!host_.leads() && token != 0) {
        writer_.emplace(PackedWriter::join(target(), name_of(token), index_));
      }
    });
    attempt([&] { pack(mesh, checkpoint, tensors, packed); });
    const std::vector<std::uint64_t> done = gathered(line_, writer_ ? 1 : 0);
    const bool all =
        std::ranges::all_of(host_.ranks, [&](int rank) { return done[static_cast<std::size_t>(rank)] != 0; });
    speak(done);
    return all ? std::move(writer_) : std::nullopt;
  }

  bool leads() const { return host_.leads(); }

 private:
  std::filesystem::path target() const { return folder_.file_of(index_.key); }
  static std::string name_of(std::uint64_t token) { return fmt::format("{:016x}", token); }

  /// What fails is kept, and nothing is written any more.
  template <class Work>
  void attempt(const Work& work) {
    if (!failure_.empty()) {
      return;
    }
    try {
      work();
    } catch (const std::exception& error) {
      failure_ = why(error);
      writer_.reset();
    }
  }

  /// This rank's share of every weight.
  void pack(MeshDevice& mesh, const hf::Checkpoint& checkpoint, const std::vector<PlannedTensor>& tensors,
            const std::function<void(std::int64_t)>& packed) const {
    for (std::size_t i = 0; writer_ && i < tensors.size(); ++i) {
      const PackedEntry& entry = index_.entries[i];
      const std::int64_t panels = packed_panels(entry);
      const Range mine{panels * host_.mine / host_.count(), panels * (host_.mine + 1) / host_.count()};
      writer_->pack(mesh, entry, tensors[i].source, mine);
      checkpoint.release(tensors[i].source);
      packed(static_cast<std::int64_t>(tensors[i].source.bytes().size()));
    }
  }

  /// The first rank of the host that failed says why.
  void speak(const std::vector<std::uint64_t>& done) const {
    const auto first = std::ranges::find_if(
        host_.ranks, [&](int rank) { return done[static_cast<std::size_t>(rank)] == 0; });
    if (first != host_.ranks.end() && *first == line_.rank()) {
      log::warning("packed weights are not kept: {}", failure_);
    }
  }

  const ccl::Communicator& line_;
  HostRanks host_;
  PackedFolder folder_;
  PackedIndex index_;
  std::optional<PackedWriter> writer_;
  std::string failure_;
};

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

PackedWeights::PackedWeights(const hf::Checkpoint& checkpoint, MeshDevice& mesh,
                             const std::vector<PlannedTensor>& planned, const PackedOptions& options,
                             const std::function<void(std::int64_t bytes)>& packed) {
  const std::vector<PlannedTensor> tensors = packed_tensors(planned);
  std::vector<PackedEntry> entries = entries_of(tensors);
  const std::string key = packed_key(checkpoint.fingerprint(), entries);
  PackedIndex index = lay_out(key, std::move(entries));
  if (tensors.empty() || index.file_bytes < options.least_bytes || options.limit == 0) {
    return;
  }
  const PackedFolder folder(options.folder.empty() ? options.folder : options.folder / "weights",
                            options.limit);
  const ccl::Communicator& line = mesh.line();
  const std::filesystem::path path = folder.file_of(key);
  Making making(line, folder, std::move(index));
  file_ = path.empty() ? nullptr : find(path, key, making.leads());
  if (line.sleeping_max(file_ == nullptr ? 1 : 0) == 0) {
    if (making.leads()) {
      PackedFolder::mark_used(path);
    }
    return;
  }
  file_.reset();
  std::optional<PackedWriter> writer = making.run(mesh, checkpoint, tensors, packed);
  if (!writer) {
    return;
  }
  file_ = writer->file();
  if (making.leads()) {
    finishing_ = std::jthread([own = std::move(*writer)]() mutable {
      try {
        own.finish();
      } catch (const std::exception& error) {
        log::warning("packed weights are not kept: {}", why(error));
      }
    });
  }
}

PackedWeights::~PackedWeights() = default;

}  // namespace ttx
