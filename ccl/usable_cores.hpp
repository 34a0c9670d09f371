// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ttx::ccl {

/// The cores that this process may run on: cores, not hardware threads, for that is what mpirun counts. 0
/// when the system does not say.
int usable_cores();

}  // namespace ttx::ccl
