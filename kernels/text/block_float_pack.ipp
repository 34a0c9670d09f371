// SPDX-License-Identifier: Apache-2.0

// Rests on pack_chunk<kFormat>(call, at, chunk), which packs the chunk of k `at` on, all of its bytes, and on
// stream_register(from, to), which copies the bytes of a register past the caches.

/// Whole lines past the caches, or as they come where `to` does not begin with a line.
TTX_INLINE void copy_chunk(const std::uint8_t* from, std::int64_t bytes, std::uint8_t* to) {
  if (reinterpret_cast<std::uintptr_t>(to) % 64 != 0) {
    __builtin_memcpy(to, from, static_cast<std::size_t>(bytes));
    return;
  }
  for (std::int64_t i = 0; i < bytes; i += 4 * kRegisterLanes) {
    stream_register(from + i, to + i);
  }
}

template <BlockFloat kFormat>
TTX_INLINE void pack_block_float_as(const PackBlockFloatCall& call) {
  alignas(64) std::uint8_t chunk[static_cast<std::size_t>(chunk_bytes(kFormat))];
  std::uint8_t* to = call.panel;
  for (std::int64_t at = 0; at < call.k; at += 2 * kChunkPairs, to += chunk_bytes(kFormat)) {
    pack_chunk<kFormat>(call, at, chunk);
    copy_chunk(chunk, chunk_bytes(kFormat), to);
  }
  _mm_sfence();
}

TTX_WORK void pack_block_float_work(const PackBlockFloatCall& call) {
  call.format == BlockFloat::k8 ? pack_block_float_as<BlockFloat::k8>(call)
                                : pack_block_float_as<BlockFloat::k4>(call);
}
