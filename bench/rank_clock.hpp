// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "ccl/communicator.hpp"

namespace ttx::bench {

/// Seconds from the first rank's start of `work` to the last one's end, on every rank; all are of one host.
/// Ranks that are done sleep. Collective.
double seconds_on_all(const ccl::Communicator& line, const std::function<void()>& work);

/// Since this process began, to a hundredth of a second. 0 where /proc does not say.
double process_seconds();

}  // namespace ttx::bench
