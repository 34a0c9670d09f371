// SPDX-License-Identifier: Apache-2.0

TTX_WORK void write_keys_work(const CacheWriteCall& call) {
  for (std::int64_t i = 0; i < call.count; ++i) {
    const std::int64_t position = call.first + i;
    const Bf16* row = call.rows + i * call.stride;
    Bf16* column =
        call.cache + position / kPanelColumns * panel_elements(call.head_dim) + position % kPanelColumns * 2;
    for (std::int64_t d = 0; d < call.head_dim; d += 2) {
      __builtin_memcpy(column + d * kPanelColumns, row + d, 2 * sizeof(Bf16));
    }
  }
}

TTX_WORK void write_values_work(const CacheWriteCall& call) {
  for (std::int64_t i = 0; i < call.count; ++i) {
    const std::int64_t position = call.first + i;
    const Bf16* row = call.rows + i * call.stride;
    Bf16* out = call.cache + position / 2 * 2 * call.head_dim + position % 2;
    for (std::int64_t d = 0; d < call.head_dim; ++d) {
      out[2 * d] = row[d];
    }
  }
}
