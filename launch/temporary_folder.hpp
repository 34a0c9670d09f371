// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace ttx::launch {

/// A fresh folder, for this user alone, in the system's folder for temporary files (TMPDIR, else /tmp);
/// removed with all that is in it when this object goes.
class TemporaryFolder {
 public:
  /// `prefix` begins its name. Throws Error.
  explicit TemporaryFolder(const std::string& prefix);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace ttx::launch
