// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tests/launch/known_models.hpp"

namespace ttx::test {

namespace {

/// One entry of a checkpoint of that family, "{}" the layer.
struct Entry {
  std::string name;
  std::vector<std::uint64_t> shape;
};

std::vector<Entry> joined(std::vector<Entry> a, const std::vector<Entry>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<Entry> outer(const Sizes& s) {
  return {{"model.embed_tokens.weight", {s.v, s.h}}, {"model.norm.weight", {s.h}}};
}
std::vector<Entry> head(const Sizes& s) { return {{"lm_head.weight", {s.v, s.h}}}; }
std::vector<Entry> two_norms(const Sizes& s) {
  return {{"model.layers.{}.input_layernorm.weight", {s.h}},
          {"model.layers.{}.post_attention_layernorm.weight", {s.h}}};
}
std::vector<Entry> attention(const Sizes& s) {
  return {{"model.layers.{}.self_attn.q_proj.weight", {s.q, s.h}},
          {"model.layers.{}.self_attn.k_proj.weight", {s.kv, s.h}},
          {"model.layers.{}.self_attn.v_proj.weight", {s.kv, s.h}},
          {"model.layers.{}.self_attn.o_proj.weight", {s.h, s.q}}};
}
std::vector<Entry> up_down(const Sizes& s) {
  return {{"model.layers.{}.mlp.up_proj.weight", {s.i, s.h}},
          {"model.layers.{}.mlp.down_proj.weight", {s.h, s.i}}};
}
std::vector<Entry> llama(const Sizes& s) {
  return joined(joined(joined(outer(s), attention(s)), joined(up_down(s), two_norms(s))),
                {{"model.layers.{}.mlp.gate_proj.weight", {s.i, s.h}}});
}
std::vector<Entry> qwen2(const Sizes& s) {
  return joined(llama(s), {{"model.layers.{}.self_attn.q_proj.bias", {s.q}},
                           {"model.layers.{}.self_attn.k_proj.bias", {s.kv}},
                           {"model.layers.{}.self_attn.v_proj.bias", {s.kv}}});
}
std::vector<Entry> qwen3(const Sizes& s) {
  return joined(llama(s), {{"model.layers.{}.self_attn.q_norm.weight", {s.d}},
                           {"model.layers.{}.self_attn.k_norm.weight", {s.d}}});
}
std::vector<Entry> arcee(const Sizes& s) {
  return joined(joined(outer(s), attention(s)), joined(up_down(s), two_norms(s)));
}
std::vector<Entry> phi3(const Sizes& s) {
  return joined(joined(outer(s), two_norms(s)),
                {{"model.layers.{}.self_attn.qkv_proj.weight", {s.q + 2 * s.kv, s.h}},
                 {"model.layers.{}.self_attn.o_proj.weight", {s.h, s.q}},
                 {"model.layers.{}.mlp.gate_up_proj.weight", {2 * s.i, s.h}},
                 {"model.layers.{}.mlp.down_proj.weight", {s.h, s.i}}});
}
std::vector<Entry> gemma3(const Sizes& s) {
  auto entries = joined(qwen3(s), {{"model.layers.{}.pre_feedforward_layernorm.weight", {s.h}},
                                   {"model.layers.{}.post_feedforward_layernorm.weight", {s.h}}});
  for (Entry& entry : entries) {
    entry.name = "language_model." + entry.name;
  }
  return entries;
}

std::vector<Entry> entries_of(Tensors tensors, const Sizes& s) {
  switch (tensors) {
    case Tensors::kLlama:
      return llama(s);
    case Tensors::kQwen2:
      return qwen2(s);
    case Tensors::kQwen3:
      return qwen3(s);
    case Tensors::kPhi3:
      return phi3(s);
    case Tensors::kArcee:
      return arcee(s);
    case Tensors::kGemma3:
      return gemma3(s);
  }
  return {};
}

}  // namespace

Shapes shapes_of(const Known& model, const Sizes& sizes) {
  Shapes shapes;
  auto entries = entries_of(model.tensors, sizes);
  if (model.has_head) {
    entries = joined(entries, head(sizes));
  }
  for (const Entry& entry : entries) {
    const bool in_layer = entry.name.find("{}") != std::string::npos;
    for (std::uint64_t layer = 0; layer < (in_layer ? sizes.layers : 1); ++layer) {
      shapes[fmt::format(fmt::runtime(entry.name), layer)] = entry.shape;
    }
  }
  return shapes;
}

}  // namespace ttx::test
