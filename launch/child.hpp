// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ttx::launch {

struct ChildEnd {
  int exit_code = 0;  ///< 0 when a signal ended it
  int signal = 0;     ///< that ended it, or 0
  int passed_on = 0;  ///< the first signal that this process was sent and passed on, or 0
};

enum class ChildGroup {
  kSame,  ///< as if started from the shell itself
  kOwn,   ///< a terminal's Ctrl-C reaches it through this process alone, and so once
};

/// Told what a stream has brought, as it comes.
using OnBytes = std::function<void(std::string_view bytes)>;

/// Starts `words` (program first, looked up on PATH), waits for its end, and passes SIGINT, SIGTERM and
/// SIGHUP on to it. When this process is killed, the child gets SIGTERM. With `on_stderr` or `on_stdout`,
/// that stream of the child goes through it; it is inherited otherwise, as the input is. Throws Error when
/// the program cannot be started, and Interrupted when an Interruption has noted a signal before. For the
/// main thread, once at a time.
ChildEnd run_child(const std::vector<std::string>& words, ChildGroup group, const OnBytes& on_stderr,
                   const OnBytes& on_stdout = nullptr);

}  // namespace ttx::launch
