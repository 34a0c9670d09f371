// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

/// The log of this process: one line per message on stderr, tagged with the rank and its place in the mesh.
/// stdout belongs to the programs. Nothing is printed before a message is: linking or starting this library
/// writes no line.
///
/// The environment variable TTX_LOG chooses the least level: debug, info (the default), warning, error, off.
/// Debug and info lines come from rank 0 only, warnings and errors from every rank.
namespace ttx::log {

enum class Level { kDebug, kInfo, kWarning, kError };

/// Says who this process is; `coord` is its place in the mesh, "(0, 3)", or empty. Without it the process is
/// rank 0 and the tag is left out. May be called again. Throws Error (kUsage) when TTX_LOG holds no known
/// level.
void init(int rank, const std::string& coord);

/// Whether a message of that level would be written.
bool enabled(Level level);
void write(Level level, std::string_view text);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kDebug)) {
    write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
  }
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kInfo)) {
    write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
  }
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kWarning)) {
    write(Level::kWarning, fmt::format(format, std::forward<Args>(args)...));
  }
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kError)) {
    write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
  }
}

}  // namespace ttx::log
