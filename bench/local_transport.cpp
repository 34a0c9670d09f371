// SPDX-License-Identifier: Apache-2.0
#include "bench/local_transport.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/error.hpp"
#include "runtime/tree_sum.hpp"

namespace ttx::bench {

LocalTransport& LocalTransport::install(MeshDevice& mesh) {
  std::unique_ptr<LocalTransport> local(new LocalTransport(mesh.line_index()));
  LocalTransport& installed = *local;
  installed.real_ = mesh.exchange_transport(std::move(local));
  return installed;
}

void LocalTransport::set(Mode mode) {
  if (mode == Mode::kLearn) {
    gathered_.clear();
  }
  mode_ = mode;
  next_ = 0;
}

void LocalTransport::all_reduce(std::span<const float> terms, std::span<bfloat16> sum, ThreadPool& threads) {
  if (mode_ != Mode::kLocal) {
    real_->all_reduce(terms, sum, threads);
    return;
  }
  const std::array term = {terms.data()};
  tree_sum(term, sum, threads);
}

void LocalTransport::reduce_scatter(std::span<const float> terms, const ccl::Cut& cut,
                                    std::span<bfloat16> piece, ThreadPool& threads) {
  if (mode_ != Mode::kLocal) {
    real_->reduce_scatter(terms, cut, piece, threads);
    return;
  }
  ccl::for_part_of_whole(
      cut, static_cast<std::size_t>(device_), 0, std::ssize(terms),
      [&](std::int64_t from, std::int64_t at, std::int64_t length) {
        const std::array term = {terms.data() + from};
        tree_sum(term, piece.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(length)),
                 threads);
      });
}

void LocalTransport::all_gather(std::span<const std::byte> piece, const ccl::Cut& cut,
                                std::span<std::byte> whole) {
  if (mode_ != Mode::kLocal) {
    real_->all_gather(piece, cut, whole);
    if (mode_ == Mode::kLearn) {
      gathered_.emplace_back(whole.begin(), whole.end());
    }
    return;
  }
  TTX_CHECK(
      !gathered_.empty() && gathered_[next_].size() == whole.size(), "bench",
      "the collectives of this step are not those of the step learnt from: got an all_gather of {} bytes, "
      "expected {}",
      whole.size(), gathered_.empty() ? 0 : gathered_[next_].size());
  std::ranges::copy(gathered_[next_], whole.begin());
  next_ = (next_ + 1) % gathered_.size();
}

void LocalTransport::broadcast(std::span<std::byte> bytes, int root) {
  if (mode_ != Mode::kLocal) {
    real_->broadcast(bytes, root);
  }
}

void LocalTransport::gather(std::span<const std::byte> bytes, std::span<const std::int64_t> lengths, int root,
                            const Receiver& receive) {
  if (mode_ != Mode::kLocal) {
    real_->gather(bytes, lengths, root, receive);
    return;
  }
  for (std::size_t device = 0; device_ == root && device < lengths.size(); ++device) {
    // Another's piece may be longer by a tile.
    receive(device, 0, bytes.first(static_cast<std::size_t>(std::min(lengths[device], std::ssize(bytes)))));
  }
}

}  // namespace ttx::bench
