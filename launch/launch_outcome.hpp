// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "launch/child.hpp"
#include "launch/mpirun_banners.hpp"

namespace ttx::launch {

/// What ttx-launch exits with, and its own sentence: empty where the program has said what there is to say.
struct LaunchOutcome {
  int exit_code = 0;
  std::string sentence;
};

/// Of a program started alone.
LaunchOutcome outcome_of_program(const ChildEnd& end, const std::string& name);

/// Of a job under mpirun: the program's own code; 6 when a rank was killed; 128 + the signal that ttx-launch
/// was sent itself; 1 when mpirun did not get as far as to run the ranks. `line`: the command, for the
/// reader.
LaunchOutcome outcome_of_job(const ChildEnd& end, const MpirunBanners::Seen& seen, const std::string& line);

}  // namespace ttx::launch
