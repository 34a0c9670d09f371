// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "bench/host_probe.hpp"
#include "bench/local_transport.hpp"
#include "bench/model_report.hpp"
#include "models/common/causal_lm.hpp"

namespace ttx::bench {

/// The steps of a loaded model, timed on all ranks.
class ModelRounds {
 public:
  /// `local` is null on a mesh of one device. All of these outlive the rounds.
  ModelRounds(CausalLM& model, LocalTransport* local, std::int64_t decode_steps);

  /// Fills the caches of `positions`, which is also a first run of everything. Collective.
  void fill(std::int64_t positions);
  /// One round of each kind, the probe before it. Collective.
  void measure(std::vector<Measured>& measured, const HostProbe& probe,
               const std::function<void()>& after_each);

 private:
  void prefill(std::int64_t tokens);
  void decode(std::int64_t position, std::int64_t steps);
  /// Seconds of a step.
  double timed(const Measured& measured);
  /// Takes in the collectives of a step of this kind.
  void lead_in(const Measured& measured);

  CausalLM& model_;
  LocalTransport* local_;
  std::int64_t decode_steps_;
};

}  // namespace ttx::bench
