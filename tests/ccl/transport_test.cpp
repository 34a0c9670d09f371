// SPDX-License-Identifier: Apache-2.0
#include "ccl/transport.hpp"

#include <chrono>
#include <cstdlib>
#include <sys/resource.h>
#include <thread>

#include <gtest/gtest.h>

#include "ccl/mpi_check.hpp"
#include "ccl/mpi_transport.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/ccl/terms.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::ccl {
namespace {

using test::world;
using namespace std::chrono_literals;

/// TTX_CCL for the length of a scope.
class Variable {
 public:
  explicit Variable(const char* value) {
    if (const char* before = std::getenv("TTX_CCL")) {
      before_ = before;
    }
    value != nullptr ? setenv("TTX_CCL", value, 1) : unsetenv("TTX_CCL");
  }
  ~Variable() { before_ ? setenv("TTX_CCL", before_->c_str(), 1) : unsetenv("TTX_CCL"); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  std::optional<std::string> before_;
};

TEST(Transport, HasNames) {
  for (const TransportKind kind : {TransportKind::kMpi, TransportKind::kShm}) {
    EXPECT_EQ(transport_from_name(transport_name(kind)), kind);
    EXPECT_EQ(open_transport(kind, world().line())->kind(), kind);
  }
  EXPECT_EQ(transport_name(TransportKind::kMpi), "mpi");
  EXPECT_EQ(transport_name(TransportKind::kShm), "shm");
  EXPECT_EQ(transport_from_name("tcp"), std::nullopt);
}

TEST(Transport, DefaultIsTheEnvironmentsElseMpi) {
  for (const char* value : {static_cast<const char*>(nullptr), "", "mpi"}) {
    const Variable variable(value);
    EXPECT_EQ(default_transport(), TransportKind::kMpi);
  }
  const Variable variable("shm");
  EXPECT_EQ(default_transport(), TransportKind::kShm);
  const Variable wrong("SHM");
  test::expect_error(ExitCode::kUsage, {"TTX_CCL", "got \"SHM\"", "mpi or shm"}, [] { default_transport(); });
}

TEST(Transport, IsTheMeshs) {
  EXPECT_EQ(test::open_whole_mesh(world())->transport().kind(), default_transport());
  EXPECT_EQ(open_mesh_device(world(), {1, world().size()}, 1, TransportKind::kShm)->transport().kind(),
            TransportKind::kShm);
}

TEST(Transport, ManyWindowsComeAndGo) {
  for (int i = 0; i < 30; ++i) {
    const auto transport = open_transport(TransportKind::kShm, world().line());
    std::byte value{static_cast<unsigned char>(world().rank() == 0 ? i : 255)};
    transport->broadcast(std::span(&value, 1), 0);
    EXPECT_EQ(value, std::byte{static_cast<unsigned char>(i)});
  }
}

TEST(Transport, TwoWindowsDoNotMeet) {
  const auto first = open_transport(TransportKind::kShm, world().line());
  const auto second = open_transport(TransportKind::kShm, world().line());
  for (unsigned char i = 0; i < 50; ++i) {
    std::byte a{i};
    std::byte b{static_cast<unsigned char>(i + 100)};
    const int root = i % world().size();
    first->broadcast(std::span(&a, 1), root);
    second->broadcast(std::span(&b, 1), root);
    EXPECT_EQ(a, std::byte{i});
    EXPECT_EQ(b, std::byte{static_cast<unsigned char>(i + 100)});
  }
}

TEST(MpiTransport, KeepsItsBufferFromCallToCall) {
  MpiTransport transport(world().line());
  ThreadPool threads(1);
  const std::vector<float> terms(32 * 1024, 1.0F);
  std::vector<bfloat16> sum(terms.size());
  transport.all_reduce(terms, sum, threads);
  const std::size_t capacity = transport.scratch_capacity();
  EXPECT_GT(capacity, 0U);
  transport.all_reduce(terms, sum, threads);
  EXPECT_EQ(transport.scratch_capacity(), capacity);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

TEST(WindowTransport, ALongWaitBurnsNoCpu) {
  const auto transport = open_transport(TransportKind::kShm, world().line());
  ThreadPool threads(1);
  const std::vector<float> terms(100, 1.0F);
  std::vector<bfloat16> sum(terms.size());
  transport->all_reduce(terms, sum, threads);
  const double before = cpu_seconds();
  if (world().rank() == 0) {
    std::this_thread::sleep_for(500ms);
  }
  transport->all_reduce(terms, sum, threads);
  EXPECT_LT(cpu_seconds() - before, 0.1);
  EXPECT_EQ(to_float(sum[99]), static_cast<float>(world().size()));
}

TEST(WindowTransport, ALongWaitPushesMessages) {
  // Rank 0 starts a message that needs its help all along, and waits in the window. The receiver only comes
  // there when the message has arrived.
  const Communicator line = world().line();
  const auto transport = open_transport(TransportKind::kShm, line);
  const int last = world().size() - 1;
  const auto& h = line.handle();
  std::vector<std::byte> message(std::size_t{256} << 10, world().rank() == 0 ? std::byte{7} : std::byte{0});
  const auto length = static_cast<int>(message.size());
  MPI_Request request = MPI_REQUEST_NULL;
  if (last != 0 && world().rank() == 0) {
    ASSERT_EQ(MPI_Isend(message.data(), length, MPI_BYTE, last, 1, h.comm, &request), MPI_SUCCESS);
  }
  if (last != 0 && world().rank() == last) {
    ASSERT_EQ(MPI_Recv(message.data(), length, MPI_BYTE, 0, 1, h.comm, MPI_STATUS_IGNORE), MPI_SUCCESS);
    EXPECT_EQ(message.back(), std::byte{7});
  }
  std::byte value{static_cast<unsigned char>(world().rank() == last ? 3 : 0)};
  transport->broadcast(std::span(&value, 1), last);
  EXPECT_EQ(value, std::byte{3});
  EXPECT_EQ(MPI_Wait(&request, MPI_STATUS_IGNORE), MPI_SUCCESS);
}

}  // namespace
}  // namespace ttx::ccl
