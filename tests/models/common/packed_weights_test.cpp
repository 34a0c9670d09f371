// SPDX-License-Identifier: Apache-2.0
//
// Packed weights of the bring-ups with block floats, on whatever number of ranks this runs.
#include "models/common/packed_weights.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <gmock/gmock.h>

#include "models/common/model_module.hpp"
#include "models/eval/teacher_forcing.hpp"
#include "runtime/packed_writer.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/models/family/family.hpp"
#include "tests/runtime/packed_files.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

std::vector<Member> with_block_floats() {
  std::vector<Member> members;
  std::ranges::copy_if(family(), std::back_inserter(members),
                       [](const Member& member) { return member.correlation < 0.999; });
  return members;
}

std::int64_t sum_over_ranks(std::int64_t value) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(world().size()));
  world().all_gather(std::as_bytes(std::span(&value, 1)), std::as_writable_bytes(std::span(all)));
  return std::accumulate(all.begin(), all.end(), std::int64_t{0});
}

/// Rank 0's folder, the same on every rank, there until all are done.
class SharedFolder {
 public:
  SharedFolder() {
    if (world().rank() == 0) {
      own_.emplace();
    }
    const std::string text = own_ ? own_->path().string() : std::string();
    const auto bytes = std::as_bytes(std::span(text));
    std::vector<std::byte> path(bytes.begin(), bytes.end());
    world().sleeping_broadcast(path, 0);
    path_ = std::string(reinterpret_cast<const char*>(path.data()), path.size());
  }
  ~SharedFolder() { world().barrier(); }
  SharedFolder(const SharedFolder&) = delete;
  SharedFolder& operator=(const SharedFolder&) = delete;

  const fs::path& path() const { return path_; }
  std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
      if (entry.is_regular_file()) {
        all.push_back(entry.path());
      }
    }
    return all;
  }

 private:
  std::optional<TempDir> own_;
  fs::path path_;
};

/// A bring-up with its tiny checkpoint on a mesh of all ranks.
class Loaded {
 public:
  explicit Loaded(const Member& member)
      : module_(TTX_BINARY_DIR "/models/" + member.model + "/t3000/functional/model.so"),
        checkpoint_(hf::Checkpoint::open(TTX_FIXTURES "/" + member.fixture)),
        mesh_(open_mesh_device(world(), {1, world().size()})),
        planned_(module_->plan_model(checkpoint_, mesh_->plan(), mesh_->line_index(), kLimits).tensors) {}

  PackedWeights packed(const PackedOptions& options) {
    return {checkpoint_, checkpoint_.fingerprint(), *mesh_, planned_, options, [](std::int64_t) {}};
  }
  /// On rank 0.
  std::string logits_hash(const PackedWeights& packed) {
    const auto model = module_->build_model(checkpoint_, *mesh_, kLimits, {}, packed.file());
    const std::vector<std::int32_t> prompt{3, 1, 4, 1, 5, 9, 2, 6};
    const std::vector<std::int32_t> targets{5, 3, 5};
    return teacher_forcing(*model, prompt, targets, {.keep_logits = false, .after_call = {}}).logits_sha256;
  }
  const hf::Checkpoint& checkpoint() const { return checkpoint_; }
  MeshDevice& mesh() { return *mesh_; }
  const std::vector<PlannedTensor>& planned() const { return planned_; }

 private:
  static constexpr RunLimits kLimits{.max_seq_len = 128};
  LoadedModule module_;
  hf::Checkpoint checkpoint_;
  std::shared_ptr<MeshDevice> mesh_;
  std::vector<PlannedTensor> planned_;
};

PackedOptions small(const fs::path& folder) {
  return {.folder = folder, .limit = std::uint64_t{1} << 30, .least_bytes = 1};
}

class PackedFamily : public testing::TestWithParam<Member> {};

TEST_P(PackedFamily, BitsAreEqualWithAndWithoutTheFile) {
  const SharedFolder folder;
  Loaded loaded(GetParam());
  const std::string expected = loaded.logits_hash({});
  {
    const PackedWeights made = loaded.packed(small(folder.path()));
    ASSERT_NE(made.file(), nullptr);
    EXPECT_EQ(loaded.logits_hash(made), expected) << "made";
  }
  world().barrier();
  const std::vector<fs::path> files = folder.files();
  ASSERT_EQ(files.size(), 1U);
  const PackedWeights found = loaded.packed(small(folder.path()));
  ASSERT_NE(found.file(), nullptr);
  EXPECT_EQ(found.file()->path(), files.front());
  EXPECT_EQ(loaded.logits_hash(found), expected) << "found";
  if (world().rank() == 0) {
    std::vector<Packing> weights;
    for (const PlannedTensor& tensor : packed_tensors(loaded.planned())) {
      weights.emplace_back(tensor.source, tensor.dtype);
    }
    write_packed(loaded.mesh(), folder.path() / "alone.panels", found.file()->index().key, weights);
    EXPECT_EQ(bytes_of(files.front()), bytes_of(folder.path() / "alone.panels")) << "whoever makes it";
  }
}

INSTANTIATE_TEST_SUITE_P(Members, PackedFamily, testing::ValuesIn(with_block_floats()),
                         [](const auto& member) { return test_name(member.param); });

class PackedMistral : public testing::Test {
 protected:
  /// What all ranks together said while they looked for the file.
  struct Outcome {
    bool has_file = false;
    std::string said;           ///< by this rank
    std::int64_t warnings = 0;  ///< by all
  };
  Outcome look(const PackedOptions& options) {
    CaptureStderr();
    const bool has_file = loaded.packed(options).file() != nullptr;
    Outcome outcome{has_file, GetCapturedStderr(), 0};
    std::int64_t own = 0;
    for (std::size_t at = outcome.said.find("warning"); at != std::string::npos;
         at = outcome.said.find("warning", at + 1)) {
      ++own;
    }
    outcome.warnings = sum_over_ranks(own);
    return outcome;
  }
  void expect_none(const Outcome& outcome, std::string_view why, std::size_t files) {
    EXPECT_FALSE(outcome.has_file);
    EXPECT_EQ(outcome.warnings, why.empty() ? 0 : 1);
    if (outcome.said.find("warning") != std::string::npos) {
      EXPECT_THAT(outcome.said, HasSubstr(std::string(why)));
    }
    EXPECT_EQ(folder.files().size(), files) << "nothing is left";
    world().barrier();
  }

  SharedFolder folder;
  Loaded loaded{Member{"mistralai/Mistral-7B-Instruct-v0.3", "mistral-odd", {}, 0.99}};
};

TEST_F(PackedMistral, ADamagedFileIsMadeAgainWithOneWarning) {
  EXPECT_EQ(look(small(folder.path())).warnings, 0);
  world().barrier();
  const fs::path file = folder.files().at(0);
  const std::string whole = bytes_of(file);
  std::vector<std::string> damaged{whole.substr(0, whole.size() / 2), "", "alien", whole, whole};
  damaged[3][100] = static_cast<char>(damaged[3][100] ^ 1);                            // index
  damaged[4][whole.size() - 1] = static_cast<char>(damaged[4][whole.size() - 1] ^ 1);  // weights
  for (const std::string& bytes : damaged) {
    world().barrier();
    if (world().rank() == 0) {
      overwrite(file, bytes);
    }
    world().barrier();
    const Outcome outcome = look(small(folder.path()));
    EXPECT_TRUE(outcome.has_file);
    EXPECT_EQ(outcome.warnings, 1);
    if (world().rank() == 0) {
      EXPECT_THAT(outcome.said, HasSubstr("made again"));
    }
    world().barrier();
    EXPECT_EQ(bytes_of(file), whole);
  }
  world().barrier();
}

TEST_F(PackedMistral, WithoutAFolderItGoesOnWithOneWarning) {
  expect_none(look(small({})), "TTX_CACHE", 0);
  expect_none(look(small("/proc/ttx-cache")), "cannot be written", 0);
  PackedOptions narrow = small(folder.path());
  narrow.limit = 1000;
  expect_none(look(narrow), "TTX_CACHE_GB", 0);
}

TEST_F(PackedMistral, NothingIsKeptThatIsNotWorthIt) {
  PackedOptions none = small(folder.path());
  none.limit = 0;
  expect_none(look(none), "", 0);
  PackedOptions large = small(folder.path());
  large.least_bytes = std::uint64_t{1} << 30;
  expect_none(look(large), "", 0);
}

TEST_F(PackedMistral, AFullDiskOnOneRankIsOneWarning) {
  ::rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const ::rlimit limit{20'000, before.rlim_max};
  // Of the rank that makes the file, then of the last one, which finds out while it packs.
  for (const int full : {0, world().size() - 1}) {
    if (world().rank() == full) {
      ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    const Outcome outcome = look(small(folder.path()));
    ::setrlimit(RLIMIT_FSIZE, &before);
    expect_none(outcome, full == 0 ? "no room for" : "cannot write", 0);
  }
}

TEST_F(PackedMistral, TheNameChangesWithWhatIsPacked) {
  const auto key = [&](DataType dtype, const std::string& fingerprint) {
    return packed_key(fingerprint, {{.name = "a", .dtype = dtype, .k = 64, .n = 32}});
  };
  EXPECT_NE(key(DataType::BFLOAT8_B, "f"), key(DataType::BFLOAT4_B, "f"));
  EXPECT_NE(key(DataType::BFLOAT8_B, "f"), key(DataType::BFLOAT8_B, "g"));
  EXPECT_EQ(key(DataType::BFLOAT8_B, "f"), key(DataType::BFLOAT8_B, "f"));
}

}  // namespace
}  // namespace ttx::test
