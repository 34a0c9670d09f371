// SPDX-License-Identifier: Apache-2.0
#include "launch/interruption.hpp"

#include <atomic>

namespace ttx::launch {

namespace {

std::atomic<int> signal_that_came{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler writes it");

extern "C" void ttx_note_signal(int number) { signal_that_came = number; }

}  // namespace

Interruption::Interruption() {
  signal_that_came = 0;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action {};
    action.sa_handler = ttx_note_signal;
    sigemptyset(&action.sa_mask);
    sigaction(kSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) {  // nohup
      sigaction(kSignals[i], &action, nullptr);
    }
  }
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &before_[i], nullptr);
  }
}

void Interruption::check() {
  if (signal_that_came != 0) {
    throw Interrupted();
  }
}

void Interruption::note(int signal) { signal_that_came = signal; }

void Interruption::end_process() {
  const int number = signal_that_came;
  if (number != 0) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

}  // namespace ttx::launch
