// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "ccl/communicator.hpp"

namespace ttx::ccl {

/// Memory that all ranks of a communicator on one host map, from MPI's shared-memory window.
///
/// What it leaves behind: nothing. Open MPI makes a file `osc_sm.<host>.<job>.*` in /dev/shm (or where
/// osc_sm_backing_store points) and takes its name away as soon as all ranks have mapped it, so the memory
/// goes with the last rank, however that one ends. Only a job that is killed within that moment leaves the
/// name; and, as any Open MPI job whose mpirun is killed with SIGKILL, `vader_segment.<host>.<uid>.<job>.*`
/// in /dev/shm and the session folder `ompi.<host>.<uid>` in TMPDIR.
class SharedMemory {
 public:
  /// Collective. Zero bytes, on a page. Throws Error(kMesh), on all ranks alike, when the ranks are not all
  /// on one host. When the memory cannot be had the job ends with kMesh and one sentence, for MPI tells that
  /// to one rank only and the others wait for it.
  SharedMemory(const Communicator& comm, std::size_t bytes);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  std::byte* data() const { return data_; }

  /// Makes sure that `bytes` from `begin` (on a page) are really there, before anyone stores something
  /// there and gets a signal, and near this rank's core where that makes a difference. Returns false when the
  /// host has no room. Contents stay.
  bool touch(std::size_t begin, std::size_t bytes) const;

 private:
  struct Window;
  std::unique_ptr<Window> window_;
  std::byte* data_ = nullptr;
};

}  // namespace ttx::ccl
