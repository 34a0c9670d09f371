// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

namespace ttx::bench {

/// The weight files of a checkpoint's folder.
std::vector<std::filesystem::path> weight_files(const std::filesystem::path& folder);

/// Asks the kernel to forget these files; pages that a process maps stay. Throws Error on a file that cannot
/// be opened.
void drop_pages(const std::vector<std::filesystem::path>& files);

/// The share of their pages that is in memory. Throws as drop_pages.
double resident_share(const std::vector<std::filesystem::path>& files);

}  // namespace ttx::bench
