// SPDX-License-Identifier: Apache-2.0
#include "runtime/packed_writer.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "runtime/error.hpp"
#include "runtime/memory_block.hpp"
#include "runtime/ops/parallel.hpp"
#include "runtime/panel_packer.hpp"

namespace ttx {

namespace {

constexpr const char* kOp = "packed";
/// Written in stretches that begin and end at multiples of this, as far as an entry and a share allow: a file
/// system then keeps them in large pages, which are read a quarter faster than small ones.
constexpr std::uint64_t kStretch = std::uint64_t{2} << 20;

std::string reason(int error) { return std::generic_category().message(error); }

/// Beyond the limit of file sizes a call fails, and its thread is sent a signal that would end the process.
class WithoutFileSizeSignal {
 public:
  WithoutFileSizeSignal() {
    ::sigemptyset(&signal_);
    ::sigaddset(&signal_, SIGXFSZ);
    ::pthread_sigmask(SIG_BLOCK, &signal_, &before_);
  }
  ~WithoutFileSizeSignal() {
    if (::sigismember(&before_, SIGXFSZ) == 0) {
      const ::timespec now{};
      ::sigtimedwait(&signal_, nullptr, &now);
      ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
  }
  WithoutFileSizeSignal(const WithoutFileSizeSignal&) = delete;
  WithoutFileSizeSignal& operator=(const WithoutFileSizeSignal&) = delete;

 private:
  ::sigset_t signal_{};
  ::sigset_t before_{};
};

/// Reserves the room; a file system that cannot do that says what is missing when it is written.
void reserve(const FileDescriptor& file, std::uint64_t bytes, const std::filesystem::path& path) {
  const WithoutFileSizeSignal guard;
  const bool done = ::fallocate(file.get(), 0, 0, static_cast<::off_t>(bytes)) == 0;
  const int error = errno;
  TTX_CHECK(done || (error != ENOSPC && error != EFBIG && error != EDQUOT), kOp,
            "no room for {} bytes in {}: {}", bytes, path.parent_path().string(), reason(error));
  TTX_CHECK(done || ::ftruncate(file.get(), static_cast<::off_t>(bytes)) == 0, kOp,
            "no room for {} bytes in {}: {}", bytes, path.parent_path().string(), reason(errno));
}

}  // namespace

PackedWriter::PackedWriter(Role role, std::filesystem::path target, const std::string& token,
                           PackedIndex index)
    : target_(std::move(target)),
      temporary_(target_.parent_path() / fmt::format(".{}.{}.tmp", target_.filename().string(), token)),
      index_(std::move(index)),
      role_(role) {
  const bool makes = role_ == Role::kMaker;
  file_ =
      FileDescriptor(::open(temporary_.c_str(), O_RDWR | O_CLOEXEC | (makes ? O_CREAT | O_EXCL : 0), 0666));
  const int error = errno;
  if (!file_.valid()) {
    role_ = Role::kHelper;  // there is nothing to remove
  }
  TTX_CHECK(file_.valid(), kOp, "cannot write in {}: {}", target_.parent_path().string(), reason(error));
  ::flock(file_.get(), LOCK_SH | LOCK_NB);
}

PackedWriter PackedWriter::create(std::filesystem::path target, const std::string& token, PackedIndex index) {
  PackedWriter writer(Role::kMaker, std::move(target), token, std::move(index));
  reserve(writer.file_, writer.index_.file_bytes, writer.temporary_);
  return writer;
}

PackedWriter PackedWriter::join(std::filesystem::path target, const std::string& token, PackedIndex index) {
  return {Role::kHelper, std::move(target), token, std::move(index)};
}

PackedWriter::~PackedWriter() {
  if (role_ == Role::kMaker && file_.valid() && !temporary_.empty()) {
    ::unlink(temporary_.c_str());
  }
}

void PackedWriter::write_at(std::uint64_t offset, std::span<const std::byte> bytes) const {
  const WithoutFileSizeSignal guard;
  while (!bytes.empty()) {
    const ::ssize_t n = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<::off_t>(offset));
    if (n < 0 && errno == EINTR) {
      continue;
    }
    TTX_CHECK(n > 0, kOp, "cannot write {}: {}", target_.string(), reason(errno));
    offset += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

void PackedWriter::pack(Device& device, const PackedEntry& entry, const HostTensor& matrix,
                        Range panels) const {
  const PanelPacker packer(matrix, {0, entry.k}, {0, entry.n}, entry.dtype);
  const std::int64_t panel_bytes = packer.panel_bytes();
  ops::parallel(device, panels.size(), packer.work_bytes(), [&](std::int64_t first, std::int64_t last) {
    const MemoryBlock buffer =
        MemoryBlock::allocate(static_cast<std::size_t>(kStretch) + static_cast<std::size_t>(panel_bytes));
    std::uint64_t at = entry.offset + static_cast<std::uint64_t>((panels.begin + first) * panel_bytes);
    std::size_t held = 0;
    const auto write_up_to = [&](std::uint64_t end) {
      const auto bytes = static_cast<std::size_t>(end - at);
      write_at(at, {buffer.data(), bytes});
      held -= bytes;
      std::memmove(buffer.data(), buffer.data() + bytes, held);
      at = end;
    };
    for (std::int64_t panel = panels.begin + first; panel < panels.begin + last; ++panel) {
      packer.pack(panel, panel + 1, buffer.data() + held);
      held += static_cast<std::size_t>(panel_bytes);
      if (const std::uint64_t whole = (at + held) / kStretch * kStretch; whole > at) {
        write_up_to(whole);
      }
    }
    write_up_to(at + held);
  });
}

std::shared_ptr<const PackedFile> PackedWriter::file() const {
  FileDescriptor own(::fcntl(file_.get(), F_DUPFD_CLOEXEC, 0));
  TTX_CHECK(own.valid(), kOp, "cannot open {} again: {}", target_.string(), reason(errno));
  return PackedFile::written(std::move(own), target_, index_);
}

void PackedWriter::finish() {
  const auto sync = [&] {
    TTX_CHECK(::fsync(file_.get()) == 0, kOp, "cannot finish {}: {}", target_.string(), reason(errno));
  };
  index_.sample = sample_of(index_, FileMap::map(file_, target_)->bytes());
  // The header says that what follows it is whole, so it comes after it.
  sync();
  const std::string header = packed_header(index_);
  write_at(0, std::as_bytes(std::span(header)));
  sync();
  TTX_CHECK(std::rename(temporary_.c_str(), target_.c_str()) == 0, kOp, "cannot rename {} to {}: {}",
            temporary_.string(), target_.string(), reason(errno));
  temporary_.clear();
}

}  // namespace ttx
