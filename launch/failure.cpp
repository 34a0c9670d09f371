// SPDX-License-Identifier: Apache-2.0
#include "launch/failure.hpp"

#include <cstdio>
#include <new>
#include <string>

#include <fmt/core.h>

#include "models/hf/tokenizer/utf8.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

void say_error(const std::string& program, const std::exception& error) {
  const bool out_of_memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
  fmt::print(
      stderr, "{}: error: {}\n", program,
      out_of_memory
          ? std::string("[memory] there is not enough of it; take a smaller model or --max_seq_len, or more "
                        "devices on more hosts")
          : hf::replace_invalid_utf8(error.what()));
  std::fflush(stderr);
}

int exit_code_of(const std::exception& error) {
  const auto* ours = dynamic_cast<const Error*>(&error);
  return static_cast<int>(ours != nullptr ? ours->code() : ExitCode::kFailure);
}

int local_program(const std::string& name, const std::function<int()>& body) {
  try {
    const int code = body();
    TTX_CHECK(std::fflush(stdout) == 0 && std::ferror(stdout) == 0, "output", "stdout could not be written");
    return code;
  } catch (const std::exception& error) {
    say_error(name, error);
    return exit_code_of(error);
  }
}

}  // namespace ttx::launch
