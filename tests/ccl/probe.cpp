// SPDX-License-Identifier: Apache-2.0
// ccl_probe <what>: small programs whose start and end programs_test.cpp looks at from outside.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <fmt/core.h>

#include "ccl/agreement.hpp"
#include "ccl/environment.hpp"
#include "ccl/mesh_device.hpp"
#include "ccl/shared_memory.hpp"
#include "ccl/transport.hpp"
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

/// The last rank dies while the others wait for it in the window.
void die_in_window(const ccl::Communicator& world, bool by_signal) {
  const auto transport = ccl::open_transport(ccl::TransportKind::kShm, world.line());
  ThreadPool threads(1);
  const std::vector<float> terms(1000, 1.0F);
  std::vector<bfloat16> sum(terms.size());
  transport->all_reduce(terms, sum, threads);
  if (world.rank() == world.size() - 1) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    if (by_signal) {
      raise(SIGKILL);
    }
    _exit(6);
  }
  transport->all_reduce(terms, sum, threads);
}

/// Somebody else fills /dev/shm after Open MPI has found room for the memory: touching it says so. For a
/// small /dev/shm of its own only.
void fill_host(const ccl::Communicator& world) {
  constexpr std::size_t kBytes = std::size_t{1} << 20;
  const ccl::SharedMemory memory(world, kBytes);
  world.barrier();
  if (world.rank() == 0 && std::filesystem::space("/dev/shm").capacity <= std::uintmax_t{32} << 20) {
    std::ofstream file("/dev/shm/filling", std::ios::binary);
    const std::vector<char> zeros(4096);
    while (file.write(zeros.data(), std::ssize(zeros)).flush()) {
    }
    fmt::print("{}\n", memory.touch(0, kBytes) ? "there" : "no room");
  }
  world.barrier();
}

/// The names that an open window of this job has in /dev/shm: osc_sm.<host>.<job in hexadecimal>.*.
void list_windows(const ccl::Communicator& world) {
  const auto transport = ccl::open_transport(ccl::TransportKind::kShm, world.line());
  world.barrier();
  if (world.rank() == 0) {
    const std::string job = fmt::format(".{:x}.", std::stoul(std::getenv("PMIX_NAMESPACE")));
    for (const auto& entry : std::filesystem::directory_iterator("/dev/shm")) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("osc_sm.") && name.find(job) != std::string::npos) {
        fmt::print("{}\n", name);
      }
    }
    fmt::print("window open\n");
  }
  world.barrier();
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
  } else if (what == "window_kill" || what == "window_exit") {
    die_in_window(world, what == "window_kill");
  } else if (what == "window_names") {
    list_windows(world);
  } else if (what == "window_full") {
    fill_host(world);
  } else if (what == "window") {
    ccl::everywhere(world, [&] { open_mesh_device(world, {1, world.size()}, 1, ccl::TransportKind::kShm); });
  } else if (what == "line") {
    const auto mesh = open_mesh_device(world, {1, world.size()});
    fmt::print("rank {} is device {}\n", world.rank(), mesh->line_index());
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
