// SPDX-License-Identifier: Apache-2.0
#include "bench/page_cache.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/error.hpp"

namespace ttx::bench {

namespace fs = std::filesystem;

namespace {

class OpenFile {
 public:
  explicit OpenFile(const fs::path& file) : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status {};
    TTX_CHECK_AS(fd_ >= 0 && ::fstat(fd_, &status) == 0, ExitCode::kCheckpoint, "bench", "cannot open {}: {}",
                 file.string(), std::strerror(errno));
    size_ = static_cast<std::size_t>(status.st_size);
  }
  ~OpenFile() { ::close(fd_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int fd() const { return fd_; }
  std::size_t size() const { return size_; }

 private:
  int fd_;
  std::size_t size_ = 0;
};

/// Pages of a file that are in memory.
std::size_t resident_pages(const OpenFile& file, std::size_t page) {
  if (file.size() == 0) {
    return 0;
  }
  void* const map = ::mmap(nullptr, file.size(), PROT_READ, MAP_SHARED, file.fd(), 0);
  TTX_CHECK(map != MAP_FAILED, "bench", "cannot map a weight file: {}", std::strerror(errno));
  std::vector<unsigned char> pages((file.size() + page - 1) / page);
  const int failed = ::mincore(map, file.size(), pages.data());
  ::munmap(map, file.size());
  TTX_CHECK(failed == 0, "bench", "cannot see which pages are in memory: {}", std::strerror(errno));
  return static_cast<std::size_t>(
      std::count_if(pages.begin(), pages.end(), [](unsigned char state) { return (state & 1U) != 0; }));
}

}  // namespace

std::vector<fs::path> weight_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".safetensors") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

void drop_pages(const std::vector<fs::path>& files) {
  for (const fs::path& path : files) {
    const OpenFile file(path);
    ::fdatasync(file.fd());  // pages that wait to be written stay
    ::posix_fadvise(file.fd(), 0, 0, POSIX_FADV_DONTNEED);
  }
}

double resident_share(const std::vector<fs::path>& files) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::size_t resident = 0;
  std::size_t all = 0;
  for (const fs::path& path : files) {
    const OpenFile file(path);
    resident += resident_pages(file, page);
    all += (file.size() + page - 1) / page;
  }
  return all == 0 ? 0.0 : static_cast<double>(resident) / static_cast<double>(all);
}

}  // namespace ttx::bench
