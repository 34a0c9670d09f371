// SPDX-License-Identifier: Apache-2.0
#include "bench/model_rounds.hpp"

#include <algorithm>

#include "bench/rank_clock.hpp"
#include "ccl/mesh_device.hpp"

namespace ttx::bench {

namespace {

/// Some token of the vocabulary, another at each position.
std::int32_t token_at(std::int64_t position, std::int64_t vocab_size) {
  return static_cast<std::int32_t>((position * 7919 + 13) % vocab_size);
}

}  // namespace

ModelRounds::ModelRounds(CausalLM& model, LocalTransport* local, std::int64_t decode_steps)
    : model_(model), local_(local), decode_steps_(decode_steps) {}

void ModelRounds::fill(std::int64_t positions) {
  if (positions > 0) {
    prefill(positions);
  }
}

void ModelRounds::measure(std::vector<Measured>& measured, const HostProbe& probe,
                          const std::function<void()>& after_each) {
  for (Measured& kind : measured) {
    kind.limits.push_back(probe.measure());
    lead_in(kind);
    kind.seconds.push_back(timed(kind));
    if (local_ != nullptr) {
      local_->set(LocalTransport::Mode::kLearn);
      lead_in(kind);
      local_->set(LocalTransport::Mode::kLocal);
      kind.local.push_back(timed(kind));
      local_->set(LocalTransport::Mode::kReal);
    }
    after_each();
  }
}

double ModelRounds::timed(const Measured& measured) {
  const ccl::Communicator& line = model_.mesh().line();
  if (measured.kind == Measured::Kind::kPrefill) {
    return seconds_on_all(line, [&] { prefill(measured.at); });
  }
  return seconds_on_all(line, [&] { decode(measured.at, decode_steps_); }) /
         static_cast<double>(decode_steps_);
}

void ModelRounds::lead_in(const Measured& measured) {
  if (measured.kind == Measured::Kind::kPrefill) {
    prefill(std::min<std::int64_t>(measured.at, 2));
  } else {
    decode(std::max<std::int64_t>(measured.at - 1, 0), 1);
  }
}

void ModelRounds::prefill(std::int64_t tokens) {
  std::vector<std::int32_t> ids;
  for (std::int64_t position = 0; position < tokens; ++position) {
    ids.push_back(token_at(position, model_.vocab_size()));
  }
  model_.forward(ids, nullptr, LogitsToKeep{1});
}

void ModelRounds::decode(std::int64_t position, std::int64_t steps) {
  PastKeyValues past{position};
  for (std::int64_t step = 0; step < steps; ++step) {
    const std::int32_t token = token_at(past.seq_len, model_.vocab_size());
    past = model_.forward(std::span(&token, 1), &past).past_key_values;
  }
}

}  // namespace ttx::bench
