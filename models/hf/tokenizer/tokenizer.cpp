// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/tokenizer.hpp"

#include <cstddef>
#include <utility>

#include <nlohmann/json.hpp>

#include "models/hf/tokenizer/added_tokens.hpp"
#include "models/hf/tokenizer/bpe.hpp"
#include "models/hf/tokenizer/decoder.hpp"
#include "models/hf/tokenizer/normalizer.hpp"
#include "models/hf/tokenizer/pre_tokenizer.hpp"
#include "models/hf/tokenizer/tokenizer_config.hpp"
#include "models/hf/tokenizer/utf8.hpp"
#include "runtime/error.hpp"

namespace ttx::hf {
namespace {

constexpr std::size_t kLongestText = std::size_t{1} << 30;

void check_version(const JsonNode& root) {
  const JsonNode version = root.at("version");
  TTX_CHECK_AS(version.string() == "1.0", ExitCode::kCheckpoint, "tokenizer",
               "the file's version is not supported: got \"{}\" at {}, expected \"1.0\"; save it anew",
               version.string(), version.place());
}

std::string_view part_of(std::string_view text, TextSpan span) {
  return text.substr(span.begin, span.end - span.begin);
}

}  // namespace

struct Tokenizer::Parts {
  Parts(const JsonNode& root, const TokenizerConfig& config);

  void add_tokens(const JsonNode& root, const TokenizerConfig& config);
  std::optional<std::int32_t> id(std::string_view token) const;
  const std::string* text(std::int32_t id) const;
  void encode_segment(std::string_view text, bool at_start, Bpe::Workspace& workspace,
                      std::vector<std::int32_t>& ids) const;

  Bpe model;
  Normalizer normalizer;
  std::vector<std::unique_ptr<PreTokenizer>> pre_tokenizer;
  PostProcessor post_processor;
  PostProcessor class_ends;  // what the class of the tokenizer adds by itself
  Decoder decoder;
  AddedTokens added;
  std::optional<std::int32_t> bos;
  std::optional<std::int32_t> eos;
  std::optional<std::int32_t> pad;
};

Tokenizer::Parts::Parts(const JsonNode& root, const TokenizerConfig& config) : model(root.at("model")) {
  if (const auto part = root.find("normalizer")) {
    normalizer = Normalizer(*part);
  }
  if (const auto part = root.find("pre_tokenizer")) {
    pre_tokenizer = read_pre_tokenizer(*part);
  }
  if (const auto part = root.find("decoder")) {
    decoder = Decoder(*part);
  }
  add_tokens(root, config);
  const auto id_of = [this](const std::optional<std::string>& name) {
    return name ? id(*name) : std::nullopt;
  };
  bos = id_of(config.special.bos);
  eos = id_of(config.special.eos);
  pad = id_of(config.special.pad);
  if (config.ends) {
    class_ends = PostProcessor(std::vector(config.ends->add_bos ? 1 : 0, bos.value_or(0)),
                               std::vector(config.ends->add_eos ? 1 : 0, eos.value_or(0)));
  }
  const auto part = root.find("post_processor");
  post_processor = part && !config.ends ? PostProcessor(*part) : class_ends;
}

void Tokenizer::Parts::add_tokens(const JsonNode& root, const TokenizerConfig& config) {
  if (const auto list = root.find("added_tokens")) {
    for (const JsonNode& node : list->elements()) {
      added.add(read_added_token(node), model.vocabulary(), node.at("id").integer(kTokenIdLimit - 1));
    }
  }
  for (const auto& [id, token] : config.added_tokens) {
    added.add(token, model.vocabulary(), id);
  }
  for (const AddedToken& token : config.special.with_role) {
    if (added.has(token.content) && !config.special.reset_flags) {
      added.make_special(token.content);
    } else {
      added.add(token, model.vocabulary(), std::nullopt);
    }
  }
  for (const AddedToken& token : config.special.listed) {
    if (!added.has(token.content) || config.special.reset_flags) {
      added.add(token, model.vocabulary(), std::nullopt);
    }
  }
  added.prepare(normalizer);
}

std::optional<std::int32_t> Tokenizer::Parts::id(std::string_view token) const {
  const auto id = added.id(token);
  return id ? id : model.vocabulary().id(token);
}

const std::string* Tokenizer::Parts::text(std::int32_t id) const {
  const std::string* text = added.text(id);
  return text != nullptr ? text : model.vocabulary().token(id);
}

void Tokenizer::Parts::encode_segment(std::string_view text, bool at_start, Bpe::Workspace& workspace,
                                      std::vector<std::int32_t>& ids) const {
  const std::string normalized = normalizer.apply(text);
  for (const auto& segment : added.cut_normalized(normalized)) {
    if (segment.id) {
      ids.push_back(*segment.id);
      continue;
    }
    std::vector<Piece> pieces = {
        {std::string(part_of(normalized, segment.span)), at_start && segment.span.begin == 0}};
    for (const auto& step : pre_tokenizer) {
      step->apply(pieces);
    }
    for (const Piece& piece : pieces) {
      model.encode(piece.text, workspace, ids);
    }
  }
}

Tokenizer::Tokenizer(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Tokenizer Tokenizer::load(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "tokenizer.json";
  const nlohmann::json json = read_json(file);
  const JsonNode root(json, file);
  check_version(root);
  return Tokenizer(
      std::make_unique<const Parts>(root, read_tokenizer_config(folder / "tokenizer_config.json")));
}

std::vector<std::int32_t> Tokenizer::encode(std::string_view utf8, AddSpecialTokens add) const {
  TTX_CHECK(utf8.size() <= kLongestText, "tokenizer",
            "the text is too long: got {} bytes, expected at most {}; cut it into several", utf8.size(),
            kLongestText);
  const std::size_t invalid = first_invalid_utf8(utf8);
  TTX_CHECK(
      invalid == std::string_view::npos, "tokenizer",
      "the text is not UTF-8: got byte 0x{:02X} at offset {}, expected well-formed UTF-8; convert the text",
      static_cast<unsigned>(static_cast<unsigned char>(utf8[invalid])), invalid);
  std::vector<std::int32_t> ids;
  Bpe::Workspace workspace;
  for (const auto& segment : parts_->added.cut_raw(utf8)) {
    if (segment.id) {
      ids.push_back(*segment.id);
    } else {
      parts_->encode_segment(part_of(utf8, segment.span), segment.span.begin == 0, workspace, ids);
    }
  }
  return parts_->post_processor.apply(ids, add);
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids, SkipSpecialTokens skip) const {
  std::vector<std::string> tokens;
  tokens.reserve(ids.size());
  for (const std::int32_t id : ids) {
    const std::string* text = parts_->text(id);
    if (text != nullptr && (skip == SkipSpecialTokens::kNo || !parts_->added.is_special(*text))) {
      tokens.push_back(*text);
    }
  }
  return parts_->decoder.decode(std::move(tokens));
}

std::vector<std::int32_t> Tokenizer::special_prefix() const { return parts_->post_processor.prefix(); }

std::int64_t Tokenizer::num_special_tokens() const {
  return static_cast<std::int64_t>(parts_->post_processor.apply({}, AddSpecialTokens::kYes).size());
}

std::vector<std::int32_t> Tokenizer::build_inputs_with_special_tokens(
    std::span<const std::int32_t> ids) const {
  return parts_->class_ends.apply({ids.begin(), ids.end()}, AddSpecialTokens::kYes);
}

std::int64_t Tokenizer::vocab_size() const {
  return parts_->model.vocabulary().size() + parts_->added.beyond_vocabulary();
}

std::optional<std::int32_t> Tokenizer::token_to_id(std::string_view token) const { return parts_->id(token); }

std::optional<std::string> Tokenizer::id_to_token(std::int32_t id) const {
  const std::string* text = parts_->text(id);
  return text != nullptr ? std::optional(*text) : std::nullopt;
}

std::optional<std::int32_t> Tokenizer::bos_id() const { return parts_->bos; }
std::optional<std::int32_t> Tokenizer::eos_id() const { return parts_->eos; }
std::optional<std::int32_t> Tokenizer::pad_id() const { return parts_->pad; }

}  // namespace ttx::hf
