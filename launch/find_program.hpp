// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace ttx::launch {

/// The first executable file of that name in the folders of PATH; nullopt when there is none.
std::optional<std::filesystem::path> find_on_path(const std::string& name);

/// What a user means by a program's name: with a slash in it that file; else the program beside this one,
/// else on PATH. Throws Error saying where it looked.
std::filesystem::path find_program(const std::string& name);

}  // namespace ttx::launch
