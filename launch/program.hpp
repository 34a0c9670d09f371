// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "ccl/environment.hpp"

namespace ttx::launch {

/// The main of an MPI program: starts MPI, runs `body` on every rank, turns what it throws into one sentence
/// on stderr and an exit code, finalises. Errors thrown alike on all ranks are printed by rank 0; those of
/// ccl::on_root and ccl::everywhere by the rank that failed.
int mpi_program(const std::string& name, int argc, char** argv,
                const std::function<int(const ccl::Environment& mpi, int argc, char** argv)>& body);

/// Runs `work`, in which ranks communicate, so that a rank that fails alone cannot leave the others waiting:
/// the job is ended with the error's exit code. When all fail alike, rank 0's sentence is the one printed.
void in_step(const std::string& name, const ccl::Communicator& world, const std::function<void()>& work);

}  // namespace ttx::launch
