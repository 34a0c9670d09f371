// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ttx::launch {

/// Whether a folder that already holds files may be written to. What a killed run has left does not count.
enum class Overwrite { kNo, kYes };

/// A model folder that is written whole or not at all: files go to a hidden folder within it and move to
/// their places together, at the end. Without publish() the destructor removes them, and the folder too when
/// it was not there before.
class StagedFolder {
 public:
  /// Throws Error: the target is no folder, cannot be made, is not empty, or its disk has less than `bytes`
  /// free.
  StagedFolder(std::filesystem::path target, Overwrite overwrite, std::uint64_t bytes);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  /// Where the files are to be written.
  const std::filesystem::path& path() const { return staging_; }
  /// Once, last. Old weights go: a left-over model.safetensors would hide the shards. config.json goes first
  /// and comes last, so that the folder opens nowhere in between. Throws Error.
  void publish();

 private:
  std::filesystem::path target_;
  std::filesystem::path staging_;
  std::vector<std::filesystem::path> made_;  ///< folders that were not there before, the outermost first
  bool published_ = false;
};

}  // namespace ttx::launch
