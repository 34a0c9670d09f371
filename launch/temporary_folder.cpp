// SPDX-License-Identifier: Apache-2.0
#include "launch/temporary_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "runtime/error.hpp"

namespace ttx::launch {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder(const std::string& prefix) {
  const char* const named = std::getenv("TMPDIR");
  const fs::path place = named == nullptr || *named == '\0' ? "/tmp" : named;
  std::string pattern = (place / (prefix + "XXXXXX")).string();
  TTX_CHECK(::mkdtemp(pattern.data()) != nullptr, "temporary folder",
            "cannot make one in {}: {}; set TMPDIR to a folder that can be written", place.string(),
            std::generic_category().message(errno));
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace ttx::launch
