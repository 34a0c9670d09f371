// SPDX-License-Identifier: Apache-2.0
#include "models/common/packed_making.hpp"

#include <algorithm>
#include <random>
#include <span>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "runtime/log.hpp"

namespace ttx {

namespace {

/// What a rank tells the others. Those that are early sleep: a rank may pack, or reserve room, for seconds.
std::vector<std::uint64_t> gathered(const ccl::Communicator& line, std::uint64_t mine) {
  line.sleeping_max(0);
  std::vector<std::uint64_t> all(static_cast<std::size_t>(line.size()));
  line.all_gather(std::as_bytes(std::span(&mine, 1)), std::as_writable_bytes(std::span(all)));
  return all;
}

/// Of a temporary name; never 0.
std::uint64_t new_token() {
  std::random_device source;
  const std::uint64_t token =
      (std::uint64_t{source()} << 32U | source()) ^ static_cast<std::uint64_t>(::getpid());
  return token == 0 ? 1 : token;
}

std::string name_of(std::uint64_t token) { return fmt::format("{:016x}", token); }

}  // namespace

std::string why_not_packed(const std::exception& error) {
  const std::string text = error.what();
  constexpr std::string_view kTag = "[packed] ";
  return text.starts_with(kTag) ? text.substr(kTag.size()) : text;
}

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

PackedMaking::PackedMaking(const ccl::Communicator& line, HostRanks host, PackedFolder folder,
                           PackedIndex index)
    : line_(line), host_(std::move(host)), folder_(std::move(folder)), index_(std::move(index)) {}

std::optional<PackedWriter> PackedMaking::run(MeshDevice& mesh, const hf::Checkpoint& checkpoint,
                                              const std::vector<PlannedTensor>& tensors,
                                              const std::function<void(std::int64_t bytes)>& packed) {
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
  speak(done);
  const bool all =
      std::ranges::all_of(host_.ranks, [&](int rank) { return done[static_cast<std::size_t>(rank)] != 0; });
  return all ? std::move(writer_) : std::nullopt;
}

void PackedMaking::attempt(const std::function<void()>& work) {
  if (!failure_.empty()) {
    return;
  }
  try {
    work();
  } catch (const std::exception& error) {
    failure_ = why_not_packed(error);
    writer_.reset();
  }
}

void PackedMaking::pack(MeshDevice& mesh, const hf::Checkpoint& checkpoint,
                        const std::vector<PlannedTensor>& tensors,
                        const std::function<void(std::int64_t bytes)>& packed) const {
  for (std::size_t i = 0; writer_ && i < tensors.size(); ++i) {
    const PackedEntry& entry = index_.entries[i];
    const Range mine = panels_of_part(entry, index_.file_bytes, host_.mine, host_.count());
    if (mine.size() > 0) {
      writer_->pack(mesh, entry, tensors[i].source, mine);
      checkpoint.release(tensors[i].source);
    }
    packed(static_cast<std::int64_t>(tensors[i].source.bytes().size()) * mine.size() * host_.count() /
           packed_panels(entry));
  }
}

void PackedMaking::speak(const std::vector<std::uint64_t>& done) const {
  const auto first =
      std::ranges::find_if(host_.ranks, [&](int rank) { return done[static_cast<std::size_t>(rank)] == 0; });
  if (first != host_.ranks.end() && *first == line_.rank()) {
    log::warning("packed weights are not kept: {}", failure_);
  }
}

}  // namespace ttx
