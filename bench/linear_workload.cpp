// SPDX-License-Identifier: Apache-2.0
#include "bench/linear_workload.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>

#include <fmt/format.h>

namespace ttx::bench {
namespace {

/// Random bf16 of magnitude 0.5 to 1, either sign.
void fill(std::span<kernels::Bf16> values, std::uint64_t state) {
  for (kernels::Bf16& value : values) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    value.bits = static_cast<std::uint16_t>((state & 0x807FU) | 0x3F00U);
  }
}

/// Random bytes from 32 to 127.
void fill(std::span<std::uint8_t> bytes, std::uint64_t state) {
  for (std::uint8_t& byte : bytes) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    byte = static_cast<std::uint8_t>((state & 0x7FU) | 32U);
  }
}

template <class Value>
std::span<Value> values_of(const MemoryBlock& block) {
  return {reinterpret_cast<Value*>(block.data()), block.size() / sizeof(Value)};
}

kernels::BlockFloat format_of(WeightType type) {
  return type == WeightType::kBfloat4b ? kernels::BlockFloat::k4 : kernels::BlockFloat::k8;
}

kernels::KBlocks equal_blocks(const WeightShape& shape) {
  kernels::KBlocks blocks;
  blocks.count = shape.blocks;
  for (int i = 0; i < shape.blocks; ++i) {
    blocks.end[static_cast<std::size_t>(i)] = shape.k * (i + 1) / shape.blocks;
  }
  return blocks;
}

}  // namespace

std::int64_t WeightShape::bytes() const {
  return kernels::panel_count(n) * (type == WeightType::kBfloat16
                                        ? kernels::panel_elements(k) * 2
                                        : kernels::block_float_panel_bytes(k, format_of(type)));
}

double Pass::bytes() const {
  double sum = 0.0;
  for (const WeightShape& shape : weights) {
    sum += static_cast<double>(shape.bytes());
  }
  return sum;
}

double Pass::flops() const {
  double sum = 0.0;
  for (const WeightShape& shape : weights) {
    sum += shape.flops(m);
  }
  return sum;
}

Pass repeated(std::int64_t m, WeightShape shape, std::int64_t bytes) {
  const std::string name =
      fmt::format("{} x {}, {} block{}", shape.n, shape.k, shape.blocks, shape.blocks > 1 ? "s" : "");
  return {name, m,
          std::vector<WeightShape>(static_cast<std::size_t>(std::max<std::int64_t>(1, bytes / shape.bytes())),
                                   shape)};
}

LinearWorkload::LinearWorkload(std::int64_t weight_bytes)
    : weights_(MemoryBlock::allocate(static_cast<std::size_t>(weight_bytes / 2 * 2))),
      coded_(MemoryBlock::allocate(static_cast<std::size_t>(weight_bytes / 2 + weight_bytes / 32))) {
  fill(values_of<std::uint8_t>(coded_), 0xA0761D6478BD642FU);
  fill(values_of<kernels::Bf16>(weights_), 0x9E3779B97F4A7C15U);
}

double LinearWorkload::run(const kernels::Table& table, const Pass& pass, Placement placement) {
  std::int64_t k = 0;
  std::int64_t n = 0;
  for (const WeightShape& shape : pass.weights) {
    k = std::max(k, shape.k);
    n = std::max(n, shape.n);
  }
  x_.resize(static_cast<std::size_t>(pass.m * k));
  fill(x_, 0xD1B54A32D192ED03U);
  packed_x_.resize(static_cast<std::size_t>(kernels::packed_rows_elements(pass.m, k)));
  out_.resize(static_cast<std::size_t>(pass.m * n));
  Barrier barrier(placement.threads);
  return run_team(placement.threads, placement.pin,
                  [&](int thread) { run_thread(table, pass, thread, placement.threads, barrier); });
}

void LinearWorkload::run_thread(const kernels::Table& table, const Pass& pass, int thread, int threads,
                                Barrier& barrier) {
  std::int64_t at = 0;
  for (const WeightShape& shape : pass.weights) {
    const auto share = [&](std::int64_t of, int index) { return of * index / threads; };
    if (pass.m > 1) {
      const std::int64_t tiles = kernels::row_tile_count(pass.m);
      table.pack_rows({.x = x_.data(),
                       .x_stride = shape.k,
                       .m = pass.m,
                       .k = shape.k,
                       .first_tile = share(tiles, thread),
                       .last_tile = share(tiles, thread + 1),
                       .out = packed_x_.data()});
      barrier.wait();
    }
    const bool coded = shape.type != WeightType::kBfloat16;
    if (at + shape.bytes() > (coded ? static_cast<std::int64_t>(coded_.size()) : weight_bytes())) {
      at = 0;
    }
    kernels::LinearCall call;
    call.x = x_.data();
    call.x_stride = shape.k;
    call.m = pass.m;
    call.packed_x = packed_x_.data();
    call.panels = coded ? nullptr : values_of<kernels::Bf16>(weights_).data() + at / 2;
    call.n = shape.n;
    call.k = shape.k;
    call.blocks = equal_blocks(shape);
    call.first_panel = share(kernels::panel_count(shape.n), thread);
    call.last_panel = share(kernels::panel_count(shape.n), thread + 1);
    call.out_f32 = out_.data();
    call.out_stride = shape.n;
    if (coded) {
      table.block_float_linear({call, values_of<std::uint8_t>(coded_).data() + at, format_of(shape.type)});
    } else {
      table.linear(call);
    }
    barrier.wait();
    at += shape.bytes();
  }
}

}  // namespace ttx::bench
