// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_tokenizer_parts.hpp"

#include <algorithm>
#include <string_view>

namespace ttx::launch {

namespace {

using Json = nlohmann::ordered_json;
using Form = SynthTokenizerPlan::Form;

// How Qwen's and Llama 3's tokenizers cut a text.
constexpr std::string_view kQwenSplit =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kLlama3Split =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr std::string_view kMark = SynthTokenizerPlan::kMark;

Json byte_level() {
  return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", false}, {"use_regex", false}};
}

Json split(const Json& pattern, const char* behavior) {
  return {{"type", "Split"}, {"pattern", pattern}, {"behavior", behavior}, {"invert", false}};
}

Json normalizer(Form form) {
  Json replace = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", kMark}};
  switch (form) {
    case Form::kQwen:
      return {{"type", "NFC"}};
    case Form::kLlama2:
      return {{"type", "Sequence"},
              {"normalizers", Json::array({Json{{"type", "Prepend"}, {"prepend", kMark}}, replace})}};
    case Form::kGemma:
      return replace;
    case Form::kLlama3:
    case Form::kMistral:
      break;
  }
  return {};
}

Json pre_tokenizer(Form form) {
  switch (form) {
    case Form::kQwen:
    case Form::kLlama3:
      return {{"type", "Sequence"},
              {"pretokenizers",
               Json::array({split({{"Regex", form == Form::kQwen ? kQwenSplit : kLlama3Split}}, "Isolated"),
                            byte_level()})}};
    case Form::kMistral:
      return {{"type", "Metaspace"}, {"replacement", kMark}, {"prepend_scheme", "first"}, {"split", false}};
    case Form::kGemma:
      return split({{"String", " "}}, "MergedWithPrevious");
    case Form::kLlama2:
      break;
  }
  return {};
}

Json decoder(const SynthTokenizerPlan& plan) {
  if (!plan.is_sentencepiece()) {
    return byte_level();
  }
  Json steps = {{{"type", "Replace"}, {"pattern", {{"String", kMark}}}, {"content", " "}},
                {{"type", "ByteFallback"}},
                {{"type", "Fuse"}}};
  if (plan.form != Form::kGemma) {
    steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  }
  return {{"type", "Sequence"}, {"decoders", steps}};
}

Json post_processor(const SynthTokenizerPlan& plan) {
  const auto text = [](const char* name, int type) {
    return Json{{"Sequence", {{"id", name}, {"type_id", type}}}};
  };
  if (!plan.adds_bos) {
    if (!plan.is_sentencepiece()) {
      return byte_level();
    }
    return {{"type", "TemplateProcessing"},
            {"single", Json::array({text("A", 0)})},
            {"pair", Json::array({text("A", 0), text("B", 1)})},
            {"special_tokens", Json::object()}};
  }
  const auto bos = std::find_if(plan.added.begin(), plan.added.end(),
                                [&](const auto& token) { return token.content == plan.bos; });
  const auto special = Json{{"SpecialToken", {{"id", plan.bos}, {"type_id", 0}}}};
  return {{"type", "TemplateProcessing"},
          {"single", {special, text("A", 0)}},
          {"pair", {special, text("A", 0), text("B", 1)}},
          {"special_tokens",
           {{plan.bos,
             {{"id", plan.bos}, {"ids", Json::array({bos->id})}, {"tokens", Json::array({plan.bos})}}}}}};
}

}  // namespace

Json synth_tokenizer_parts(const SynthTokenizerPlan& plan) {
  Json all;
  all["normalizer"] = normalizer(plan.form);
  all["pre_tokenizer"] = pre_tokenizer(plan.form);
  all["post_processor"] = post_processor(plan);
  all["decoder"] = decoder(plan);
  return all;
}

Json synth_model_flags(const SynthTokenizerPlan& plan) {
  const bool bytes = plan.is_sentencepiece();
  return {{"type", "BPE"},
          {"dropout", nullptr},
          {"unk_token", bytes ? Json(SynthTokenizerPlan::kUnk) : Json()},
          {"continuing_subword_prefix", bytes ? Json() : Json("")},
          {"end_of_word_suffix", bytes ? Json() : Json("")},
          {"fuse_unk", bytes},
          {"byte_fallback", bytes},
          {"ignore_merges", plan.form == Form::kLlama3}};
}

Json synth_tokenizer_config(const SynthTokenizerPlan& plan) {
  const auto named = [](const std::string& token) { return token.empty() ? Json() : Json(token); };
  Json config = {{"tokenizer_class", "PreTrainedTokenizerFast"},
                 {"add_prefix_space", false},
                 {"bos_token", named(plan.bos)},
                 {"eos_token", named(plan.eos)},
                 {"pad_token", named(plan.pad)},
                 {"clean_up_tokenization_spaces", false},
                 {"split_special_tokens", false}};
  if (plan.is_sentencepiece()) {
    config["tokenizer_class"] = plan.form == Form::kGemma ? "GemmaTokenizer" : "LlamaTokenizer";
    config["add_prefix_space"] = plan.form != Form::kGemma;
    config["unk_token"] = SynthTokenizerPlan::kUnk;
    config["add_bos_token"] = plan.adds_bos;
    config["add_eos_token"] = false;
  }
  return config;
}

}  // namespace ttx::launch
