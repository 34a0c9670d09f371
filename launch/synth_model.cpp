// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_model.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "launch/shipped_files.hpp"
#include "runtime/error.hpp"
#include "runtime/file_map.hpp"
#include "runtime/strict_json.hpp"

namespace ttx::launch {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// The library's own exceptions (a missing key, another type) name neither the file nor a way out.
template <class Read>
auto from_description(const fs::path& file, Read read) {
  try {
    return read();
  } catch (const nlohmann::json::exception& error) {
    TTX_FAIL_AS(ExitCode::kCheckpoint, "synth", "{} is no description of a model: {}; install ttx again",
                file.string(), error.what());
  }
}

Json read_description(const fs::path& file) {
  const std::string text(FileMap::open(file)->text());
  parse_strict_json(text, "synth", file.string());
  return Json::parse(text);
}

/// Model id to the file that describes it.
std::map<std::string, fs::path> descriptions() {
  std::map<std::string, fs::path> found;
  for (const auto& entry : fs::directory_iterator(shipped_folder("synth_models"))) {
    if (entry.path().extension() == ".json") {
      const Json description = read_description(entry.path());
      found.emplace(
          from_description(entry.path(), [&] { return description.at("model").get<std::string>(); }),
          entry.path());
    }
  }
  return found;
}

std::vector<std::string> texts_of(const Json& entry) {
  const Json& content = entry.at("content");
  if (content.is_array()) {
    return content.get<std::vector<std::string>>();
  }
  const auto pattern = content.get<std::string>();
  const std::size_t hole = pattern.find("{}");
  const auto first = entry.at("from").get<std::int64_t>();
  const auto count = entry.at("count").get<std::int64_t>();
  std::vector<std::string> texts;
  for (std::int64_t i = 0; i < count; ++i) {
    texts.push_back(pattern);
    if (hole != std::string::npos) {
      texts.back().replace(hole, 2, std::to_string(first + i));
    }
  }
  return texts;
}

SynthTokenizerPlan read_tokenizer(const Json& json) {
  SynthTokenizerPlan plan;
  const std::map<std::string, SynthTokenizerPlan::Form> forms = {
      {"qwen", SynthTokenizerPlan::Form::kQwen},
      {"llama3", SynthTokenizerPlan::Form::kLlama3},
      {"mistral", SynthTokenizerPlan::Form::kMistral},
      {"llama2", SynthTokenizerPlan::Form::kLlama2},
      {"gemma", SynthTokenizerPlan::Form::kGemma}};
  const auto form = forms.find(json.at("form").get<std::string>());
  TTX_CHECK_AS(form != forms.end(), ExitCode::kCheckpoint, "synth",
               "tokenizer.form: got {}, expected qwen, llama3, mistral, llama2 or gemma",
               json.at("form").dump());
  plan.form = form->second;
  plan.tokens = json.at("tokens").get<std::int64_t>();
  for (const Json& entry : json.at("added")) {
    auto id = entry.at("id").get<std::int64_t>();
    id += id < 0 ? plan.tokens : 0;
    for (auto& text : texts_of(entry)) {
      plan.added.push_back(
          {id++, std::move(text), entry.value("special", true), entry.value("rstrip", false)});
    }
  }
  plan.bos = json.value("bos", "");
  plan.eos = json.value("eos", "");
  plan.pad = json.value("pad", "");
  plan.adds_bos = json.value("adds_bos", false);
  return plan;
}

/// As transformers makes it of a model that has none.
Json generation_of(const Json& config) {
  Json generation = {{"_from_model_config", true}};
  for (const char* key : {"bos_token_id", "eos_token_id", "pad_token_id"}) {
    if (config.contains(key)) {
      generation[key] = config[key];
    }
  }
  return generation;
}

SynthModel read_model(Json json, const std::string& file, bool tiny) {
  if (tiny) {
    const Json patch = json.at("tiny");
    json.merge_patch(patch);
  }
  SynthModel model;
  model.config = json.at("config");
  model.generation_config =
      json.contains("generation_config") ? json.at("generation_config") : generation_of(model.config);
  model.sizes = SynthSizes::read(model.config.dump(), file);
  model.tokenizer = read_tokenizer(json.at("tokenizer"));
  model.tied_head = json.value("stored_head", false) ? TiedHead::kStored : TiedHead::kLeftOut;
  TTX_CHECK_AS(model.tokenizer.tokens <= model.sizes.vocab, ExitCode::kCheckpoint, "synth",
               "{}: got {} tokens, expected at most vocab_size, {}", file, model.tokenizer.tokens,
               model.sizes.vocab);
  return model;
}

}  // namespace

std::vector<std::string> SynthModel::names() {
  std::vector<std::string> names;
  for (const auto& [name, file] : descriptions()) {
    names.push_back(name);
  }
  return names;
}

SynthModel SynthModel::named(const std::string& id, bool tiny) {
  const auto all = descriptions();
  const auto found = all.find(id);
  TTX_CHECK_AS(found != all.end(), ExitCode::kUsage, "arguments",
               "--model: got '{}', expected one of {}; --config takes any config.json of their kinds", id,
               fmt::join(names(), ", "));
  const fs::path& file = found->second;
  return from_description(file, [&] { return read_model(read_description(file), file.string(), tiny); });
}

SynthModel SynthModel::from_config(const std::string& file) {
  const std::string text(FileMap::open(file)->text());
  SynthModel model;
  model.sizes = SynthSizes::read(text, file);
  model.tokenizer = SynthTokenizerPlan::of_size(model.sizes.vocab);
  const std::int64_t end_of_text = model.sizes.vocab - 3;
  const std::int64_t im_end = model.sizes.vocab - 1;
  model.config = Json::parse(text);
  const SynthFamily& family = *model.sizes.family;
  model.config["architectures"] = Json::array(
      {std::string(model.sizes.multimodal ? family.multimodal_architecture : family.architecture)});
  model.config["bos_token_id"] = end_of_text;
  model.config["eos_token_id"] = im_end;
  if (model.config.contains("pad_token_id")) {
    model.config["pad_token_id"] = end_of_text;
  }
  model.set_dtype(model.sizes.dtype);
  model.generation_config = {{"bos_token_id", end_of_text},
                             {"do_sample", false},
                             {"eos_token_id", {im_end, end_of_text}},
                             {"pad_token_id", end_of_text}};
  return model;
}

void SynthModel::set_dtype(const std::string& dtype) {
  sizes.dtype = dtype;
  if (config.contains("dtype")) {
    config["dtype"] = dtype;
  }
  if (config.contains("torch_dtype") || !config.contains("dtype")) {
    config["torch_dtype"] = dtype;
  }
}

}  // namespace ttx::launch
