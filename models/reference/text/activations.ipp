// SPDX-License-Identifier: Apache-2.0
// Functions of single values. Eigen's exp and tanh give other bits for whole registers than for the elements before and behind
// them, and which those are depends on the address. So the values pass through a block that is made of whole registers.

constexpr std::int64_t kBlockValues = 64;
constexpr float kRootOfTwoOverPi = 0.797884560802865F;
using ValueBlock = Eigen::Array<float, kBlockValues, 1>;

template <class Change>
inline void block_by_block(float* x, std::int64_t n, const Change& change) {
  for (std::int64_t begin = 0; begin < n; begin += kBlockValues) {
    const auto bytes = static_cast<std::size_t>(n - begin < kBlockValues ? n - begin : kBlockValues) * sizeof(float);
    ValueBlock block = ValueBlock::Zero();
    std::memcpy(block.data(), x + begin, bytes);
    change(block);
    std::memcpy(x + begin, block.data(), bytes);
  }
}

void activate(Activation activation, float* x, std::int64_t n) {
  switch (activation) {
    case Activation::kSilu:
      block_by_block(x, n, [](ValueBlock& v) { v = v / (1.0F + (-v).exp()); });
      break;
    case Activation::kGeluTanh:
      block_by_block(x, n, [](ValueBlock& v) {
        const ValueBlock inner = kRootOfTwoOverPi * (v + 0.044715F * (v * v * v));
        v = 0.5F * v * (1.0F + inner.tanh());
      });
      break;
    case Activation::kRelu2:
      block_by_block(x, n, [](ValueBlock& v) { v = v.max(0.0F).square().eval(); });
      break;
  }
}

void softcap(float* x, std::int64_t n, float cap) {
  block_by_block(x, n, [cap](ValueBlock& v) { v = cap * (v / cap).tanh(); });
}
