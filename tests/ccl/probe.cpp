// SPDX-License-Identifier: Apache-2.0
// ccl_probe <what>: small programs whose start and end programs_test.cpp looks at from outside.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#include <fmt/core.h>

#include "ccl/agreement.hpp"
#include "ccl/environment.hpp"
#include "ccl/mesh_device.hpp"
#include "runtime/error.hpp"

namespace {

std::atomic<long> yields = 0;

}  // namespace

/// Stands before the C library's, so that what MPI does in its waits can be counted.
extern "C" int sched_yield() noexcept {
  ++yields;
  return static_cast<int>(syscall(SYS_sched_yield));
}

namespace {

using namespace ttx;  // NOLINT(google-build-using-namespace): a program

/// How often the last rank yields its core while it waits for rank 0.
void wait_for_root(const ccl::Communicator& world) {
  world.barrier();
  const long before = yields;
  if (world.rank() == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  world.barrier();
  if (world.rank() == world.size() - 1) {
    fmt::print("{} yields\n", yields - before);
  }
}

void do_it(const std::string& what, const ccl::Communicator& world) {
  const int last = world.size() - 1;
  if (what == "hello") {
    world.barrier();
    fmt::print("rank {} of {}\n", world.rank(), world.size());
  } else if (what == "on_root") {
    ccl::on_root(world, [] { throw Error("[probe] root is unwell", ExitCode::kCheckpoint); });
  } else if (what == "everywhere") {
    ccl::everywhere(world, [&] {
      if (world.rank() == last) {
        throw Error("[probe] last is unwell", ExitCode::kLength);
      }
    });
  } else if (what == "mesh") {
    open_mesh_device(world, {2, 4});
  } else if (what == "abort") {
    if (world.rank() == last) {
      ccl::abort_job(5);
    }
    world.barrier();
  } else if (what == "environment") {
    for (char** variable = environ; *variable != nullptr; ++variable) {
      if (std::string(*variable).find("OMPI_MCA_") == 0) {
        fmt::print("{}\n", *variable);
      }
    }
  } else if (what == "wait") {
    wait_for_root(world);
  } else {
    throw Error("[probe] knows no " + what, ExitCode::kUsage);
  }
}

int guarded(const std::string& what, const ccl::Communicator& world) {
  try {
    do_it(what, world);
    return 0;
  } catch (const ccl::PeerFailed& failed) {
    fmt::print("rank {} leaves with {}\n", world.rank(), failed.exit_code());
    return failed.exit_code();
  } catch (const Error& error) {
    fmt::print(stderr, "rank {} says {}\n", world.rank(), error.what());
    return static_cast<int>(error.code());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc == 2 ? argv[1] : "";
  try {
    const ccl::Environment environment(argc, argv);
    if (what == "unwind") {
      // The last rank unwinds past its Environment while the others wait for it.
      if (environment.world().rank() == environment.world().size() - 1) {
        throw std::runtime_error("unwinding");
      }
      environment.world().barrier();
    }
    return guarded(what, environment.world());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 7;
  }
}
