// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "models/hf/chat_template/filters.hpp"

namespace ttx::hf::jinja {

/// Those of Jinja's filters that go through elements; nullptr when it is none of them.
Filter find_list_filter(std::string_view name);

}  // namespace ttx::hf::jinja
