// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/bpe_file.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "runtime/error.hpp"

namespace ttx::hf {
namespace {

constexpr std::string_view kVersionLine = "#version";

/// Reads one list of merges; knows where it stands for its messages.
class MergeReader {
 public:
  MergeReader(const JsonNode& merges, const Vocabulary& vocabulary)
      : merges_(merges), vocabulary_(vocabulary), table_(merges.value().size()) {}

  void add(const nlohmann::json& entry, std::size_t index) {
    index_ = index;
    if (entry.is_string()) {
      const auto& line = entry.get_ref<const std::string&>();
      if (!line.starts_with(kVersionLine)) {
        add_line(line);
      }
      return;
    }
    const bool is_pair =
        entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string();
    if (!is_pair) {
      refuse("something else");
    }
    add_pair(entry[0].get_ref<const std::string&>(), entry[1].get_ref<const std::string&>());
  }

  MergeTable release() { return std::move(table_); }

 private:
  void add_line(const std::string& line) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos || line.find(' ', space + 1) != std::string::npos) {
      refuse(fmt::format("\"{}\"", line));
    }
    add_pair(line.substr(0, space), line.substr(space + 1));
  }

  void add_pair(const std::string& left, const std::string& right) {
    const std::int32_t left_id = id(left);
    const std::int32_t right_id = id(right);
    table_.set(left_id, right_id, {rank_++, id(left + right)});
  }

  std::int32_t id(const std::string& token) const {
    const auto found = vocabulary_.id(token);
    TTX_CHECK_AS(found, ExitCode::kCheckpoint, "tokenizer",
                 "entry {} of {} needs token \"{}\": got none in the vocabulary, expected it; vocabulary and "
                 "merges are "
                 "not of one file",
                 index_, merges_.place(), token);
    return *found;
  }

  [[noreturn]] void refuse(std::string_view got) const {
    TTX_FAIL_AS(
        ExitCode::kCheckpoint, "tokenizer",
        "entry {} of {} is no merge: got {}, expected \"left right\" or [\"left\", \"right\"]; the file is "
        "damaged",
        index_, merges_.place(), got);
  }

  const JsonNode& merges_;
  const Vocabulary& vocabulary_;
  MergeTable table_;
  std::uint32_t rank_ = 0;
  std::size_t index_ = 0;
};

void refuse_option(const JsonNode& option, std::string_view name, std::string_view expected) {
  TTX_FAIL_AS(ExitCode::kCheckpoint, "tokenizer",
              "{} is not supported: got it at {}, expected {}; BPE tokenizers of language models have none",
              name, option.place(), expected);
}

}  // namespace

void check_bpe_options(const JsonNode& model) {
  // Files from before 2021 name no type; only BPE has merges.
  const auto type = model.find("type");
  if (type && type->string() != "BPE") {
    refuse_part(model, "model", "BPE");
  }
  if (const auto dropout = model.find("dropout")) {
    refuse_option(*dropout, "dropout", "null");
  }
  for (const std::string name : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const auto option = model.find(name);
    if (option && !option->string().empty()) {
      refuse_option(*option, name, "null or an empty string");
    }
  }
}

MergeTable read_merges(const JsonNode& merges, const Vocabulary& vocabulary) {
  if (!merges.is_array()) {
    merges.fail("an array of merges");
  }
  MergeReader reader(merges, vocabulary);
  for (std::size_t i = 0; i < merges.value().size(); ++i) {
    reader.add(merges.value()[i], i);
  }
  return reader.release();
}

}  // namespace ttx::hf
