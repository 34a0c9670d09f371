// SPDX-License-Identifier: Apache-2.0
//
// ttx-synth: a random checkpoint of a known model, or of a given config, with a tokenizer, in the layout of a
// Hugging Face model folder.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <future>
#include <map>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "launch/command_line.hpp"
#include "launch/failure.hpp"
#include "launch/interruption.hpp"
#include "launch/staged_folder.hpp"
#include "launch/synth_model.hpp"
#include "launch/synth_weights.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/error.hpp"

namespace {

using namespace ttx;
using namespace ttx::launch;

constexpr const char* kName = "ttx-synth";
constexpr std::uint64_t kMostThreads = 1000;

struct Options {
  std::string model;
  std::string config;
  bool tiny = false;
  std::string output;
  std::uint64_t seed = 0;
  std::string shard_size = "5GB";
  std::string dtype;
  std::uint64_t threads = std::clamp<std::uint64_t>(std::thread::hardware_concurrency(), 1, kMostThreads);
  bool overwrite = false;
  bool dry_run = false;
};

void declare(CLI::App& app, Options& options) {
  auto* model = app.add_option("--model", options.model,
                               "Hugging Face id of a model whose shape is known; --help lists them");
  auto* tiny = app.add_flag("--tiny", options.tiny,
                            "The model's structure with few layers and small sizes, some megabytes");
  auto* config = app.add_option("--config", options.config,
                                "config.json of a model of one of these kinds, instead of --model; its sizes "
                                "are those of the checkpoint");
  app.add_option("--output", options.output, "Folder to write; made when it does not exist");
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
  app.add_flag("--dry_run", options.dry_run, "Only say what would be written");
  model->excludes(config);
  tiny->needs(model);
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

SynthModel model_of(const Options& options) {
  TTX_CHECK_AS(options.model.empty() != options.config.empty(), ExitCode::kUsage, "arguments",
               "got neither --model nor --config, expected one; see {} --help", kName);
  TTX_CHECK_AS(!options.output.empty() || options.dry_run, ExitCode::kUsage, "arguments",
               "--output is required; see {} --help", kName);
  SynthModel model = options.model.empty() ? SynthModel::from_config(options.config)
                                           : SynthModel::named(options.model, options.tiny);
  if (!options.dtype.empty()) {
    model.set_dtype(options.dtype);
  }
  return model;
}

void write_model(const Options& options, const SynthModel& model, const std::vector<SynthTensor>& tensors,
                 const SynthWeights& weights) {
  // The small files beside the weights take some 50 bytes per token, and less than the million.
  const std::uint64_t bytes = synth_elements(tensors) * size_of(weights.dtype) +
                              64 * static_cast<std::uint64_t>(model.tokenizer.tokens) + 1'000'000;
  const Interruption interruption;
  StagedFolder folder(options.output, options.overwrite ? Overwrite::kYes : Overwrite::kNo, bytes);
  auto tokenizer_made =
      std::async(std::launch::async, [&model] { return SynthTokenizer::make(model.tokenizer); });
  write_synth_weights(folder.path(), tensors, weights);
  const SynthTokenizer tokenizer = tokenizer_made.get();
  write_file(folder.path() / "tokenizer.json", tokenizer.tokenizer_json);
  write_file(folder.path() / "tokenizer_config.json", tokenizer.tokenizer_config_json);
  write_file(folder.path() / "generation_config.json", model.generation_config.dump(2) + "\n");
  write_file(folder.path() / "config.json", model.config.dump(2) + "\n");
  Interruption::check();
  folder.publish();
}

void run(const Options& options) {
  const std::uint64_t shard_bytes = size_in_bytes(options.shard_size);
  const SynthModel model = model_of(options);
  model.tokenizer.check();
  const auto tensors = synth_tensors(model.sizes, model.tied_head);
  const SynthWeights weights{options.seed, dtype_of(model.sizes.dtype), shard_bytes,
                             static_cast<int>(options.threads)};
  if (!options.dry_run) {
    write_model(options, model, tensors, weights);
  }
  const std::uint64_t elements = synth_elements(tensors);
  const std::size_t files = synth_shards(tensors, weights).size();
  fmt::print("{}{}: {} tensors, {} parameters, {} bytes of {} in {} weight file{}\n",
             options.dry_run ? "Would write" : "Wrote ",
             options.dry_run ? "" : std::filesystem::path(options.output).string(), tensors.size(), elements,
             elements * size_of(weights.dtype), model.sizes.dtype, files, files == 1 ? "" : "s");
  TTX_CHECK(std::fflush(stdout) == 0, "output", "stdout could not be written");
}

std::string description() {
  return fmt::format(
      "A random checkpoint of a known model, or of a config, with a BPE tokenizer of the same number of "
      "tokens, in the form of the model's. Activations and logits have sane sizes; the text it generates "
      "means nothing. "
      "With tie_word_embeddings no lm_head.weight is written, except for Qwen/Qwen3-0.6B, which is published "
      "with one that nothing uses.\nModels: {}",
      fmt::join(SynthModel::names(), ", "));
}

}  // namespace

int main(int argc, char** argv) {
  return local_program(kName, [&] {
    CLI::App app(description(), kName);
    Options options;
    declare(app, options);
    try {
      if (parse(app, argc, argv, Speak::kYes) == Parsed::kRun) {
        run(options);
      }
    } catch (const Interrupted&) {
      fmt::print(stderr, "{}: interrupted, nothing was written\n", kName);
      Interruption::end_process();
      return 1;
    }
    return 0;
  });
}
