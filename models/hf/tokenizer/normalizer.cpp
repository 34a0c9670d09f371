// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/normalizer.hpp"

#include <utility>

#include "models/hf/tokenizer/code_point_set.hpp"
#include "models/hf/tokenizer/text_pattern.hpp"
#include "models/hf/tokenizer/unicode_form.hpp"
#include "models/hf/tokenizer/utf8.hpp"

namespace ttx::hf {
namespace {

class Form final : public Normalizer::Step {
 public:
  explicit Form(UnicodeForm form) : form_(form) {}
  std::string apply(std::string_view text) const override { return to_unicode_form(form_, text); }

 private:
  UnicodeForm form_;
};

/// An empty text stays empty.
class Prepend final : public Normalizer::Step {
 public:
  explicit Prepend(const JsonNode& part) : prefix_(part.at("prepend").string()) {}
  std::string apply(std::string_view text) const override {
    return text.empty() ? std::string() : prefix_ + std::string(text);
  }

 private:
  std::string prefix_;
};

class Replace final : public Normalizer::Step {
 public:
  explicit Replace(const JsonNode& part)
      : pattern_(part.at("pattern")), content_(part.at("content").string()) {}
  std::string apply(std::string_view text) const override { return pattern_.replace_all(text, content_); }

 private:
  TextPattern pattern_;
  std::string content_;
};

/// Takes white space off the ends.
class Strip final : public Normalizer::Step {
 public:
  explicit Strip(const JsonNode& part)
      : left_(part.at("strip_left").boolean()), right_(part.at("strip_right").boolean()) {}

  std::string apply(std::string_view text) const override {
    std::size_t begin = 0;
    while (left_ && begin < text.size() && space_.contains(code_point_at(text, begin))) {
      next_code_point(text, begin);
    }
    std::size_t end = text.size();
    for (std::size_t before = end; right_ && before > begin;) {
      if (!space_.contains(previous_code_point(text, before))) {
        break;
      }
      end = before;
    }
    return std::string(text.substr(begin, end - begin));
  }

 private:
  bool left_;
  bool right_;
  CodePointSet space_ = white_space();
};

std::unique_ptr<const Normalizer::Step> read_step(const JsonNode& part) {
  const std::string type = part.at("type").string();
  if (const auto form = unicode_form(type)) {
    return std::make_unique<const Form>(*form);
  }
  if (type == "Prepend") {
    return std::make_unique<const Prepend>(part);
  }
  if (type == "Replace") {
    return std::make_unique<const Replace>(part);
  }
  if (type == "Strip") {
    return std::make_unique<const Strip>(part);
  }
  refuse_part(part, "normalizer", "Sequence, NFC, NFD, NFKC, NFKD, Prepend, Replace or Strip");
}

}  // namespace

Normalizer::Normalizer(const JsonNode& part) {
  for (const JsonNode& node : flatten_sequence(part, "normalizers")) {
    steps_.push_back(read_step(node));
  }
}

std::string Normalizer::apply(std::string_view text) const {
  std::string normalized(text);
  for (const auto& step : steps_) {
    normalized = step->apply(normalized);
  }
  return normalized;
}

}  // namespace ttx::hf
