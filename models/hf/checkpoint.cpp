// SPDX-License-Identifier: Apache-2.0
#include "models/hf/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <mutex>
#include <set>
#include <string_view>
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

constexpr std::string_view kPlainPrefix = "model.";
/// Where published files (the first) and files of transformers 5 (the second) keep a language model.
constexpr std::array<std::string_view, 2> kMultimodalPrefixes = {"language_model.model.",
                                                                 "model.language_model."};
constexpr std::array<std::string_view, 4> kVisionPrefixes = {
    "vision_tower.", "multi_modal_projector.", "model.vision_tower.", "model.multi_modal_projector."};

bool is_of_vision(const std::string& name) {
  return std::ranges::any_of(kVisionPrefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); });
}

std::string shape_text(const SafetensorsEntry& entry) {
  return fmt::format("[{}]", fmt::join(entry.shape, ", "));
}

}  // namespace

struct Checkpoint::State {
  fs::path folder;
  Config config;
  YarnFactor yarn_factor = YarnFactor::kFile;
  GenerationConfig generation_config;
  WeightFiles weights;
  std::string text_prefix{kPlainPrefix};  ///< of the language model's tensors
  std::mutex mutex;                       ///< of `used`
  std::set<std::string> used;
};

Checkpoint::Checkpoint(std::shared_ptr<State> state) : state_(std::move(state)) {}

Checkpoint Checkpoint::open(const fs::path& folder, YarnFactor yarn_factor) {
  std::error_code ignored;
  TTX_CHECK_AS(fs::is_directory(folder, ignored), ExitCode::kCheckpoint, "checkpoint",
               "there is no folder {}", folder.string());
  auto state = std::make_shared<State>();
  state->folder = folder;
  state->config = Config::read(folder / "config.json");
  state->config.choose(yarn_factor);
  state->yarn_factor = yarn_factor;
  state->generation_config = GenerationConfig::read(folder);
  state->weights = WeightFiles::open(folder);
  for (const std::string_view prefix : kMultimodalPrefixes) {
    if (state->config.multimodal &&
        state->weights.file_of.contains(fmt::format("{}embed_tokens.weight", prefix))) {
      state->text_prefix = prefix;
    }
  }
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

std::string Checkpoint::resolve(const std::string& name) const {
  if (state_->text_prefix == kPlainPrefix || state_->weights.file_of.contains(name)) {
    return name;
  }
  if (name == kHead) {
    return fmt::format("language_model.{}", kHead);
  }
  return name.starts_with(kPlainPrefix) ? state_->text_prefix + name.substr(kPlainPrefix.size()) : name;
}

bool Checkpoint::has(const std::string& name) const {
  return state_->weights.file_of.contains(resolve(name));
}

HostTensor Checkpoint::tensor(const std::string& name, const Shape& expected) const {
  const std::string stored = resolve(name);
  const auto found = state_->weights.file_of.find(stored);
  TTX_CHECK_AS(found != state_->weights.file_of.end(), ExitCode::kCheckpoint, "checkpoint",
               "{} has no tensor '{}', expected {}; is its config.json of another model?",
               state_->folder.string(), stored, expected.to_string());
  const SafetensorsFile& file = state_->weights.files[found->second];
  const SafetensorsEntry& entry = *file.find(stored);
  TTX_CHECK_AS(entry.dtype == "BF16" || entry.dtype == "F16" || entry.dtype == "F32", ExitCode::kCheckpoint,
               "checkpoint",
               "{}: tensor '{}': got dtype {}, expected BF16, F16 or F32; quantised weights are not read",
               file.path().string(), stored, entry.dtype);
  TTX_CHECK_AS(shape_text(entry) == expected.to_string(), ExitCode::kCheckpoint, "checkpoint",
               "{}: tensor '{}': got shape {}, expected {} by config.json{}{}", file.path().string(), stored,
               shape_text(entry), expected.to_string(), config().defaults_taken.empty() ? "" : " with ",
               config().defaults_taken);
  HostTensor tensor = file.tensor(stored);
  const std::lock_guard lock(state_->mutex);
  state_->used.insert(stored);
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

std::string Checkpoint::embedding_name() const { return kEmbedding; }

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
    const std::string stored = resolve(name);
    return state_->weights.files[state_->weights.file_of.at(stored)].tensor(stored).bytes();
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
  const std::string head = resolve(kHead);
  const std::lock_guard lock(state_->mutex);
  for (const auto& [name, file] : state_->weights.file_of) {
    const bool is_vision = config().multimodal && is_of_vision(name);
    const bool left_out =
        (name == head && config().tie_word_embeddings) || name.ends_with(".rotary_emb.inv_freq") || is_vision;
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

std::string Checkpoint::fingerprint() const {
  const bool by_lengths = state_->yarn_factor == YarnFactor::kLengthRatio;
  return fingerprint_of(state_->folder, state_->weights.files) +
         (by_lengths ? "-yarn-factor-by-length-ratio" : "");
}

}  // namespace ttx::hf
