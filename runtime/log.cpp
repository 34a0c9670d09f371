// SPDX-License-Identifier: Apache-2.0
#include "runtime/log.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "runtime/error.hpp"

namespace ttx::log {

namespace {

using spdlog::level::level_enum;

level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return level_enum::debug;
    case Level::kInfo:
      return level_enum::info;
    case Level::kWarning:
      return level_enum::warn;
    case Level::kError:
      return level_enum::err;
  }
  return level_enum::err;
}

std::optional<level_enum> level_named(std::string_view name) {
  static constexpr std::pair<std::string_view, level_enum> kNames[] = {{"debug", level_enum::debug},
                                                                       {"info", level_enum::info},
                                                                       {"warning", level_enum::warn},
                                                                       {"error", level_enum::err},
                                                                       {"off", level_enum::off}};
  for (const auto& [known, level] : kNames) {
    if (known == name) {
      return level;
    }
  }
  return std::nullopt;
}

spdlog::logger& logger() {
  static const std::unique_ptr<spdlog::logger> kInstance = [] {
    auto made = std::make_unique<spdlog::logger>("ttx", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%l: %v");
    made->set_level(level_enum::info);
    return made;
  }();
  return *kInstance;
}

}  // namespace

void init(int rank, const std::string& coord) {
  level_enum level = level_enum::info;
  if (const char* const wanted = std::getenv("TTX_LOG"); wanted != nullptr && *wanted != '\0') {
    const std::optional<level_enum> known = level_named(wanted);
    TTX_CHECK_AS(known.has_value(), ExitCode::kUsage, "log",
                 "TTX_LOG: got '{}', expected debug, info, warning, error or off", wanted);
    level = *known;
  }
  logger().set_level(rank == 0 ? level : std::max(level, level_enum::warn));
  logger().set_pattern(fmt::format("[rank {}{}{}] %l: %v", rank, coord.empty() ? "" : " ", coord));
}

bool enabled(Level level) { return logger().should_log(to_spdlog(level)); }

void write(Level level, std::string_view text) {
  logger().log(to_spdlog(level), spdlog::string_view_t(text.data(), text.size()));
  logger().flush();
}

}  // namespace ttx::log
