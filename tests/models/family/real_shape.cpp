// SPDX-License-Identifier: Apache-2.0
#include "tests/models/family/real_shape.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "launch/synth_file.hpp"
#include "launch/synth_model.hpp"
#include "launch/synth_weights.hpp"

namespace ttx::test {

std::filesystem::path real_shape(const TempDir& folder, const std::string& model) {
  const std::string name = "real/" + model;
  if (!std::filesystem::exists(folder / name)) {
    const launch::SynthModel shape = launch::SynthModel::named(model, false);
    const auto tensors = launch::synth_tensors(shape.sizes, shape.tied_head);
    const launch::SynthFile content(tensors, 0, DataType::BFLOAT16);
    const std::uint64_t header =
        content.size() - launch::synth_elements(tensors) * size_of(DataType::BFLOAT16);
    std::vector<std::byte> bytes(static_cast<std::size_t>(header));
    content.fill(0, bytes);
    const std::filesystem::path file = folder.write(
        name + "/model.safetensors", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    std::filesystem::resize_file(file, content.size());
    folder.write(name + "/config.json", shape.config.dump());
  }
  return folder / name;
}

}  // namespace ttx::test
