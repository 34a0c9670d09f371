// SPDX-License-Identifier: Apache-2.0
//
// ttx-synth: a random checkpoint of a given Qwen3 config, with a tokenizer, in the layout of a Hugging Face
// model folder.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "launch/command_line.hpp"
#include "launch/synth_tensors.hpp"
#include "launch/synth_tokenizer.hpp"
#include "launch/synth_weights.hpp"
#include "models/hf/config.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/error.hpp"
#include "runtime/file_map.hpp"

namespace {

using namespace ttx;
using namespace ttx::launch;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kName = "ttx-synth";
constexpr std::uint64_t kMostThreads = 1024;

struct Options {
  std::string config;
  std::string output;
  std::uint64_t seed = 0;
  std::string shard_size = "5GB";
  std::string dtype;
  std::uint64_t threads = std::max(1U, std::thread::hardware_concurrency());
  bool overwrite = false;
};

void declare(CLI::App& app, Options& options) {
  app.add_option("--config", options.config,
                 "config.json of a Qwen3 model; its sizes are those of the checkpoint")
      ->required();
  app.add_option("--output", options.output, "Folder to write; made when it does not exist")->required();
  app.add_option("--seed", options.seed, "Same seed, same bytes, on any number of threads")
      ->capture_default_str();
  app.add_option("--shard_size", options.shard_size,
                 "Most tensor bytes per file: 500000000, 500MB, 2GB, 512MiB")
      ->capture_default_str();
  app.add_option("--dtype", options.dtype, "Type of the weights [the config's, else bfloat16]")
      ->check(CLI::IsMember({"bfloat16", "float16", "float32"}));
  app.add_option("--threads", options.threads, "Threads that make the numbers")
      ->check(CLI::Range(std::uint64_t{1}, kMostThreads))
      ->capture_default_str();
  app.add_flag("--overwrite", options.overwrite,
               "Write into a folder that is not empty; replaces its weights");
}

/// "500MB" in bytes. Units as in huggingface's shard sizes: KB, MB, GB are powers of 1000, KiB, MiB, GiB of
/// 1024.
std::uint64_t size_in_bytes(const std::string& text) {
  static const std::map<std::string, std::uint64_t> kUnits = {
      {"", 1},          {"B", 1},         {"KB", 1000},    {"MB", 1'000'000}, {"GB", 1'000'000'000},
      {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = kUnits.find(std::string(end, text.data() + text.size()));
  std::uint64_t bytes = 0;
  const bool good = error == std::errc() && unit != kUnits.end() && number > 0 &&
                    !__builtin_mul_overflow(number, unit->second, &bytes);
  TTX_CHECK_AS(good, ExitCode::kUsage, "arguments",
               "--shard_size: got '{}', expected bytes above 0 like 500000000, 500MB or 2GiB; see {} --help",
               text, kName);
  return bytes;
}

DataType dtype_of(const std::string& name) {
  return name == "float32" ? DataType::FLOAT32 : name == "float16" ? DataType::FLOAT16 : DataType::BFLOAT16;
}

/// The config with the tokenizer's special tokens and the type of the weights; all else as it was.
Json normalized(Json config, const std::string& dtype, const SynthTokenizer& tokenizer) {
  config["architectures"] = Json::array({"Qwen3ForCausalLM"});
  config["bos_token_id"] = tokenizer.end_of_text;
  config["eos_token_id"] = tokenizer.im_end;
  if (config.contains("pad_token_id")) {
    config["pad_token_id"] = tokenizer.end_of_text;
  }
  config[config.contains("dtype") ? "dtype" : "torch_dtype"] = dtype;
  if (config.contains("torch_dtype")) {
    config["torch_dtype"] = dtype;
  }
  return config;
}

Json generation_config(const SynthTokenizer& tokenizer) {
  return {{"bos_token_id", tokenizer.end_of_text},
          {"do_sample", false},
          {"eos_token_id", {tokenizer.im_end, tokenizer.end_of_text}},
          {"pad_token_id", tokenizer.end_of_text}};
}

bool is_weight_file(const std::string& name) {
  return name == "model.safetensors" || name == "model.safetensors.index.json" ||
         (name.starts_with("model-") && name.ends_with(".safetensors"));
}

/// Old weights must not stay beside new ones: a left-over model.safetensors would hide the shards.
/// config.json goes first and comes last, so a folder that was left half-written opens nowhere.
void clear_old(const fs::path& folder) {
  fs::remove(folder / "config.json");
  std::vector<fs::path> old;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (is_weight_file(file.path().filename().string())) {
      old.push_back(file.path());
    }
  }
  for (const auto& file : old) {
    fs::remove(file);
  }
}

void prepare(const fs::path& folder, bool overwrite, std::uint64_t bytes) {
  std::error_code error;
  TTX_CHECK(!fs::exists(folder, error) || fs::is_directory(folder, error), "synth",
            "--output: {} is not a folder", folder.string());
  fs::create_directories(folder, error);
  TTX_CHECK(fs::is_directory(folder, error), "synth", "--output: cannot make {}: {}", folder.string(),
            error.message());
  const bool empty = fs::is_empty(folder, error);
  TTX_CHECK(empty || overwrite, "synth",
            "--output: {} is not empty; choose another folder or pass --overwrite", folder.string());
  if (!empty) {
    clear_old(folder);
  }
  const auto space = fs::space(folder, error);
  TTX_CHECK(error || space.available >= bytes, "synth",
            "--output: {} has {} bytes free, expected at least {}", folder.string(), space.available, bytes);
}

/// The attention ops of a device take no others, so no program could run the checkpoint.
void check_head_dim(const hf::Config& config, const std::string& file) {
  constexpr std::int64_t kStep = 32;
  constexpr std::int64_t kMost = 256;
  TTX_CHECK_AS(config.head_dim % kStep == 0 && config.head_dim <= kMost, ExitCode::kCheckpoint, "synth",
               "{}: head_dim: got {}, expected a multiple of {} up to {}", file, config.head_dim, kStep,
               kMost);
}

void run(const Options& options) {
  const std::uint64_t shard_bytes = size_in_bytes(options.shard_size);
  const std::string text(FileMap::open(options.config)->text());
  const hf::Config config = hf::Config::parse(text, options.config);
  check_head_dim(config, options.config);
  const auto tokenizer = SynthTokenizer::make(config.vocab_size);
  const bool known = config.dtype == "bfloat16" || config.dtype == "float16" || config.dtype == "float32";
  const std::string dtype = !options.dtype.empty() ? options.dtype : known ? config.dtype : "bfloat16";
  const auto tensors = synth_tensors(config);
  const std::uint64_t bytes = synth_bytes(tensors, dtype_of(dtype));

  const fs::path folder = options.output;
  prepare(folder, options.overwrite, bytes);
  const std::size_t files = write_synth_weights(
      folder, tensors, {options.seed, dtype_of(dtype), shard_bytes, static_cast<int>(options.threads)});
  write_file(folder / "tokenizer.json", tokenizer.tokenizer_json);
  write_file(folder / "tokenizer_config.json", tokenizer.tokenizer_config_json);
  write_file(folder / "generation_config.json", generation_config(tokenizer).dump(2) + "\n");
  write_file(folder / "config.json", normalized(Json::parse(text), dtype, tokenizer).dump(2) + "\n");
  fmt::print("Wrote {}: {} tensors, {} bytes of {} in {} weight file{}\n", folder.string(), tensors.size(),
             bytes, dtype, files, files == 1 ? "" : "s");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CLI::App app(
        "A random checkpoint of a Qwen3 config, with a byte-level BPE tokenizer of the same vocabulary. "
        "Activations and "
        "logits have sane sizes; the text it generates means nothing. With tie_word_embeddings no "
        "lm_head.weight is "
        "written, although the published Qwen3-0.6B stores one that nothing uses.",
        kName);
    Options options;
    declare(app, options);
    if (parse(app, argc, argv, Speak::kYes) == Parsed::kRun) {
      run(options);
    }
    return 0;
  } catch (const Error& error) {
    fmt::print(stderr, "{}: error: {}\n", kName, error.what());
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: error: {}\n", kName, error.what());
    return 1;
  }
}
