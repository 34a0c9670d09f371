// SPDX-License-Identifier: Apache-2.0
#include "models/common/causal_lm.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ccl/mesh_device.hpp"
#include "runtime/error.hpp"

namespace ttx {

CausalLM::CausalLM(MeshDevice* mesh, std::int64_t vocab_size, std::int64_t cache_length)
    : mesh_(mesh), vocab_size_(vocab_size), cache_length_(cache_length) {}

CausalLM::~CausalLM() = default;

CausalLMOutputWithPast CausalLM::forward(std::span<const std::int32_t> input_ids, const PastKeyValues* past,
                                         LogitsToKeep keep) {
  const auto seq_len = static_cast<std::int64_t>(input_ids.size());
  const std::int64_t start = past != nullptr ? past->seq_len : 0;
  TTX_CHECK(seq_len > 0, "forward",
            "no tokens: got 0, expected at least 1; an empty prompt has nothing to predict from");
  TTX_CHECK(past == nullptr || seq_len == 1, "forward",
            "only 1-token decode is supported when using the cache: got {} tokens; start over without "
            "past_key_values",
            seq_len);
  TTX_CHECK(start >= 0, "forward", "position before the start: got {}", start);
  TTX_CHECK(keep.count >= 0, "forward", "logits to keep: got {}, expected 0 (all) or more", keep.count);
  TTX_CHECK_AS(start + seq_len <= cache_length_, ExitCode::kLength, "forward",
               "sequence length {} exceeds cache length {}; increase --max_seq_len, or MAX_CACHE_SEQ_LEN "
               "where the bring-up has "
               "one and memory allows",
               start + seq_len, cache_length_);
  for (const std::int32_t id : input_ids) {
    TTX_CHECK(id >= 0 && id < vocab_size_, "forward",
              "token outside the vocabulary: got {}, expected 0 to {}", id, vocab_size_ - 1);
  }
  const std::int64_t kept = keep.count == 0 || keep.count > seq_len ? seq_len : keep.count;
  HostTensor out = in_chunks(input_ids, start, kept);
  if (!out.empty()) {
    out = out.reshaped({1, kept, vocab_size_});
  }
  return {std::move(out), {start + seq_len}};
}

void CausalLM::set_prefill_chunk(std::int64_t tokens) {
  TTX_CHECK(tokens >= 1, "forward", "tokens of a chunk of prefill: got {}, expected 1 or more", tokens);
  prefill_chunk_ = tokens;
}

HostTensor CausalLM::in_chunks(std::span<const std::int32_t> ids, std::int64_t start, std::int64_t keep) {
  const std::int64_t count = std::ssize(ids);
  const DeviceProfile& profile = mesh_->profile();
  const bool whole = profile.numerics == Numerics::kDevice || profile.limits == DeviceLimits::kHold;
  if (whole || count <= prefill_chunk_) {
    return logits(ids, start, keep);
  }
  HostTensor kept;
  std::size_t filled = 0;
  for (std::int64_t begin = 0; begin < count; begin += prefill_chunk_) {
    const std::int64_t length = std::min(prefill_chunk_, count - begin);
    const std::int64_t wanted = std::clamp<std::int64_t>(begin + length - (count - keep), 0, length);
    HostTensor part = logits(ids.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(length)),
                             start + begin, wanted);
    if (wanted == keep) {
      return part;
    }
    if (!part.empty()) {
      if (kept.empty()) {
        kept = HostTensor::zeros(part.name(), {1, 1, keep, vocab_size_}, part.dtype());
      }
      std::memcpy(kept.mutable_bytes().data() + filled, part.bytes().data(), part.bytes().size());
      filled += part.bytes().size();
    }
  }
  return kept;
}

}  // namespace ttx
