// SPDX-License-Identifier: Apache-2.0
#include "runtime/upload_weight.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "kernels/block_float.hpp"
#include "runtime/block_float.hpp"
#include "runtime/error.hpp"
#include "runtime/ops/parallel.hpp"
#include "runtime/packed_file.hpp"
#include "runtime/panel_packer.hpp"
#include "runtime/storage.hpp"
#include "runtime/upload_shape.hpp"

namespace ttx {

namespace {

constexpr int kRank = 4;

/// This device's piece of a weight.
struct Piece {
  Shape local;
  Range rows;     ///< K
  Range columns;  ///< N
};

Piece checked_piece(const HostTensor& host, const Upload& how) {
  TTX_CHECK((how.dtype == DataType::BFLOAT16 || is_block_float(how.dtype)) && how.layout == Layout::TILE,
            kUploadOp,
            "'{}': a transposed tensor becomes a linear weight: got {} {}, expected BFLOAT16 TILE, BFLOAT8_B "
            "TILE or BFLOAT4_B TILE",
            host.name(), to_string(how.dtype), to_string(how.layout));
  const Shape whole = extended(host.shape());
  TTX_CHECK(whole.rank() == kRank && whole[0] == 1 && whole[1] == 1, kUploadOp,
            "'{}': a linear weight is [K, N] or [1, 1, K, N]: got {}", host.name(), host.shape().to_string());
  const Shape local = local_shape(host, how);
  TTX_CHECK(!how.placement.is_sharded(0) && !how.placement.is_sharded(1), kUploadOp,
            "'{}': a linear weight is sharded on dim 2 (rows) or 3 (columns): got dim {}", host.name(),
            how.placement.dim);
  const Range columns = range_of(how, whole, 3);
  TTX_CHECK(
      !is_block_float(how.dtype) || columns.begin % kBlockFloatGroup == 0, kUploadOp,
      "'{}': {} columns of this device begin at {}, which is no multiple of {}: groups would depend on the "
      "mesh; use BFLOAT16 for so few columns",
      host.name(), to_string(how.dtype), columns.begin, kBlockFloatGroup);
  return {local, range_of(how, whole, 2), columns};
}

kernels::KBlocks k_blocks(const HostTensor& host, const Upload& how, std::int64_t k) {
  kernels::KBlocks blocks;
  blocks.end[0] = k;
  const SumBlocks& given = how.sum_blocks;
  if (!how.placement.is_sharded(2)) {
    TTX_CHECK(given.count == 1 && (given.end[0] == 0 || given.end[0] == k), kUploadOp,
              "'{}': {} sum blocks for a weight that is {}; only a weight sharded on dim 2 has several",
              host.name(), given.count, how.placement.to_string());
    return blocks;
  }
  const int count = given.count;
  TTX_CHECK(count == 1 || count == 2 || count == 4 || count == 8, kUploadOp,
            "'{}': sum blocks: got {}, expected 1, 2, 4 or 8", host.name(), count);
  std::int64_t begin = 0;
  for (int i = 0; i < count; ++i) {
    const std::int64_t end = given.end[static_cast<std::size_t>(i)];
    const bool last = i + 1 == count;
    TTX_CHECK(end >= begin && (last ? end == k : end <= k && end % 2 == 0), kUploadOp,
              "'{}': sum block {} of {} ends at {}, expected an even place after {}, and {} for the last",
              host.name(), i, count, end, begin, k);
    begin = end;
  }
  blocks.end = given.end;
  blocks.count = count;
  return blocks;
}

/// Where the panels of a piece lie in a packed file.
struct PackedPiece {
  std::uint64_t begin = 0;  ///< of the first panel's first chunk, in the entry
  std::int64_t stride = 0;  ///< bytes from a panel to the next in the file
  std::int64_t panels = 0;
  std::int64_t bytes = 0;  ///< of one panel of the piece
};

/// Nothing when the piece does not begin and end with chunks and panels of the whole weight.
std::optional<PackedPiece> packed_piece(const PackedEntry& entry, const Piece& piece) {
  constexpr std::int64_t kChunkRows = 2 * kernels::kChunkPairs;
  const auto fits = [](Range range, std::int64_t step, std::int64_t whole) {
    return range.begin % step == 0 && (range.end % step == 0 || range.end == whole);
  };
  if (!fits(piece.rows, kChunkRows, entry.k) || !fits(piece.columns, kernels::kPanelColumns, entry.n)) {
    return std::nullopt;
  }
  const std::int64_t stride = panel_bytes_of(entry.k, entry.dtype);
  const std::int64_t before =
      piece.columns.begin / kernels::kPanelColumns * stride +
      piece.rows.begin / kChunkRows * kernels::chunk_bytes(block_float_of(entry.dtype));
  return PackedPiece{.begin = static_cast<std::uint64_t>(before),
                     .stride = stride,
                     .panels = kernels::panel_count(piece.columns.size()),
                     .bytes = panel_bytes_of(piece.rows.size(), entry.dtype)};
}

/// False when the packed file does not have this piece.
bool take_packed(Device& device, const HostTensor& host, const Upload& how, const Piece& piece,
                 Tensor::Storage& storage) {
  const PackedEntry* const entry = how.packed == nullptr ? nullptr : how.packed->find(host.name(), how.dtype);
  if (entry == nullptr || entry->k != host.shape()[-2] || entry->n != host.shape()[-1]) {
    return false;
  }
  const std::optional<PackedPiece> packed = packed_piece(*entry, piece);
  if (!packed) {
    return false;
  }
  const auto size = static_cast<std::size_t>(packed->panels * packed->bytes);
  storage.bytes = size;
  if (packed->bytes == packed->stride) {
    storage.block = MemoryBlock::view(how.packed->bytes(*entry).subspan(packed->begin, size), how.packed);
    return true;
  }
  storage.block = MemoryBlock::allocate(size, how.use);
  std::byte* const to = storage.as<std::byte>();
  ops::parallel(device, packed->panels, packed->bytes, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t panel = first; panel < last; ++panel) {
      how.packed->read(*entry, packed->begin + static_cast<std::uint64_t>(panel * packed->stride),
                       {to + panel * packed->bytes, static_cast<std::size_t>(packed->bytes)});
    }
  });
  return true;
}

}  // namespace

Tensor upload_weight(Device& device, const HostTensor& host, const Upload& how) {
  const Piece piece = checked_piece(host, how);
  const std::int64_t tile_bytes = device_bytes(piece.local, how.dtype, how.layout);
  auto storage = std::make_shared<Tensor::Storage>();
  if (is_block_float(how.dtype) && take_packed(device, host, how, piece, *storage)) {
    storage->device = &device;
    storage->claim = device.claim(how.use, tile_bytes);
  } else {
    const PanelPacker packer(host, piece.rows, piece.columns, how.dtype);
    const std::int64_t panel_bytes = packer.panel_bytes();
    storage = allocate_storage(device, static_cast<std::size_t>(packer.panels() * panel_bytes), how.use,
                               tile_bytes);
    std::byte* const to = storage->as<std::byte>();
    ops::parallel(device, packer.panels(), packer.work_bytes(), [&](std::int64_t first, std::int64_t last) {
      packer.pack(first, last, to + first * panel_bytes);
    });
  }
  storage->blocks = k_blocks(host, how, piece.rows.size());
  const Format format = is_block_float(how.dtype) ? Format::kBlockFloatPanels : Format::kWeightPanels;
  return Tensor::adopt(std::move(storage), piece.local, how.dtype, how.layout, how.placement, format,
                       host.name());
}

}  // namespace ttx
