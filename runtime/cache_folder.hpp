// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace ttx {

/// Where everything that ttx keeps between runs lies: the first of these that is set and not empty,
///   $TTX_CACHE, $TT_METAL_CACHE, $XDG_CACHE_HOME/ttx, $HOME/.cache/ttx;
/// an empty path when none is. XDG_CACHE_HOME counts only when absolute, as its specification says. Only
/// names the folder: it may be missing or read-only.
std::filesystem::path cache_folder();

/// Creates `folder` and its parents where missing. False when it is empty, cannot be created, or is not
/// writable by this process: the caller then does without a cache.
bool make_writable_folder(const std::filesystem::path& folder);

}  // namespace ttx
