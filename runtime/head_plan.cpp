// SPDX-License-Identifier: Apache-2.0
#include "runtime/head_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/error.hpp"

namespace ttx {

namespace {

constexpr int kCanonicalDevices = 8;

bool is_canonical(int devices) { return kCanonicalDevices % devices == 0; }

std::int64_t rounded_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// The device's `count` of consecutive heads, as far as the checkpoint has them.
Range dealt(int device, std::int64_t count, std::int64_t heads) {
  return {std::min(device * count, heads), std::min((device + 1) * count, heads)};
}

}  // namespace

HeadPlan::HeadPlan(std::int64_t num_heads, std::int64_t num_kv_heads, const ShardPlan& plan)
    : num_heads_(num_heads), num_kv_heads_(num_kv_heads), devices_(plan.devices()) {
  TTX_CHECK_AS(num_kv_heads >= 1 && num_heads >= 1 && num_heads % num_kv_heads == 0, ExitCode::kCheckpoint,
               "heads", "query heads: got {}, expected a multiple of the {} KV heads", num_heads,
               num_kv_heads);
  group_ = num_heads / num_kv_heads;
  const std::int64_t cut = is_canonical(devices_) ? kCanonicalDevices : devices_;
  if (num_kv_heads % cut == 0) {
    kv_heads_per_device_ = num_kv_heads / devices_;
    heads_per_device_ = num_heads / devices_;
  } else if (cut % num_kv_heads == 0 && num_heads % cut == 0) {
    kind_ = Kind::kRepeated;
    kv_heads_per_device_ = std::max<std::int64_t>(1, num_kv_heads / devices_);
    heads_per_device_ = num_heads / devices_;
  } else {
    kind_ = Kind::kPadded;
    const bool dealt_evenly = cut % num_kv_heads == 0 && num_kv_heads % devices_ == 0;
    zeros_left_out_ = devices_ == 1 || (is_canonical(devices_) && dealt_evenly);
    kv_heads_per_device_ = (zeros_left_out_ ? num_kv_heads : rounded_up(num_kv_heads, cut)) / devices_;
    heads_per_device_ = group_ * kv_heads_per_device_;
  }
}

Range HeadPlan::query_heads(int device) const { return dealt(device, heads_per_device_, num_heads_); }

Range HeadPlan::kv_heads(int device) const {
  if (kind_ == Kind::kRepeated && devices_ > num_kv_heads_) {
    const std::int64_t head = device * heads_per_device_ / group_;
    return {head, head + 1};
  }
  return dealt(device, kv_heads_per_device_, num_kv_heads_);
}

SumBlocks HeadPlan::sum_blocks(std::int64_t head_dim) const {
  SumBlocks blocks;
  blocks.count = is_canonical(devices_) ? kCanonicalDevices / devices_ : 1;
  // Without zero heads a block holds what one of eight devices does, and the blocks of zero heads are empty.
  const std::int64_t of_eight = rounded_up(num_kv_heads_, kCanonicalDevices) / kCanonicalDevices;
  const std::int64_t heads = zeros_left_out_ ? group_ * of_eight : heads_per_device_ / blocks.count;
  for (int i = 0; i < blocks.count; ++i) {
    blocks.end[static_cast<std::size_t>(i)] = std::min((i + 1) * heads, heads_per_device_) * head_dim;
  }
  return blocks;
}

std::string HeadPlan::to_string() const {
  const std::string counts = fmt::format("{} / {} heads", num_heads_, num_kv_heads_);
  const std::string dealt_to =
      fmt::format("{} / {} on each of {} devices", heads_per_device_, kv_heads_per_device_, devices_);
  if (kind_ == Kind::kRepeated && devices_ > num_kv_heads_) {
    return fmt::format("{}: {}, each KV head on {} devices", counts, dealt_to, devices_ / num_kv_heads_);
  }
  if (kind_ == Kind::kPadded && !zeros_left_out_) {
    return fmt::format("{}: {}, zero heads appended up to {} / {}", counts, dealt_to,
                       heads_per_device_ * devices_, kv_heads_per_device_ * devices_);
  }
  return fmt::format("{}: {}", counts, dealt_to);
}

}  // namespace ttx
