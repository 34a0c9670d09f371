// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <thread>

#include "ccl/communicator.hpp"
#include "ccl/mpi_check.hpp"
#include "runtime/error.hpp"

namespace ttx::ccl {
namespace {

using std::chrono::microseconds;
constexpr microseconds kFirstSleep{20};
constexpr microseconds kLongestSleep{2000};

/// Polls ever more rarely: a short wait ends soon, a long one costs about 500 polls a second.
void sleep_until_done(const Communicator::Handle& h, MPI_Request request, std::int64_t bytes) {
  microseconds pause = kFirstSleep;
  for (;;) {
    int done = 0;
    TTX_MPI(h, bytes, MPI_Test(&request, &done, MPI_STATUS_IGNORE));
    if (done != 0) {
      return;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestSleep);
  }
}

}  // namespace

std::int64_t Communicator::sleeping_max(std::int64_t value) const {
  const Handle& h = handle();
  if (h.size == 1) {
    return value;
  }
  std::int64_t largest = value;
  MPI_Request request = MPI_REQUEST_NULL;
  TTX_MPI(h, sizeof value, MPI_Iallreduce(&value, &largest, 1, MPI_INT64_T, MPI_MAX, h.comm, &request));
  sleep_until_done(h, request, sizeof value);
  return largest;
}

void Communicator::sleeping_broadcast(std::vector<std::byte>& bytes, int root) const {
  const Handle& h = handle();
  TTX_CHECK(root >= 0 && root < h.size, "sleeping_broadcast", "no such root: got rank {}, expected 0 to {}",
            root, h.size - 1);
  if (h.size == 1) {
    return;
  }
  std::int64_t total = std::ssize(bytes);
  MPI_Request request = MPI_REQUEST_NULL;
  TTX_MPI(h, sizeof total, MPI_Ibcast(&total, 1, MPI_INT64_T, root, h.comm, &request));
  sleep_until_done(h, request, sizeof total);
  // Root is here now, so the rest takes no longer than its transfer; polled rarely it would.
  bytes.resize(static_cast<std::size_t>(total));
  broadcast(bytes, root);
}

}  // namespace ttx::ccl
