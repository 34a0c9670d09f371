// SPDX-License-Identifier: Apache-2.0
#include "ccl/shared_memory.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <sys/mman.h>
#include <unistd.h>

#include "ccl/environment.hpp"
#include "ccl/mpi_check.hpp"
#include "runtime/error.hpp"
#include "runtime/log.hpp"

namespace ttx::ccl {
namespace {

constexpr std::size_t kPage = 4096;

/// Those of `comm` on this host, in its order.
MPI_Comm on_this_host(const Communicator::Handle& h) {
  MPI_Comm host = MPI_COMM_NULL;
  TTX_MPI(h, 0, MPI_Comm_split_type(h.comm, MPI_COMM_TYPE_SHARED, h.rank, MPI_INFO_NULL, &host));
  return host;
}

/// This rank alone knows of it, the others may wait for it inside MPI.
[[noreturn]] void end_without_window(std::size_t bytes, std::string_view reason) {
  log::error(
      "[window] no shared memory for --ccl shm: got {}, expected room for {} KiB in /dev/shm; make room "
      "there, or use "
      "--ccl mpi",
      reason, bytes / 1024);
  abort_job(static_cast<int>(ExitCode::kMesh));
}

}  // namespace

struct SharedMemory::Window {
  MPI_Win win = MPI_WIN_NULL;
  std::byte* heap = nullptr;  ///< of a communicator of one

  int exceptions_at_start = std::uncaught_exceptions();

  Window() = default;
  ~Window() {
    // Freeing waits for the other ranks. A rank that leaves because of an error does not; MPI frees it in the
    // end.
    const bool in_order = std::uncaught_exceptions() <= exceptions_at_start;
    int finalized = 0;
    if (win != MPI_WIN_NULL && in_order && MPI_Finalized(&finalized) == MPI_SUCCESS && finalized == 0) {
      MPI_Win_free(&win);
    }
    ::operator delete[](heap, std::align_val_t{kPage});
  }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;
};

SharedMemory::SharedMemory(const Communicator& comm, std::size_t bytes)
    : window_(std::make_unique<Window>()) {
  const Communicator::Handle& h = comm.handle();
  if (h.size == 1) {
    window_->heap = static_cast<std::byte*>(::operator new[](bytes, std::align_val_t{kPage}));
    data_ = window_->heap;
    std::memset(data_, 0, bytes);
    return;
  }
  const Communicator host(std::make_shared<Communicator::Handle>(on_this_host(h)));
  TTX_CHECK_AS(
      host.size() == h.size, ExitCode::kMesh, "window",
      "--ccl shm is for ranks of one host: got {} of {} ranks on this one, expected all; use --ccl mpi",
      host.size(), h.size);

  // All of it is rank 0's share. Open MPI begins it somewhere in a page, the same on every rank.
  void* base = nullptr;
  MPI_Aint length = host.rank() == 0 ? static_cast<MPI_Aint>(bytes + kPage) : 0;
  int unit = 1;
  int code = MPI_Win_allocate_shared(length, unit, MPI_INFO_NULL, host.handle().comm,
                                     static_cast<void*>(&base), &window_->win);
  if (code == MPI_SUCCESS) {
    code = MPI_Win_shared_query(window_->win, 0, &length, &unit, static_cast<void*>(&base));
  }
  if (code != MPI_SUCCESS) {
    end_without_window(bytes, fmt::format("error {} from MPI", code));
  }
  const auto address = reinterpret_cast<std::uintptr_t>(base);
  data_ = static_cast<std::byte*>(base) + ((kPage - address % kPage) % kPage);
}

SharedMemory::~SharedMemory() = default;

bool SharedMemory::touch(std::size_t begin, std::size_t bytes) const {
  std::byte* first = data_ + begin;
  if (madvise(first, bytes, MADV_POPULATE_WRITE) == 0) {
    return true;
  }
  if (errno != EINVAL) {
    return false;
  }
  // A kernel before 5.14: page by page, unchecked; Open MPI has looked for room before.
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  for (std::size_t offset = 0; offset < bytes; offset += page) {
    auto* byte = reinterpret_cast<volatile std::byte*>(first + offset);
    *byte = *byte;
  }
  return true;
}

}  // namespace ttx::ccl
