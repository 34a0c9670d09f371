// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_tokenizer.hpp"

#include <string_view>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "launch/synth_values.hpp"
#include "models/hf/tokenizer/byte_alphabet.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

/// By frequency in English, so that even a small vocabulary joins common pairs.
constexpr std::string_view kLetters = "etaoinshrdlcumwfgypbvkjxqz";
constexpr std::string_view kEndOfText = "<|endoftext|>";
constexpr std::string_view kImStart = "<|im_start|>";
constexpr std::string_view kImEnd = "<|im_end|>";
constexpr std::size_t kMostLetters = 10;

/// Grows a list of merges. Texts are plain bytes, a leading space included; the file spells them in the byte
/// alphabet.
class Merges {
 public:
  struct Merge {
    std::string left;
    std::string right;
  };

  explicit Merges(std::size_t count) : count_(count) {
    for (const char letter : kLetters) {
      add(" ", std::string(1, letter));
    }
    add_pairs();
    add_random();
  }

  const std::vector<Merge>& list() const { return list_; }

 private:
  bool add(const std::string& left, const std::string& right) {
    if (list_.size() == count_ || !known_.insert(left + right).second) {
      return false;
    }
    list_.push_back({left, right});
    return true;
  }

  /// All pairs of letters, pairs of frequent ones first.
  void add_pairs() {
    for (std::size_t sum = 0; sum < 2 * kLetters.size() - 1; ++sum) {
      for (std::size_t i = 0; i <= sum; ++i) {
        if (i < kLetters.size() && sum - i < kLetters.size()) {
          add(std::string(1, kLetters[i]), std::string(1, kLetters[sum - i]));
        }
      }
    }
  }

  /// Lengthens known pieces by pairs, in an order that depends on nothing but their number.
  void add_random() {
    const std::size_t short_ones = list_.size();
    std::uint64_t counter = 0;
    while (list_.size() < count_) {
      const std::string left = piece(mix(++counter), list_.size());
      const std::string right = piece(mix(++counter), short_ones);
      if (right.front() != ' ' && left.size() + right.size() <= kMostLetters) {
        add(left, right);
      }
    }
  }

  std::string piece(std::uint64_t random, std::size_t among) const {
    const auto& merge = list_[random % among];
    return merge.left + merge.right;
  }

  std::size_t count_;
  std::vector<Merge> list_;
  std::unordered_set<std::string> known_;
};

std::string spelled(std::string_view bytes) { return nlohmann::json(hf::bytes_to_alphabet(bytes)).dump(); }

std::string added_tokens(std::int64_t first_id) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const std::string_view token : {kEndOfText, kImStart, kImEnd}) {
    list.push_back({{"id", first_id++},
                    {"content", token},
                    {"single_word", false},
                    {"lstrip", false},
                    {"rstrip", false},
                    {"normalized", false},
                    {"special", true}});
  }
  return list.dump();
}

/// Everything but the model: the parts and their settings are those of the Qwen tokenizers.
nlohmann::ordered_json parts() {
  return nlohmann::ordered_json::parse(R"json({
    "normalizer": {"type": "NFC"},
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
      {"type": "Split", "pattern": {"Regex":
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
        "behavior": "Isolated", "invert": false},
      {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false}]},
    "post_processor": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false},
    "decoder": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false}})json");
}

/// The two long lists are written line by line: a JSON library would look every key up again.
std::string file_text(const Merges& merges, std::int64_t first_special) {
  std::string vocab;
  std::int64_t id = 0;
  for (; id < SynthTokenizer::kBytes; ++id) {
    const char byte = static_cast<char>(id);
    vocab += fmt::format("{}    {}: {}", id == 0 ? "" : ",\n", spelled({&byte, 1}), id);
  }
  std::string pairs;
  for (const auto& merge : merges.list()) {
    vocab += fmt::format(",\n    {}: {}", spelled(merge.left + merge.right), id++);
    pairs +=
        fmt::format("{}    [{}, {}]", pairs.empty() ? "" : ",\n", spelled(merge.left), spelled(merge.right));
  }
  std::string text = fmt::format(
      "{{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n"
      "  \"added_tokens\": {},\n",
      added_tokens(first_special));
  const auto all_parts = parts();
  for (const auto& [name, part] : all_parts.items()) {
    text += fmt::format("  \"{}\": {},\n", name, part.dump());
  }
  return text +
         fmt::format(
             "  \"model\": {{\n  \"type\": \"BPE\", \"dropout\": null, \"unk_token\": null,\n"
             "  \"continuing_subword_prefix\": \"\", \"end_of_word_suffix\": \"\", \"fuse_unk\": false,\n"
             "  \"byte_fallback\": false, \"ignore_merges\": false,\n"
             "  \"vocab\": {{\n{}\n  }},\n  \"merges\": [\n{}\n  ]\n  }}\n}}\n",
             vocab, pairs);
}

std::string config_text() {
  const nlohmann::ordered_json config = {{"tokenizer_class", "PreTrainedTokenizerFast"},
                                         {"add_prefix_space", false},
                                         {"bos_token", nullptr},
                                         {"eos_token", kImEnd},
                                         {"pad_token", kEndOfText},
                                         {"clean_up_tokenization_spaces", false},
                                         {"split_special_tokens", false}};
  return config.dump(2) + "\n";
}

}  // namespace

SynthTokenizer SynthTokenizer::make(std::int64_t vocab_size) {
  TTX_CHECK_AS(vocab_size >= kLeastVocab, ExitCode::kCheckpoint, "synth",
               "vocab_size: got {}, expected at least {}: {} bytes and {} special tokens", vocab_size,
               kLeastVocab, kBytes, kSpecials);
  SynthTokenizer tokenizer;
  tokenizer.end_of_text = vocab_size - kSpecials;
  tokenizer.im_end = vocab_size - 1;
  const Merges merges(static_cast<std::size_t>(vocab_size - kLeastVocab));
  tokenizer.tokenizer_json = file_text(merges, tokenizer.end_of_text);
  tokenizer.tokenizer_config_json = config_text();
  return tokenizer;
}

}  // namespace ttx::launch
