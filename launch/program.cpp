// SPDX-License-Identifier: Apache-2.0
#include "launch/program.hpp"

#include <chrono>
#include <exception>
#include <thread>

#include "ccl/agreement.hpp"
#include "launch/failure.hpp"

namespace ttx::launch {

namespace {

/// A rank other than 0 that fails leaves the word to rank 0 for this long, should that one fail alike.
constexpr auto kGrace = std::chrono::seconds(2);

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
      say_error(name, error);
      return exit_code_of(error);
    }
  } catch (const std::exception& error) {
    say_error(name, error);
    return exit_code_of(error);
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
    say_error(name, error);
    ccl::abort_job(exit_code_of(error));
  }
}

}  // namespace ttx::launch
