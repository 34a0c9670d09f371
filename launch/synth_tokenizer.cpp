// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_tokenizer.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "launch/synth_merges.hpp"
#include "launch/synth_tokenizer_parts.hpp"
#include "models/hf/tokenizer/byte_alphabet.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

std::string added_tokens(const SynthTokenizerPlan& plan) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& token : plan.added) {
    list.push_back({{"id", token.id},
                    {"content", token.content},
                    {"single_word", false},
                    {"lstrip", false},
                    {"rstrip", token.rstrip},
                    {"normalized", false},
                    {"special", token.special}});
  }
  return list.dump();
}

/// A text of plain bytes as a token: in the byte alphabet, or with a mark for the space.
std::string spelled(std::string_view bytes, const SynthTokenizerPlan& plan) {
  if (!plan.is_sentencepiece()) {
    return nlohmann::json(hf::bytes_to_alphabet(bytes)).dump();
  }
  std::string token;
  for (const char byte : bytes) {
    token += byte == ' ' ? std::string(SynthTokenizerPlan::kMark) : std::string(1, byte);
  }
  return nlohmann::json(token).dump();
}

/// The base token number `index`: a byte, then the space and the letters.
std::string base_token(std::int64_t index, const SynthTokenizerPlan& plan) {
  if (index >= SynthTokenizerPlan::kBytes) {
    const auto letter = index - SynthTokenizerPlan::kBytes;
    return spelled(letter == 0 ? std::string(" ") : std::string(1, static_cast<char>('a' + letter - 1)),
                   plan);
  }
  return plan.is_sentencepiece() ? fmt::format("\"<0x{:02X}>\"", index)
                                 : spelled(std::string(1, static_cast<char>(index)), plan);
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
/// added token has are base tokens, then merges. Added tokens among them stand in the vocabulary too: readers
/// count on from its end for the others.
std::string file_text(const std::vector<SynthMerge>& merges, const SynthTokenizerPlan& plan) {
  std::string vocab;
  std::string pairs;
  auto added = plan.added.begin();
  const std::int64_t base = plan.base_tokens();
  const std::int64_t end = added_tail(plan);
  for (std::int64_t id = 0, plain = 0; id < end; ++id) {
    std::string token;
    if (added != plan.added.end() && added->id == id) {
      token = nlohmann::json(added->content).dump();
      ++added;
    } else if (plain < base) {
      token = base_token(plain++, plan);
    } else {
      const auto& merge = merges[static_cast<std::size_t>(plain++ - base)];
      token = spelled(merge.left + merge.right, plan);
      pairs += fmt::format("{}    [{}, {}]", pairs.empty() ? "" : ",\n", spelled(merge.left, plan),
                           spelled(merge.right, plan));
    }
    vocab += fmt::format("{}    {}: {}", id == 0 ? "" : ",\n", token, id);
  }
  std::string text = fmt::format(
      "{{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n"
      "  \"added_tokens\": {},\n",
      added_tokens(plan));
  const auto all_parts = synth_tokenizer_parts(plan);
  for (const auto& [name, part] : all_parts.items()) {
    text += fmt::format("  \"{}\": {},\n", name, part.dump());
  }
  std::string flags = synth_model_flags(plan).dump();
  flags.pop_back();  // the closing brace
  return text +
         fmt::format("  \"model\": {},\n  \"vocab\": {{\n{}\n  }},\n  \"merges\": [\n{}\n  ]\n  }}\n}}\n",
                     flags, vocab, pairs);
}

}  // namespace

std::int64_t SynthTokenizerPlan::base_tokens() const { return is_sentencepiece() ? kBytes + 27 : kBytes; }

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
  TTX_CHECK_AS(tokens >= base_tokens() + count, ExitCode::kCheckpoint, "synth",
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
  TTX_CHECK_AS(!is_sentencepiece() || contents.contains(kUnk), ExitCode::kCheckpoint, "synth",
               "'{}' is not among the added tokens, and this form needs it", kUnk);
  TTX_CHECK_AS(!adds_bos || !bos.empty(), ExitCode::kCheckpoint, "synth",
               "the tokenizer adds a bos, but names none");
}

SynthTokenizer SynthTokenizer::make(const SynthTokenizerPlan& plan) {
  plan.check();
  const auto count = plan.tokens - plan.base_tokens() - static_cast<std::int64_t>(plan.added.size());
  const auto merges = synth_merges(static_cast<std::size_t>(count));
  return {file_text(merges, plan), synth_tokenizer_config(plan).dump(2) + "\n"};
}

}  // namespace ttx::launch
