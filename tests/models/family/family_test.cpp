// SPDX-License-Identifier: Apache-2.0
//
// The device path of every bring-up against the transformers library, on whatever number of ranks this runs.
#include "tests/models/family/family.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "ccl/mesh_device.hpp"
#include "models/common/model_module.hpp"
#include "models/eval/teacher_forcing.hpp"
#include "models/reference/reference_file.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/models/family/correlation.hpp"

namespace ttx::test {
namespace {

class FamilyAgainstTransformers : public testing::TestWithParam<Member> {};

TEST_P(FamilyAgainstTransformers, LogitsCorrelate) {
  const Member& member = GetParam();
  const std::string folder = TTX_FIXTURES "/" + member.fixture;
  const reference::Reference expected = reference::read_reference(folder + "/reference.safetensors");
  const LoadedModule module(TTX_BINARY_DIR "/models/" + member.model + "/t3000/functional/model.so");
  const hf::Checkpoint checkpoint = hf::Checkpoint::open(folder);
  const auto mesh = open_mesh_device(world(), {1, world().size()});
  const std::shared_ptr<CausalLM> model =
      module->build_model(checkpoint, *mesh, {.max_seq_len = 128, .max_cache_seq_len = 128}, {});
  for (const PromptPath path : {PromptPath::kPrefill, PromptPath::kDecode}) {
    const auto result = teacher_forcing(*model, expected.prompt_ids, expected.target_ids,
                                        {.prompt_path = path, .keep_logits = true, .after_call = {}});
    ASSERT_EQ(result.total, static_cast<std::int64_t>(expected.target_ids.size()));
    if (mesh->line_index() == 0) {
      EXPECT_GE(pearson(result.logits.to_floats(), expected.logits.to_floats()), member.correlation);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Members, FamilyAgainstTransformers, testing::ValuesIn(family()),
                         [](const auto& member) { return test_name(member.param); });

}  // namespace
}  // namespace ttx::test
