// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <memory>

#include "runtime/storage.hpp"
#include "runtime/tensor.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

/// IEEE half of a value that it represents exactly: multiples of 2^-6 below 16.
std::uint16_t half_of(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) == 0) {
    return static_cast<std::uint16_t>(bits >> 16);
  }
  const std::uint32_t exponent = ((bits >> 23) & 0xFFU) - 112;
  return static_cast<std::uint16_t>(((bits >> 16) & 0x8000U) | (exponent << 10) | ((bits >> 13) & 0x3FFU));
}

/// Values that are exact in bfloat16 and in half: small multiples of 1/16.
std::vector<float> exact_values(std::int64_t count, unsigned seed) {
  std::vector<float> values = random_values(count, seed);
  for (float& value : values) {
    value = std::round(value * 16.0F) / 16.0F;
  }
  return values;
}

/// A view of the values in `dtype` at an address that is `shift` bytes beyond a multiple of 64.
HostTensor view(Shape shape, DataType dtype, const std::vector<float>& values, std::size_t shift) {
  const std::size_t size = size_of(dtype);
  auto bytes = std::make_shared<std::vector<std::byte>>(values.size() * size + 128 + shift);
  const auto address = reinterpret_cast<std::uintptr_t>(bytes->data());
  std::byte* const start = bytes->data() + (64 - address % 64) % 64 + shift;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint16_t half = half_of(values[i]);
    const bfloat16 rounded_value = to_bfloat16(values[i]);
    const void* const source = dtype == DataType::FLOAT32   ? static_cast<const void*>(&values[i])
                               : dtype == DataType::FLOAT16 ? static_cast<const void*>(&half)
                                                            : static_cast<const void*>(&rounded_value);
    std::memcpy(start + i * size, source, size);
  }
  return HostTensor("host", shape, dtype, {start, values.size() * size}, std::move(bytes));
}

Upload replicated(Layout layout = Layout::TILE) {
  Upload how;
  how.layout = layout;
  return how;
}

Upload sharded(int dim, Range piece) {
  Upload how;
  how.placement = Placement::sharded(dim);
  how.piece = piece;
  how.sum_blocks.end[0] = piece.size();
  if (dim != 2) {
    how.sum_blocks.end[0] = 0;
  }
  return how;
}

constexpr DataType kFloats[] = {DataType::BFLOAT16, DataType::FLOAT16, DataType::FLOAT32};

using UploadTest = ThreadCounts;

TEST_P(UploadTest, WeightsRoundTripFromAnyTypeAndAddress) {
  for (const DataType dtype : kFloats) {
    for (const std::size_t shift : {0U, 1U, 2U, 3U}) {
      for (const auto& [n, k] : {std::pair{1, 1}, {5, 7}, {32, 64}, {33, 130}, {100, 31}, {300, 513}}) {
        const std::vector<float> values = exact_values(std::int64_t{n} * k, 7);
        const HostTensor host = view({n, k}, dtype, values, shift).transposed();
        const Tensor weight = upload(device, host, replicated());
        EXPECT_EQ(weight.shape(), (Shape{1, 1, k, n}));
        EXPECT_EQ(weight.format(), Format::kWeightPanels);
        EXPECT_EQ(weight.name(), "host");
        expect_same_bits(values_of(weight), host.to_floats(), host.shape().to_string());
      }
    }
  }
}

TEST_P(UploadTest, WeightsArePaddedWithZeros) {
  const Tensor weight =
      upload(device, view({3, 5}, DataType::BFLOAT16, exact_values(15, 3), 0).transposed(), {});
  const bfloat16* const panel = weight.storage().as<bfloat16>();
  for (std::int64_t i = 0; i < kernels::panel_elements(5); ++i) {
    const std::int64_t k = i / 64 * 2 + i % 2;
    const std::int64_t n = i % 64 / 2;
    if (k >= 5 || n >= 3) {
      EXPECT_EQ(panel[i], bfloat16{0}) << i;
    }
  }
}

TEST_P(UploadTest, WeightPiecesAreTheirPartOfTheWhole) {
  const std::int64_t n = 100;
  const std::int64_t k = 66;
  const std::vector<float> values = exact_values(n * k, 9);
  for (const DataType dtype : kFloats) {
    const HostTensor host = view({n, k}, dtype, values, 1).transposed();
    const std::vector<float> columns = values_of(upload(device, host, sharded(3, {32, 70})));
    const std::vector<float> rows = values_of(upload(device, host, sharded(2, {20, 66})));
    for (std::int64_t i = 0; i < k; ++i) {
      for (std::int64_t j = 0; j < n; ++j) {
        const float expected = values[at(j * k + i)];
        if (j >= 32 && j < 70) {
          ASSERT_EQ(columns[at(i * 38 + j - 32)], expected) << i << ' ' << j;
        }
        if (i >= 20) {
          ASSERT_EQ(rows[at((i - 20) * n + j)], expected) << i << ' ' << j;
        }
      }
    }
  }
}

TEST_P(UploadTest, RowsRoundTripWholeAndInPieces) {
  const Shape shape{3, 4, 5, 7};
  const std::vector<float> values = exact_values(shape.volume(), 11);
  for (const DataType dtype : kFloats) {
    for (const std::size_t shift : {0U, 1U}) {
      const HostTensor host = view(shape, dtype, values, shift);
      for (const DataType target : {DataType::BFLOAT16, DataType::FLOAT32}) {
        Upload how = replicated();
        how.dtype = target;
        const Tensor whole = upload(device, host, how);
        EXPECT_EQ(whole.dtype(), target);
        expect_same_bits(values_of(whole), values, "whole");
        for (int dim = 0; dim < 4; ++dim) {
          how = sharded(dim, {1, 3});
          how.dtype = target;
          const std::vector<float> piece = values_of(upload(device, host, how));
          std::vector<float> expected;
          for (std::int64_t i = 0; i < shape.volume(); ++i) {
            std::int64_t rest = i;
            for (int d = 3; d > dim; --d) {
              rest /= shape[d];
            }
            if (rest % shape[dim] == 1 || rest % shape[dim] == 2) {
              expected.push_back(values[at(i)]);
            }
          }
          expect_same_bits(piece, expected, "piece of dim " + std::to_string(dim));
        }
      }
    }
  }
}

TEST_P(UploadTest, RoundsToNearestEven) {
  const std::vector<float> values = {1.00390625F, 1.01171875F, 1.00390637F, -1.00390625F,
                                     1e-40F,      -0.0F,       3.4e38F};
  const Tensor tensor = upload(device, HostTensor::from("x", {7}, values), replicated());
  EXPECT_EQ(tensor.shape(), (Shape{1, 1, 1, 7}));
  expect_same_bits(values_of(tensor), {1.0F, 1.015625F, 1.0078125F, -1.0F, 0.0F, -0.0F, INFINITY}, "rounded");
}

TEST_P(UploadTest, IntegersKeepTheirBits) {
  Upload how = replicated(Layout::ROW_MAJOR);
  how.dtype = DataType::UINT32;
  how.use = MemoryUse::kActivations;
  const Tensor ids =
      upload(device, HostTensor::from("ids", {1, 3}, std::vector<std::uint32_t>{1, 4000000000U, 7}), how);
  EXPECT_EQ(ids.shape(), (Shape{1, 1, 1, 3}));
  EXPECT_EQ(ids.u32()[1], 4000000000U);
  how.dtype = DataType::INT32;
  const Tensor positions =
      upload(device, HostTensor::from("pos", {2}, std::vector<std::int32_t>{-1, 5}), how);
  EXPECT_EQ(download(positions).to_floats(), (std::vector<float>{-1.0F, 5.0F}));
}

TEST_P(UploadTest, TablesStayInTheFile) {
  for (const DataType dtype : kFloats) {
    const std::vector<float> values = exact_values(6 * 9, 13);
    const Tensor table = upload(device, view({6, 9}, dtype, values, 1), replicated(Layout::ROW_MAJOR));
    EXPECT_EQ(table.format(), Format::kMapped);
    EXPECT_EQ(table.storage().block.size(), 0U);
    EXPECT_EQ(table.shape(), (Shape{1, 1, 6, 9}));
    expect_same_bits(values_of(table), values, "table");
    EXPECT_EQ(device.ledger().entry(MemoryUse::kWeights).current, 6 * 9 * 2);
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, UploadTest, ::testing::Values(1, 2, 3));

using UploadErrors = OneDevice;

TEST_F(UploadErrors, SayWhatToDo) {
  const HostTensor matrix = HostTensor::from("m", {6, 4}, random_values(24, 1));
  const auto refuse = [&](const HostTensor& host, const Upload& how,
                          std::initializer_list<std::string_view> pieces) {
    expect_error(ExitCode::kFailure, pieces, [&] { upload(device, host, how); });
  };
  refuse(HostTensor(), replicated(), {"[from_host]", "no values"});
  Upload how = replicated();
  how.placement = Placement::partial();
  refuse(matrix, how, {"'m'", "cannot become partial"});
  refuse(matrix, sharded(2, {3, 3}), {"piece [3, 3) of dim 2", "[1, 1, 6, 4]"});
  refuse(matrix, sharded(2, {3, 7}), {"piece [3, 7)"});
  refuse(matrix, sharded(4, {0, 1}), {"cannot shard dim 4"});
  how = replicated();
  how.dtype = DataType::UINT32;
  refuse(matrix, how, {"got FLOAT32", "does not become UINT32"});
  const HostTensor ids = HostTensor::from("ids", {3}, std::vector<std::uint32_t>{1, 2, 3});
  refuse(ids, replicated(), {"'ids' holds no floats", "UINT32"});
  refuse(ids, replicated(Layout::ROW_MAJOR), {"'ids' holds no floats"});
  how.dtype = DataType::FLOAT32;
  refuse(ids, how, {"'ids' holds no floats"});

  const HostTensor weight = matrix.transposed();
  refuse(weight, replicated(Layout::ROW_MAJOR), {"got BFLOAT16 ROW_MAJOR", "expected BFLOAT16 TILE"});
  refuse(weight, how, {"got FLOAT32 TILE"});
  refuse(HostTensor::from("m", {2, 6, 4}, random_values(48, 1)).transposed(), replicated(), {"[2, 4, 6]"});
  refuse(weight, sharded(0, {0, 1}), {"sharded on dim 2 (rows) or 3 (columns)", "got dim 0"});
  how = replicated();
  how.sum_blocks.count = 2;
  refuse(weight, how, {"2 sum blocks", "replicated"});
  how = sharded(2, {0, 4});
  how.sum_blocks = {{2, 3}, 2};
  refuse(weight, how, {"sum block 1 of 2 ends at 3"});
  how.sum_blocks = {{1, 4}, 2};
  refuse(weight, how, {"sum block 0 of 2 ends at 1"});
  how.sum_blocks = {{2, 2, 4}, 3};
  refuse(weight, how, {"sum blocks: got 3", "1, 2, 4 or 8"});
  EXPECT_EQ(device.ledger().total().current, 0);
  expect_error(ExitCode::kFailure, {"[to_host]", "empty"}, [] { download(Tensor()); });
}

}  // namespace
}  // namespace ttx::test
