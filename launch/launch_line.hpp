// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "launch/mpirun_words.hpp"

namespace ttx::launch {

/// Everything that decides how a program is started. Pure data: what the machine and the user say.
struct LaunchTerms {
  int ranks = 1;
  int cores = 1;          ///< that this process may keep busy on this host
  int allowed_cores = 1;  ///< that it may run on: more than `cores` where a control group grants only a share
  bool every_core = true;  ///< no affinity mask keeps it from some of the host's
  std::string host;        ///< this host's name
  bool root = false;
  bool reads_peers = true;             ///< ranks may read each other's memory (ccl/start_variables.hpp)
  std::optional<int> program_threads;  ///< --threads among the program's arguments; 0: no number
  bool program_chooses_ccl = false;    ///< --ccl among them
  std::map<std::string, std::string> environment;
  MpirunWords mpi;
  std::vector<std::string> program;  ///< with its arguments
};

/// Whether ranks may land on other hosts: a host or rank file, a foreign --host, a batch system's allocation.
bool many_hosts(const LaunchTerms& terms);

/// Threads of each rank, as far as it can be told: the program's --threads, else TTX_THREADS, else this
/// host's cores divided by the ranks, at least 1; on many hosts, whose cores are not known here, 1.
int threads_per_rank(const LaunchTerms& terms);

/// The words of the command: `mpirun -np N ...` and the program, or the program alone for a mesh of one
/// device (with the user's own words for mpirun, mpirun in any case). What the user says, in the environment
/// or with
/// --mpi, is never said a second time.
///   - Binding: to cores where ranks of one thread fill more than half of them, so that a rank stays beside
///     its caches, or are equally many on every core, so that all cores have the same work between two
///     collectives; to none otherwise, for a rank's threads need several cores, ranks that cannot be dealt
///     out must move, two jobs that each leave cores free would be bound to the same ones, and mpirun heeds
///     no affinity mask.
///   - One host: ranks talk through shared memory alone.
///   - Many hosts: neighbours of the line stay on one host; the variables that ttx reads go along.
std::vector<std::string> launch_line(const LaunchTerms& terms);

/// As a shell takes it.
std::string pasteable(const std::vector<std::string>& words);

}  // namespace ttx::launch
