// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ttx::ccl {

/// The cores that this process may run on: cores, not hardware threads, for that is what mpirun counts. 0
/// when the system does not say.
int usable_cores();

/// Whether this process may run on every online processor: no affinity mask (taskset) keeps it from some.
/// mpirun binds ranks to cores of the machine whatever the mask is.
bool may_use_every_processor();

}  // namespace ttx::ccl
