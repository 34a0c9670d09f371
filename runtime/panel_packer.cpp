// SPDX-License-Identifier: Apache-2.0
#include "runtime/panel_packer.hpp"

#include <algorithm>
#include <vector>

#include "kernels/table.hpp"
#include "runtime/block_float.hpp"
#include "runtime/upload_shape.hpp"

namespace ttx {

namespace {

std::int64_t bfloat16_panel_bytes(std::int64_t k) {
  return kernels::panel_elements(k) * static_cast<std::int64_t>(sizeof(bfloat16));
}

/// Packs bf16 columns as `dtype` into a panel that lies at call.panel.
void pack_panel(const kernels::PackPanelCall& call, DataType dtype) {
  if (is_block_float(dtype)) {
    kernels::active().pack_block_float({call.w, call.w_stride, call.columns, call.k, block_float_of(dtype),
                                        reinterpret_cast<std::uint8_t*>(call.panel)});
  } else {
    kernels::active().pack_panel(call);
  }
}

}  // namespace

std::int64_t panel_bytes_of(std::int64_t k, DataType dtype) {
  return is_block_float(dtype) ? kernels::block_float_panel_bytes(k, block_float_of(dtype))
                               : bfloat16_panel_bytes(k);
}

PanelPacker::PanelPacker(const HostTensor& host, Range rows, Range columns, DataType dtype)
    : values_(host, kUploadOp), stride_(host.shape()[-2]), rows_(rows), columns_(columns), dtype_(dtype) {}

std::int64_t PanelPacker::panels() const { return kernels::panel_count(columns_.size()); }

std::int64_t PanelPacker::work_bytes() const { return bfloat16_panel_bytes(rows_.size()) + panel_bytes(); }

void PanelPacker::pack(std::int64_t first, std::int64_t last, std::byte* to) const {
  const std::int64_t k = rows_.size();
  std::vector<bfloat16> strip;
  if (values_.in_place() == nullptr) {
    strip.resize(static_cast<std::size_t>(kernels::kPanelColumns * k));
  }
  for (std::int64_t panel = first; panel < last; ++panel) {
    const std::int64_t column = columns_.begin + panel * kernels::kPanelColumns;
    kernels::PackPanelCall call;
    call.columns = std::min(kernels::kPanelColumns, columns_.end - column);
    call.k = k;
    call.panel = reinterpret_cast<bfloat16*>(to + (panel - first) * panel_bytes());
    if (values_.in_place() != nullptr) {
      call.w = values_.in_place() + column * stride_ + rows_.begin;
      call.w_stride = stride_;
    } else {
      for (std::int64_t i = 0; i < call.columns; ++i) {
        values_.copy((column + i) * stride_ + rows_.begin, k, strip.data() + i * k);
      }
      call.w = strip.data();
      call.w_stride = k;
    }
    pack_panel(call, dtype_);
  }
}

}  // namespace ttx
