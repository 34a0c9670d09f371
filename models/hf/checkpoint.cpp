// SPDX-License-Identifier: Apache-2.0
#include "models/hf/checkpoint.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "models/hf/fingerprint.hpp"
#include "models/hf/model_files.hpp"
#include "models/hf/weight_files.hpp"
#include "runtime/error.hpp"

namespace ttx::hf {

namespace fs = std::filesystem;

namespace {

constexpr const char* kHead = "lm_head.weight";
constexpr const char* kEmbedding = "model.embed_tokens.weight";

std::string shape_text(const SafetensorsEntry& entry) {
  return fmt::format("[{}]", fmt::join(entry.shape, ", "));
}

}  // namespace

struct Checkpoint::State {
  fs::path folder;
  Config config;
  GenerationConfig generation_config;
  WeightFiles weights;
  std::mutex mutex;  ///< of `used`
  std::set<std::string> used;
};

Checkpoint::Checkpoint(std::shared_ptr<State> state) : state_(std::move(state)) {}

Checkpoint Checkpoint::open(const fs::path& folder) {
  std::error_code ignored;
  TTX_CHECK_AS(fs::is_directory(folder, ignored), ExitCode::kCheckpoint, "checkpoint",
               "there is no folder {}", folder.string());
  auto state = std::make_shared<State>();
  state->folder = folder;
  state->config = Config::read(folder / "config.json");
  state->generation_config = GenerationConfig::read(folder);
  state->weights = WeightFiles::open(folder);
  return Checkpoint(std::move(state));
}

const fs::path& Checkpoint::folder() const { return state_->folder; }
const Config& Checkpoint::config() const { return state_->config; }
const GenerationConfig& Checkpoint::generation_config() const { return state_->generation_config; }

std::vector<std::string> Checkpoint::names() const {
  std::vector<std::string> names;
  for (const auto& [name, file] : state_->weights.file_of) {
    names.push_back(name);
  }
  return names;
}

bool Checkpoint::has(const std::string& name) const { return state_->weights.file_of.contains(name); }

HostTensor Checkpoint::tensor(const std::string& name, const Shape& expected) const {
  const auto found = state_->weights.file_of.find(name);
  TTX_CHECK_AS(found != state_->weights.file_of.end(), ExitCode::kCheckpoint, "checkpoint",
               "{} has no tensor '{}', expected {}; is its config.json of another model?",
               state_->folder.string(), name, expected.to_string());
  const SafetensorsFile& file = state_->weights.files[found->second];
  const SafetensorsEntry& entry = *file.find(name);
  TTX_CHECK_AS(entry.dtype == "BF16" || entry.dtype == "F16" || entry.dtype == "F32", ExitCode::kCheckpoint,
               "checkpoint",
               "{}: tensor '{}': got dtype {}, expected BF16, F16 or F32; quantised weights are not read",
               file.path().string(), name, entry.dtype);
  TTX_CHECK_AS(shape_text(entry) == expected.to_string(), ExitCode::kCheckpoint, "checkpoint",
               "{}: tensor '{}': got shape {}, expected {} by config.json{}{}", file.path().string(), name,
               shape_text(entry), expected.to_string(), config().defaults_taken.empty() ? "" : " with ",
               config().defaults_taken);
  HostTensor tensor = file.tensor(name);
  const std::lock_guard lock(state_->mutex);
  state_->used.insert(name);
  return tensor;
}

void Checkpoint::release(const HostTensor& tensor) const {
  const auto bytes = tensor.bytes();
  if (bytes.empty()) {
    return;
  }
  const std::less_equal<> not_after;
  for (const auto& file : state_->weights.files) {
    const auto all = file.map().bytes();
    if (not_after(all.data(), bytes.data()) &&
        not_after(bytes.data() + bytes.size(), all.data() + all.size())) {
      file.map().release(bytes);
      return;
    }
  }
  TTX_FAIL("checkpoint", "release: '{}' is not a tensor of {}", tensor.name(), state_->folder.string());
}

std::string Checkpoint::output_embedding_name() const {
  return config().tie_word_embeddings ? kEmbedding : kHead;
}

bool Checkpoint::stored_head_differs() const {
  if (!config().tie_word_embeddings || !has(kHead) || !has(kEmbedding)) {
    return false;
  }
  constexpr std::size_t kBlocks = 64;
  constexpr std::size_t kBlockBytes = 4096;
  const auto bytes_of = [&](const char* name) {
    return state_->weights.files[state_->weights.file_of.at(name)].tensor(name).bytes();
  };
  const auto head = bytes_of(kHead);
  const auto embedding = bytes_of(kEmbedding);
  if (head.size() != embedding.size()) {
    return true;
  }
  for (std::size_t block = 0; block < kBlocks; ++block) {
    const std::size_t length = std::min(kBlockBytes, head.size());
    const std::size_t begin = (head.size() - length) / kBlocks * block;
    if (!std::ranges::equal(head.subspan(begin, length), embedding.subspan(begin, length))) {
      return true;
    }
  }
  return false;
}

std::vector<std::string> Checkpoint::unused() const {
  std::vector<std::string> names;
  const std::lock_guard lock(state_->mutex);
  for (const auto& [name, file] : state_->weights.file_of) {
    const bool left_out =
        (name == kHead && config().tie_word_embeddings) || name.ends_with(".rotary_emb.inv_freq");
    if (!left_out && !state_->used.contains(name)) {
      names.push_back(name);
    }
  }
  return names;
}

void Checkpoint::check_all_used() const {
  constexpr std::size_t kShown = 5;
  const auto names = unused();
  const auto shown = std::min(names.size(), kShown);
  TTX_CHECK_AS(names.empty(), ExitCode::kCheckpoint, "checkpoint",
               "{} holds {} tensors that this model does not use: {}{}; is its config.json of another model?",
               state_->folder.string(), names.size(),
               fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
               shown < names.size() ? ", ..." : "");
}

std::uint64_t Checkpoint::weight_bytes() const {
  std::uint64_t total = 0;
  for (const auto& file : state_->weights.files) {
    for (const auto& entry : file.entries()) {
      total += entry.end - entry.begin;
    }
  }
  return total;
}

std::string Checkpoint::fingerprint() const { return fingerprint_of(state_->folder, state_->weights.files); }

}  // namespace ttx::hf
