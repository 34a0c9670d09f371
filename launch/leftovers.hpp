// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace ttx::launch {

/// Where runs of one user on this host leave files.
struct LeftoverPlaces {
  std::vector<std::filesystem::path> temporary;  ///< Open MPI's session folders: ompi.<host>.<uid>/pid.<pid>
  std::filesystem::path shared_memory;  ///< its segments: vader_segment.<host>.<uid>.*, osc_sm.<host>.*
  std::filesystem::path cache;          ///< ttx's own (runtime/cache_folder.hpp); empty: none
  std::string host;
  uid_t user = 0;
};

/// Of this process: TMPDIR (else TEMP, TMP, /tmp), /dev/shm, cache_folder().
LeftoverPlaces leftover_places();

struct Leftovers {
  std::vector<std::filesystem::path> removed;
  struct Kept {
    std::filesystem::path path;
    std::string why;
  };
  std::vector<Kept> kept;    ///< in use by a running process
  std::vector<Kept> failed;  ///< could not be removed
};

/// Removes what has the names above, or ttx's names in its cache (reference/<key>.tokens and its temporary
/// files), belongs to `user`, and is used by no running process: open, mapped, or of a process that has only
/// just begun. Links are neither followed nor removed.
Leftovers remove_leftovers(const LeftoverPlaces& places);

}  // namespace ttx::launch
