// SPDX-License-Identifier: Apache-2.0
//
// ttx-tokenize: texts to token ids and back, as a filter; conversations to texts.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "launch/command_line.hpp"
#include "launch/conversation.hpp"
#include "launch/failure.hpp"
#include "launch/text_input.hpp"
#include "models/hf/chat_template/chat_template.hpp"
#include "models/hf/hub_cache.hpp"
#include "models/hf/tokenizer/tokenizer.hpp"
#include "runtime/error.hpp"

namespace {

using namespace ttx;
using namespace ttx::launch;

constexpr const char* kName = "ttx-tokenize";

struct Options {
  std::string model;
  std::optional<std::string> cache_dir;
  bool encode = false;
  bool decode = false;
  bool json = false;
  bool tokens = false;
  bool lines = false;
  bool no_special_tokens = false;
  std::string chat;
  bool text = false;
  bool add_generation_prompt = false;
  std::string chat_variables = "{}";
  std::vector<std::string> files;
};

void declare(CLI::App& app, Options& o) {
  app.add_option("--model", o.model, "Folder with a tokenizer.json, or Hugging Face id in the hub cache")
      ->required();
  auto* encode = app.add_flag("--encode", o.encode, "Text to ids, separated by spaces (the default)");
  auto* decode = app.add_flag("--decode", o.decode,
                              "Ids (spaces, commas or a JSON list) to text, with nothing added to it");
  app.add_flag("--json", o.json, "Ids as a JSON list, text as a JSON string, one per line");
  auto* tokens = app.add_flag("--tokens", o.tokens,
                              "A line per token: id, token, text; with --json objects of these three");
  auto* lines =
      app.add_flag("--lines", o.lines, "Each line of the input is a text, or a list of ids, of its own");
  app.add_flag("--no_special_tokens", o.no_special_tokens,
               "Encode: none is put around the text. Decode: they are left out of the text");
  app.add_option("--cache_dir", o.cache_dir, "Hub cache folder to look in");
  auto* files = app.add_option("FILE", o.files, "What to read; none, or -, is standard input");
  encode->excludes(decode);
  decode->excludes(tokens);
  auto* chat =
      app.add_option("--chat", o.chat,
                     "JSON file of a conversation, or -: a list of messages with role and content, or "
                     "an object with messages, tools, documents. The model's chat template makes it "
                     "one text, whose ids are written");
  app.add_flag("--text", o.text, "With --chat: write the text, not its ids")->needs(chat)->excludes(tokens);
  app.add_flag("--add_generation_prompt", o.add_generation_prompt,
               "With --chat: end where the model's answer begins")
      ->needs(chat);
  app.add_option("--chat_variables", o.chat_variables,
                 "With --chat: variables of the template, a JSON object like {\"enable_thinking\": false}")
      ->needs(chat);
  chat->excludes(decode)->excludes(lines)->excludes(files);
}

void write(std::string_view text) {
  TTX_CHECK(std::fwrite(text.data(), 1, text.size(), stdout) == text.size(), "output",
            "stdout could not be written");
}

/// One text, or one list of ids, in and its result out.
class Filter {
 public:
  Filter(const Options& options, const std::filesystem::path& folder)
      : options_(options), tokenizer_(hf::Tokenizer::load(folder)) {}

  void encode(std::string_view text, hf::AddSpecialTokens add) {
    const auto ids = tokenizer_.encode(text, add);
    if (options_.tokens) {
      write(options_.json ? token_objects(ids) : token_lines(ids));
    } else {
      write(options_.json ? fmt::format("[{}]\n", fmt::join(ids, ", "))
                          : fmt::format("{}\n", fmt::join(ids, " ")));
    }
  }

  void decode(std::string_view list, const std::string& name) {
    const std::string text = tokenizer_.decode(
        checked(parse_ids(list, name), name),
        options_.no_special_tokens ? hf::SkipSpecialTokens::kYes : hf::SkipSpecialTokens::kNo);
    write(options_.json ? nlohmann::json(text).dump() : text);
    if (options_.json || options_.lines) {
      write("\n");
    }
  }

 private:
  /// Decoding would leave out an id without a token, and nobody would see that the text is not whole.
  std::vector<std::int32_t> checked(const std::vector<std::int64_t>& list, const std::string& name) const {
    std::vector<std::int32_t> ids;
    ids.reserve(list.size());
    for (const std::int64_t id : list) {
      const bool fits = id >= 0 && id <= std::numeric_limits<std::int32_t>::max();
      TTX_CHECK(
          fits && tokenizer_.id_to_token(static_cast<std::int32_t>(id)), "decode",
          "{}: id {} (number {} of {}) has no token: {} has {} tokens; a model may have more rows than that",
          name, id, ids.size() + 1, list.size(), options_.model, tokenizer_.vocab_size());
      ids.push_back(static_cast<std::int32_t>(id));
    }
    return ids;
  }

  std::string text_of(std::int32_t id) const {
    return tokenizer_.decode(std::vector{id}, hf::SkipSpecialTokens::kNo);
  }

  std::string token_objects(const std::vector<std::int32_t>& ids) const {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const std::int32_t id : ids) {
      list.push_back({{"id", id}, {"token", tokenizer_.id_to_token(id).value_or("")}, {"text", text_of(id)}});
    }
    return list.dump() + "\n";
  }

  /// Columns with tabs between; the text is quoted, for it may hold tabs and line ends. Texts are apart by an
  /// empty line.
  std::string token_lines(const std::vector<std::int32_t>& ids) {
    std::string lines = first_ ? "" : "\n";
    first_ = false;
    for (const std::int32_t id : ids) {
      lines += fmt::format("{}\t{}\t{}\n", id, tokenizer_.id_to_token(id).value_or(""),
                           nlohmann::json(text_of(id)).dump());
    }
    return lines;
  }

  Options options_;
  hf::Tokenizer tokenizer_;
  bool first_ = true;
};

/// The conversation as the model's template has it, which writes the special tokens itself.
void run_chat(const Options& options, const std::filesystem::path& folder) {
  Conversation conversation = read_conversation(options.chat);
  conversation.settings.add_generation_prompt = options.add_generation_prompt;
  conversation.settings.variables = parse_chat_variables(options.chat_variables);
  const std::string text =
      hf::ChatTemplate::load(folder).render(conversation.messages, conversation.settings);
  if (options.text) {
    write(options.json ? nlohmann::json(text).dump() + "\n" : text);
  } else {
    Filter(options, folder).encode(text, hf::AddSpecialTokens::kNo);
  }
}

void run(Options options) {
  const std::filesystem::path folder =
      hf::resolve_model(options.model, options.cache_dir, hf::ModelNeeds::kTokenizer);
  if (!options.chat.empty()) {
    run_chat(options, folder);
    return;
  }
  if (options.files.empty()) {
    options.files = {"-"};
  }
  Filter filter(options, folder);
  const auto add = options.no_special_tokens ? hf::AddSpecialTokens::kNo : hf::AddSpecialTokens::kYes;
  for (const std::string& file : options.files) {
    const TextInput input = read_input(file);
    check_utf8(input);
    const auto texts = options.lines ? cut_lines(input.text) : std::vector<std::string_view>{input.text};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (options.decode) {
        filter.decode(texts[i], options.lines ? fmt::format("{}, line {}", input.name, i + 1) : input.name);
      } else {
        filter.encode(texts[i], add);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  return local_program(kName, [&] {
    CLI::App app(
        "Texts to token ids and back. Each FILE is one text and gives one line of ids. "
        "Encoding with --no_special_tokens and decoding without it gives the same bytes, apart from what the "
        "tokenizer itself rewrites (Qwen's makes NFC). Bytes that form no character are decoded to U+FFFD.",
        kName);
    Options options;
    declare(app, options);
    if (parse(app, argc, argv, Speak::kYes) == Parsed::kRun) {
      run(std::move(options));
    }
    return 0;
  });
}
