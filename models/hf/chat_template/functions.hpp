// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/hf/chat_template/value.hpp"

namespace ttx::hf::jinja {

/// The functions that every chat template can call: range, dict and namespace of Jinja, raise_exception and
/// strftime_now (local time) of transformers.
Dict template_functions();

}  // namespace ttx::hf::jinja
