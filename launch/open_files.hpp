// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace ttx::launch {

/// Which files below some folders are open in, mapped by, or the working folder of a process that this one
/// may look into (its user's; root: all), at one moment.
class OpenFiles {
 public:
  /// Reads /proc. `folders`: canonical paths. Who opens a file before the scan begins and holds it until the
  /// scan ends is seen, also when it replaces the open file by a mapping meanwhile.
  static OpenFiles below(const std::vector<std::filesystem::path>& folders);

  /// A process that holds this file, or, for a folder, anything in it. `path`: canonical.
  std::optional<pid_t> holder(const std::filesystem::path& path) const;

 private:
  std::map<std::string, pid_t> holders_;
};

}  // namespace ttx::launch
