// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_tokenizer.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "launch/synth_merges.hpp"
#include "models/hf/tokenizer/byte_alphabet.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

std::string spelled(std::string_view bytes) { return nlohmann::json(hf::bytes_to_alphabet(bytes)).dump(); }

std::string added_tokens(const SynthTokenizerPlan& plan) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& token : plan.added) {
    list.push_back({{"id", token.id},
                    {"content", token.content},
                    {"single_word", false},
                    {"lstrip", false},
                    {"rstrip", false},
                    {"normalized", false},
                    {"special", token.special}});
  }
  return list.dump();
}

// How Qwen's and Llama 3's tokenizers cut a text.
constexpr std::string_view kQwenSplit =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kLlama3Split =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

nlohmann::ordered_json byte_level() {
  return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", false}, {"use_regex", false}};
}

nlohmann::ordered_json post_processor(const SynthTokenizerPlan& plan) {
  if (!plan.adds_bos) {
    return byte_level();
  }
  const auto bos = std::find_if(plan.added.begin(), plan.added.end(),
                                [&](const auto& token) { return token.content == plan.bos; });
  const auto special = nlohmann::ordered_json{{"SpecialToken", {{"id", plan.bos}, {"type_id", 0}}}};
  const auto text = [](const char* name, int type) {
    return nlohmann::ordered_json{{"Sequence", {{"id", name}, {"type_id", type}}}};
  };
  return {{"type", "TemplateProcessing"},
          {"single", {special, text("A", 0)}},
          {"pair", {special, text("A", 0), text("B", 1)}},
          {"special_tokens",
           {{plan.bos,
             {{"id", plan.bos},
              {"ids", nlohmann::ordered_json::array({bos->id})},
              {"tokens", nlohmann::ordered_json::array({plan.bos})}}}}}};
}

/// Everything but the model.
nlohmann::ordered_json parts(const SynthTokenizerPlan& plan) {
  const bool qwen = plan.form == SynthTokenizerPlan::Form::kQwen;
  nlohmann::ordered_json all;
  all["normalizer"] = qwen ? nlohmann::ordered_json{{"type", "NFC"}} : nlohmann::ordered_json();
  all["pre_tokenizer"] = {{"type", "Sequence"},
                          {"pretokenizers", nlohmann::ordered_json::array(
                                                {{{"type", "Split"},
                                                  {"pattern", {{"Regex", qwen ? kQwenSplit : kLlama3Split}}},
                                                  {"behavior", "Isolated"},
                                                  {"invert", false}},
                                                 byte_level()})}};
  all["post_processor"] = post_processor(plan);
  all["decoder"] = byte_level();
  return all;
}

/// The ids from here on are those of added tokens alone.
std::int64_t added_tail(const SynthTokenizerPlan& plan) {
  std::int64_t begin = plan.tokens;
  for (auto token = plan.added.rbegin(); token != plan.added.rend() && token->id == begin - 1; ++token) {
    begin = token->id;
  }
  return begin;
}

/// The two long lists are written line by line: a JSON library would look every key up again. Ids that no
/// added token has are bytes, then merges. Added tokens among them stand in the vocabulary too: readers count
/// on from its end for the others.
std::string file_text(const std::vector<SynthMerge>& merges, const SynthTokenizerPlan& plan) {
  std::string vocab;
  std::string pairs;
  auto added = plan.added.begin();
  const std::int64_t end = added_tail(plan);
  for (std::int64_t id = 0, plain = 0; id < end; ++id) {
    std::string token;
    if (added != plan.added.end() && added->id == id) {
      token = nlohmann::json(added->content).dump();
      ++added;
    } else if (plain < SynthTokenizerPlan::kBytes) {
      token = spelled(std::string(1, static_cast<char>(plain++)));
    } else {
      const auto& merge = merges[static_cast<std::size_t>(plain++ - SynthTokenizerPlan::kBytes)];
      token = spelled(merge.left + merge.right);
      pairs += fmt::format("{}    [{}, {}]", pairs.empty() ? "" : ",\n", spelled(merge.left),
                           spelled(merge.right));
    }
    vocab += fmt::format("{}    {}: {}", id == 0 ? "" : ",\n", token, id);
  }
  std::string text = fmt::format(
      "{{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n"
      "  \"added_tokens\": {},\n",
      added_tokens(plan));
  const auto all_parts = parts(plan);
  for (const auto& [name, part] : all_parts.items()) {
    text += fmt::format("  \"{}\": {},\n", name, part.dump());
  }
  return text +
         fmt::format(
             "  \"model\": {{\n  \"type\": \"BPE\", \"dropout\": null, \"unk_token\": null,\n"
             "  \"continuing_subword_prefix\": \"\", \"end_of_word_suffix\": \"\", \"fuse_unk\": false,\n"
             "  \"byte_fallback\": false, \"ignore_merges\": {},\n"
             "  \"vocab\": {{\n{}\n  }},\n  \"merges\": [\n{}\n  ]\n  }}\n}}\n",
             plan.form == SynthTokenizerPlan::Form::kLlama3, vocab, pairs);
}

std::string config_text(const SynthTokenizerPlan& plan) {
  const auto named = [](const std::string& token) {
    return token.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(token);
  };
  const nlohmann::ordered_json config = {{"tokenizer_class", "PreTrainedTokenizerFast"},
                                         {"add_prefix_space", false},
                                         {"bos_token", named(plan.bos)},
                                         {"eos_token", named(plan.eos)},
                                         {"pad_token", named(plan.pad)},
                                         {"clean_up_tokenization_spaces", false},
                                         {"split_special_tokens", false}};
  return config.dump(2) + "\n";
}

}  // namespace

SynthTokenizerPlan SynthTokenizerPlan::of_size(std::int64_t vocab_size) {
  SynthTokenizerPlan plan;
  plan.tokens = vocab_size;
  plan.added = {{vocab_size - 3, "<|endoftext|>", true},
                {vocab_size - 2, "<|im_start|>", true},
                {vocab_size - 1, "<|im_end|>", true}};
  plan.eos = "<|im_end|>";
  plan.pad = "<|endoftext|>";
  return plan;
}

void SynthTokenizerPlan::check() const {
  const auto count = static_cast<std::int64_t>(added.size());
  TTX_CHECK_AS(tokens >= kBytes + count, ExitCode::kCheckpoint, "synth",
               "vocab_size: got {}, expected at least {}: {} bytes and {} special tokens", tokens,
               kBytes + count, kBytes, count);
  std::unordered_set<std::string> contents;
  std::int64_t before = -1;
  for (const auto& token : added) {
    TTX_CHECK_AS(token.id > before && token.id < tokens && contents.insert(token.content).second,
                 ExitCode::kCheckpoint, "synth",
                 "added token '{}': got id {}, expected one between {} and {}, and a text of its own",
                 token.content, token.id, before, tokens);
    before = token.id;
  }
  for (const std::string& name : {bos, eos, pad}) {
    TTX_CHECK_AS(name.empty() || contents.contains(name), ExitCode::kCheckpoint, "synth",
                 "'{}' is not among the added tokens", name);
  }
  TTX_CHECK_AS(!adds_bos || !bos.empty(), ExitCode::kCheckpoint, "synth",
               "the tokenizer adds a bos, but names none");
}

SynthTokenizer SynthTokenizer::make(const SynthTokenizerPlan& plan) {
  plan.check();
  const auto count = plan.tokens - SynthTokenizerPlan::kBytes - static_cast<std::int64_t>(plan.added.size());
  const auto merges = synth_merges(static_cast<std::size_t>(count));
  return {file_text(merges, plan), config_text(plan)};
}

}  // namespace ttx::launch
