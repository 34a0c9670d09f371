// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace ttx {

/// What a program exits with. Documented in the README; scripts rely on it.
enum class ExitCode : int {
  kOk = 0,
  kFailure = 1,     ///< anything not named below
  kUsage = 2,       ///< the command line
  kMesh = 3,        ///< the number of ranks does not fit the model's mesh
  kCheckpoint = 4,  ///< the model's files: missing, truncated, inconsistent
  kLength = 5,      ///< prompt and new tokens do not fit the sequence or the cache
  kKilled = 6,      ///< ttx-launch alone: a rank, or mpirun, was killed by a signal
};

/// The one exception of ttx. The text reads `[op] what is wrong: got A, expected B; what to do`.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& text, ExitCode code = ExitCode::kFailure)
      : std::runtime_error(text), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

[[noreturn]] inline void fail(std::string_view op, std::string_view text,
                              ExitCode code = ExitCode::kFailure) {
  throw Error(fmt::format("[{}] {}", op, text), code);
}

}  // namespace ttx

/// Throws ttx::Error with the given exit code: TTX_FAIL_AS(ExitCode::kMesh, "mesh", "got {} ranks", n).
#define TTX_FAIL_AS(code, op, ...) ::ttx::fail((op), fmt::format(__VA_ARGS__), (code))

/// Throws ttx::Error: TTX_FAIL("linear", "inner sizes differ: got {}, expected {}", a, b).
#define TTX_FAIL(op, ...) ::ttx::fail((op), fmt::format(__VA_ARGS__))

/// Throws ttx::Error unless the condition holds. Always on; use it for everything a user can cause.
#define TTX_CHECK(condition, op, ...) \
  do {                                \
    if (!(condition)) {               \
      TTX_FAIL(op, __VA_ARGS__);      \
    }                                 \
  } while (false)

/// As TTX_CHECK with an exit code of its own.
#define TTX_CHECK_AS(condition, code, op, ...) \
  do {                                         \
    if (!(condition)) {                        \
      TTX_FAIL_AS(code, op, __VA_ARGS__);      \
    }                                          \
  } while (false)
