// SPDX-License-Identifier: Apache-2.0
#include "ccl/window_transport.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "ccl/copy_past_caches.hpp"
#include "ccl/limits.hpp"
#include "ccl/mpi_check.hpp"
#include "runtime/error.hpp"
#include "runtime/tree_sum.hpp"

namespace ttx::ccl {
namespace {

/// Values that one rank adds at a time.
constexpr std::int64_t kSlice = 8192;

/// Beyond this a plain copy is faster than one past the caches: the processor fetches the lines ahead, and
/// the readers find them in the last cache (512 KiB of eight ranks: 171 us against 298).
constexpr std::size_t kThroughCaches = std::size_t{32} * 1024;

/// A long wait in the window may be one for a message that this rank has yet to push.
void progress_mpi(const Communicator& line) {
  const Communicator::Handle& h = line.handle();
  int found = 0;
  TTX_MPI(h, 0, MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, h.comm, &found, MPI_STATUS_IGNORE));
}

void copy(const std::byte* from, std::byte* to, std::int64_t bytes) {
  if (bytes > 0) {
    std::memcpy(to, from, static_cast<std::size_t>(bytes));
  }
}

}  // namespace

WindowTransport::WindowTransport(const Communicator& line)
    : line_(line),
      memory_(line, WindowLayout::of(line.size()).bytes()),
      window_(memory_.data(), WindowLayout::of(line.size()), line.rank(), [this] { progress_mpi(line_); }) {
  const WindowLayout& layout = window_.layout();
  bool there = memory_.touch(layout.slot_offset(0, line.rank()), 2 * layout.slot_bytes);
  if (line.rank() == 0) {
    there = there && memory_.touch(0, WindowLayout::kPage) &&
            memory_.touch(layout.result_offset(0), 2 * layout.result_bytes);
    if (there) {
      SharedWindow::prepare(memory_.data());
    }
  }
  TTX_CHECK_AS(
      line.sleeping_max(there ? 0 : 1) == 0, ExitCode::kMesh, "window",
      "no shared memory for --ccl shm: got less, expected room for {} KiB in /dev/shm; make room there, or "
      "use --ccl mpi",
      layout.bytes() / 1024);
}

void WindowTransport::write_slot(std::span<const std::byte> bytes) {
  std::byte* const slot = window_.slot(line_.rank());
  if (bytes.size() > kThroughCaches) {
    std::memcpy(slot, bytes.data(), bytes.size());
  } else {
    copy_past_caches(bytes, slot);
  }
}

void WindowTransport::add_slots(std::int64_t begin, std::span<bfloat16> out, ThreadPool& threads) const {
  std::array<const float*, kMaxDevices> terms{};
  const auto devices = static_cast<std::size_t>(line_.size());
  for (std::size_t device = 0; device < devices; ++device) {
    terms[device] = reinterpret_cast<const float*>(window_.slot(static_cast<int>(device))) + begin;
  }
  tree_sum(std::span(terms).first(devices), out, threads);
}

void WindowTransport::all_reduce(std::span<const float> terms, std::span<bfloat16> sum, ThreadPool& threads) {
  const std::size_t most = window_.layout().slot_bytes / sizeof(float);
  for (std::size_t begin = 0; begin < terms.size(); begin += most) {
    const std::span<const float> part = terms.subspan(begin, std::min(most, terms.size() - begin));
    window_.next();
    write_slot(std::as_bytes(part));
    const std::span<bfloat16> result(reinterpret_cast<bfloat16*>(window_.result()), part.size());
    const std::int64_t slices = (std::ssize(part) + kSlice - 1) / kSlice;
    window_.share(static_cast<int>(slices), [&](int slice) {
      const std::int64_t first = slice * kSlice;
      const std::int64_t length = std::min(kSlice, std::ssize(part) - first);
      add_slots(first, result.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(length)),
                threads);
    });
    std::memcpy(sum.data() + begin, result.data(), result.size_bytes());
  }
}

void WindowTransport::reduce_scatter(std::span<const float> terms, const Cut& cut, std::span<bfloat16> piece,
                                     ThreadPool& threads) {
  const std::size_t most = window_.layout().slot_bytes / sizeof(float);
  for (std::size_t begin = 0; begin < terms.size(); begin += most) {
    const std::span<const float> part = terms.subspan(begin, std::min(most, terms.size() - begin));
    window_.next();
    write_slot(std::as_bytes(part));
    window_.meet();
    for_part_of_whole(
        cut, static_cast<std::size_t>(line_.rank()), static_cast<std::int64_t>(begin), std::ssize(part),
        [&](std::int64_t from, std::int64_t at, std::int64_t length) {
          add_slots(from, piece.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(length)),
                    threads);
        });
  }
}

template <typename Wanted, typename Visit>
void WindowTransport::bring_all(std::span<const std::byte> bytes, std::span<const std::int64_t> lengths,
                                bool sends, Wanted wanted, Visit visit) {
  const auto self = static_cast<std::size_t>(line_.rank());
  const auto most = static_cast<std::int64_t>(window_.layout().slot_bytes);
  const std::int64_t longest = *std::ranges::max_element(lengths);
  const auto part_of = [&](std::size_t device, std::int64_t begin) {
    return std::clamp(lengths[device] - begin, std::int64_t{0}, most);
  };
  for (std::int64_t begin = 0; begin < longest; begin += most) {
    window_.next();
    if (const std::int64_t own = part_of(self, begin); own > 0 && sends) {
      write_slot(bytes.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(own)));
    }
    window_.meet();
    for (std::size_t device = 0; device < lengths.size(); ++device) {
      const auto length = static_cast<std::size_t>(part_of(device, begin));
      if (length > 0 && wanted(device)) {
        visit(device, begin,
              device == self ? bytes.subspan(static_cast<std::size_t>(begin), length)
                             : std::span<const std::byte>(window_.slot(static_cast<int>(device)), length));
      }
    }
  }
}

void WindowTransport::all_gather(std::span<const std::byte> piece, const Cut& cut,
                                 std::span<std::byte> whole) {
  std::vector<std::int64_t> lengths;
  for (const std::int64_t run : cut.runs) {
    lengths.push_back(cut.outer * run);
  }
  bring_all(
      piece, lengths, /*sends=*/true, [](std::size_t /*device*/) { return true; },
      [&](std::size_t device, std::int64_t begin, std::span<const std::byte> part) {
        for_part_of_piece(cut, device, begin, std::ssize(part),
                          [&](std::int64_t from, std::int64_t at, std::int64_t length) {
                            copy(part.data() + from, whole.data() + at, length);
                          });
      });
}

void WindowTransport::broadcast(std::span<std::byte> bytes, int root) {
  const auto devices = static_cast<std::size_t>(line_.size());
  std::vector<std::int64_t> lengths(devices);
  lengths[static_cast<std::size_t>(root)] = std::ssize(bytes);
  const bool is_root = line_.rank() == root;
  bring_all(
      bytes, lengths, /*sends=*/true, [&](std::size_t /*device*/) { return !is_root; },
      [&](std::size_t /*device*/, std::int64_t begin, std::span<const std::byte> part) {
        copy(part.data(), bytes.data() + begin, std::ssize(part));
      });
}

void WindowTransport::gather(std::span<const std::byte> bytes, std::span<const std::int64_t> lengths,
                             int root, const Receiver& receive) {
  const bool is_root = line_.rank() == root;
  bring_all(
      bytes, lengths, /*sends=*/!is_root, [&](std::size_t /*device*/) { return is_root; }, receive);
}

}  // namespace ttx::ccl
