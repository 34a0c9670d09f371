// SPDX-License-Identifier: Apache-2.0
// The reference's bits depend on its inputs alone: not on the addresses of buffers, nor on the number of
// threads.
#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "models/hf/checkpoint.hpp"
#include "models/reference/decoder_reference.hpp"
#include "tests/models/reference/fixture.hpp"

namespace ttx::reference {
namespace {

std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits(values.size());
  std::memcpy(bits.data(), values.data(), values.size() * sizeof(float));
  return bits;
}

std::vector<float> random_floats(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) {
    value = normal(random);
  }
  return values;
}

/// Floats that begin `shift` floats behind a multiple of 64 bytes.
class Shifted {
 public:
  Shifted(const std::vector<float>& values, std::size_t shift)
      : memory_(values.size() + 2 * kFloatsPerLine), size_(values.size()) {
    void* first = memory_.data();
    std::size_t space = memory_.size() * sizeof(float);
    std::align(64, size_ * sizeof(float), first, space);
    data_ = static_cast<float*>(first) + shift;
    std::memcpy(data_, values.data(), size_ * sizeof(float));
  }
  Shifted(std::int64_t size, std::size_t shift)
      : Shifted(std::vector<float>(static_cast<std::size_t>(size)), shift) {}
  float* data() { return data_; }
  std::vector<float> values() const { return {data_, data_ + size_}; }

 private:
  static constexpr std::size_t kFloatsPerLine = 16;
  std::vector<float> memory_;
  std::size_t size_;
  float* data_ = nullptr;
};

class SameBits : public ::testing::TestWithParam<const Fp32Math*> {
 protected:
  /// `run` gives the result for buffers that begin at this place in a line of 64 bytes.
  template <class Run>
  static void at_every_address(const Run& run) {
    const std::vector<std::uint32_t> expected = bits_of(run(0));
    for (std::size_t shift = 1; shift < 16; ++shift) {
      EXPECT_EQ(bits_of(run(shift)), expected) << "shifted by " << shift;
    }
  }
  const Fp32Math& math_ = *GetParam();
};

TEST_P(SameBits, OfRowsAtEveryAddress) {
  for (const std::int64_t n : {1, 7, 64, 176, 333}) {
    SCOPED_TRACE(n);
    const auto x = random_floats(n, 1);
    const auto y = random_floats(n, 2);
    at_every_address([&](std::size_t shift) {
      Shifted a(x, shift);
      Shifted b(y, (shift * 5) % 16);
      math_.activate(Activation::kSilu, a.data(), n);
      math_.multiply(a.data(), b.data(), n);
      math_.activate(Activation::kGeluTanh, a.data(), n);
      math_.softcap(a.data(), n, 3.0F);
      math_.activate(Activation::kRelu2, a.data(), n);
      return a.values();
    });
    at_every_address([&](std::size_t shift) {
      Shifted a(x, shift);
      Shifted b(y, (shift * 3) % 16);
      math_.rms_norm(a.data(), b.data(), n, 1e-6F, a.data());
      math_.add(a.data(), b.data(), n);
      math_.rotate(a.data(), b.data(), b.data() + n / 2, n / 2 * 2);
      return a.values();
    });
  }
}

TEST_P(SameBits, OfProductsAtEveryAddress) {
  for (const std::int64_t rows : {1, 2, 5, 65}) {
    for (const auto& [k, n] : {std::array<std::int64_t, 2>{72, 49}, {129, 131}, {7, 3}}) {
      const auto x = random_floats(rows * k, 3);
      const auto w = random_floats(n * k, 4);
      at_every_address([&, k = k, n = n](std::size_t shift) {
        Shifted in(x, shift);
        Shifted weight(w, (shift * 3) % 16);
        Shifted out(rows * n, (shift * 5) % 16);
        Shifted scratch(scratch_floats(k), (shift * 7) % 16);
        math_.project(in.data(), rows, {reinterpret_cast<const std::byte*>(weight.data()), Stored::kF32, k},
                      0, n, out.data(), n, scratch.data());
        return out.values();
      });
    }
  }
}

TEST_P(SameBits, OfAttentionAtEveryAddress) {
  constexpr std::int64_t kDim = 24;
  for (const auto& [rows, first] : {std::array<std::int64_t, 2>{1, 40}, {3, 0}, {70, 9}}) {
    const auto q = random_floats(rows * kDim, 5);
    const auto k = random_floats((first + rows) * kDim, 6);
    const auto v = random_floats((first + rows) * kDim, 7);
    at_every_address([&, rows = rows, first = first](std::size_t shift) {
      Shifted query(q, shift);
      Shifted keys(k, (shift * 3) % 16);
      Shifted values(v, (shift * 5) % 16);
      Shifted out(rows * kDim, (shift * 7) % 16);
      math_.attend(
          {query.data(), keys.data(), values.data(), out.data(), rows, first, kDim, kDim, kDim, 0.2F});
      return out.values();
    });
  }
}

TEST_P(SameBits, OfProductsOnAnyNumberOfThreads) {
  ParallelMath one(math_, 1);
  for (const int threads : {2, 3, 7, 16}) {
    ParallelMath many(math_, threads);
    for (const std::int64_t rows : {1, 2, 5, 65}) {
      // Sizes around whole units and whole registers; three products side by side, as for q, k and v.
      for (const auto& [k, n] :
           {std::array<std::int64_t, 2>{72, 331}, {80, 49}, {129, 97}, {33, 191}, {3000, 100}, {40, 1}}) {
        SCOPED_TRACE(::testing::Message() << threads << " threads, " << rows << " x " << k << " x " << n);
        const std::array<std::int64_t, 3> widths = {n, 50, n / 2 + 1};
        const auto x = random_floats(rows * k, 8);
        std::vector<HostTensor> weights;
        for (std::size_t i = 0; i < widths.size(); ++i) {
          weights.push_back(HostTensor::from("w", {widths[i], k},
                                             random_floats(widths[i] * k, 9 + static_cast<unsigned>(i))));
        }
        const auto run = [&](ParallelMath& math) {
          std::array<std::vector<float>, 3> out;
          for (std::size_t i = 0; i < widths.size(); ++i) {
            out[i].resize(static_cast<std::size_t>(rows * widths[i]));
          }
          math.project(
              x.data(), rows,
              {{weights[0], out[0].data()}, {weights[1], out[1].data()}, {weights[2], out[2].data()}});
          return out;
        };
        const auto expected = run(one);
        const auto got = run(many);
        for (std::size_t i = 0; i < widths.size(); ++i) {
          EXPECT_EQ(bits_of(got[i]), bits_of(expected[i])) << "product " << i;
        }
      }
    }
  }
}

TEST_P(SameBits, OfAModelOnAnyNumberOfThreads) {
  for (const char* name : {"qwen3-odd-a", "qwen3-odd-b"}) {
    const test::LibraryResult library(name);
    const hf::Checkpoint checkpoint = hf::Checkpoint::open(test::fixture(name));
    const auto run = [&](int threads) {
      // Other addresses each time: what lies before moves the rest.
      const std::vector<float> before(static_cast<std::size_t>(threads) * 77 + 4);
      DecoderReference model(checkpoint, static_cast<std::int64_t>(library.fed().size()), math_, threads);
      EXPECT_EQ(model.threads(), threads);
      std::vector<float> logits = model.forward(library.prompt, 1, HiddenStates::kKeep).hidden_states;
      for (std::size_t i = 0; i + 1 < library.targets.size(); ++i) {
        const auto step = model.forward(std::span(library.targets).subspan(i, 1)).logits;
        logits.insert(logits.end(), step.begin(), step.end());
      }
      return bits_of(logits);
    };
    const auto expected = run(1);
    for (const int threads : {1, 2, 3, 5, 8}) {
      EXPECT_EQ(run(threads), expected) << name << " on " << threads << " threads";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, SameBits, ::testing::ValuesIn(test::available_math()),
                         [](const auto& parameters) { return std::string(parameters.param->name); });

}  // namespace
}  // namespace ttx::reference
