// SPDX-License-Identifier: Apache-2.0
#include "launch/program.hpp"

#include <chrono>
#include <cstdio>
#include <exception>
#include <new>
#include <thread>

#include <fmt/core.h>

#include "ccl/agreement.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

/// A rank other than 0 that fails leaves the word to rank 0 for this long, should that one fail alike.
constexpr auto kGrace = std::chrono::seconds(2);

void say(const std::string& name, const char* text) {
  fmt::print(stderr, "{}: error: {}\n", name, text);
  std::fflush(stderr);
}

const char* text_of(const std::exception& error) {
  return dynamic_cast<const std::bad_alloc*>(&error) != nullptr
             ? "[memory] there is not enough of it; take a smaller model or --max_seq_len, or more devices "
               "on more hosts"
             : error.what();
}

int code_of(const std::exception& error) {
  const auto* ours = dynamic_cast<const Error*>(&error);
  return static_cast<int>(ours != nullptr ? ours->code() : ExitCode::kFailure);
}

}  // namespace

int mpi_program(const std::string& name, int argc, char** argv,
                const std::function<int(const ccl::Environment& mpi, int argc, char** argv)>& body) {
  try {
    const ccl::Environment mpi(argc, argv);
    try {
      return body(mpi, argc, argv);
    } catch (const ccl::PeerFailed& failed) {
      return failed.exit_code();
    } catch (const std::exception& error) {
      say(name, text_of(error));
      return code_of(error);
    }
  } catch (const std::exception& error) {
    say(name, text_of(error));
    return code_of(error);
  }
}

void in_step(const std::string& name, const ccl::Communicator& world, const std::function<void()>& work) {
  try {
    work();
  } catch (const ccl::PeerFailed&) {
    throw;
  } catch (const std::exception& error) {
    if (world.size() == 1) {
      throw;
    }
    if (world.rank() != 0) {
      std::this_thread::sleep_for(kGrace);
    }
    say(name, text_of(error));
    ccl::abort_job(code_of(error));
  }
}

}  // namespace ttx::launch
