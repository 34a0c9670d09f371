// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace ttx::test {

/// A bring-up and the tiny checkpoint of its architecture that transformers made.
struct Member {
  std::string model;    ///< <org>/<name>
  std::string fixture;  ///< folder of tests/fixtures
  std::vector<std::string> systems;
  /// Least correlation of its logits with those of the fp32 reference: bfloat16 leaves 0.999, bfloat8_b
  /// weights, with seven bits for 16 values, more noise.
  double correlation = 0.999;
};

inline void PrintTo(const Member& member, std::ostream* out) {
  *out << member.model << " on " << member.fixture;
}

inline const std::vector<Member>& family() {
  static const std::vector<Member> members{
      {"Qwen/Qwen3-0.6B", "qwen3-odd-a", {"n150", "n300", "t3000"}},
      {"Qwen/Qwen3-0.6B", "qwen3-odd-b", {"n150", "n300", "t3000"}},
      {"meta-llama/Llama-3.2-1B", "llama-odd", {"n150", "n300", "t3000"}},
      {"microsoft/Phi-3-mini-128k-instruct", "phi3-long", {"n150", "n300", "t3000"}},
      {"mistralai/Mistral-7B-Instruct-v0.3", "mistral-odd", {"n150", "n300", "t3000"}, 0.99},
      {"arcee-ai/Arcee-Spark", "qwen2-odd", {"n150", "t3000"}, 0.99},
      {"tiiuae/Falcon3-7B-Instruct", "llama-wide-heads", {"n150", "n300", "t3000"}, 0.99},
      {"google/gemma-3-4b-it", "gemma3-odd", {"n150", "n300", "t3000"}, 0.99},
      {"google/gemma-3-4b-it", "gemma3-text", {"n150", "n300", "t3000"}, 0.99},
      {"humain-ai/ALLaM-7B-Instruct-preview", "llama-wide-heads", {"n150", "n300", "t3000"}, 0.99},
      {"arcee-ai/AFM-4.5B", "arcee-odd", {"n150", "t3000"}, 0.99},
  };
  return members;
}

/// "gemma_3_4b_it_gemma3_odd", for the names of tests.
inline std::string test_name(const Member& member) {
  std::string name = member.model.substr(member.model.find('/') + 1) + "_" + member.fixture;
  for (char& c : name) {
    c = c == '-' || c == '.' ? '_' : c;
  }
  return name;
}

}  // namespace ttx::test
