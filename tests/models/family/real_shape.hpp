// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "tests/support/temp_dir.hpp"

namespace ttx::test {

/// A checkpoint of the model's published shape below `folder`, made at the first call: config.json and a
/// weight file with its header, behind which there is a hole of the size of the weights. It can be planned,
/// and takes no room on the disk.
std::filesystem::path real_shape(const TempDir& folder, const std::string& model);

}  // namespace ttx::test
