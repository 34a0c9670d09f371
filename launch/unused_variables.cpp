// SPDX-License-Identifier: Apache-2.0
#include "launch/unused_variables.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/cache_folder.hpp"
#include "runtime/log.hpp"

namespace ttx::launch {

namespace {

constexpr std::array<std::string_view, 4> kPrefixes{"TT_METAL_", "TTNN_",
                                                    "TT_MESH_ID=", "TT_MESH_HOST_RANK="};
constexpr std::array<std::string_view, 3> kRead{
    "TT_METAL_CACHE=", "TT_METAL_VISIBLE_DEVICES=", "TT_METAL_VISIBLE_DEVICE="};

template <std::size_t N>
bool begins_with_one_of(std::string_view text, const std::array<std::string_view, N>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return text.starts_with(beginning); });
}

}  // namespace

std::vector<std::string> unused_variables(const char* const* environment) {
  std::vector<std::string> names;
  for (; *environment != nullptr; ++environment) {
    const std::string_view setting = *environment;
    if (begins_with_one_of(setting, kPrefixes) && !begins_with_one_of(setting, kRead)) {
      names.emplace_back(setting.substr(0, setting.find('=')));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

void log_unused_variables() {
  const std::vector<std::string> names = unused_variables(environ);
  if (!names.empty()) {
    log::info("no effect, for there is no device: {}", fmt::join(names, ", "));
  }
  if (const char* const folder = std::getenv("TT_METAL_CACHE"); folder != nullptr && *folder != '\0') {
    log::info("TT_METAL_CACHE={}: {}", folder,
              cache_folder() == folder ? "what is kept between runs is kept there"
                                       : "no effect, for TTX_CACHE is set");
  }
}

}  // namespace ttx::launch
