// SPDX-License-Identifier: Apache-2.0

TTX_WORK void rms_norm_work(const RmsNormCall& call) {
  const std::int64_t width = call.width;
  const std::int64_t whole = width / kLanes * kLanes;
  for (std::int64_t row = 0; row < call.rows; ++row) {
    const Bf16* x = call.x + row * width;
    Bf16* out = call.out + row * width;
    Lanes squares = {};
    for (std::int64_t i = 0; i < whole; i += kLanes) {
      const Lanes value = load_bf16(x + i);
      squares = squares + value * value;
    }
    if (whole < width) {
      const Lanes value = load_bf16_part(x + whole, width - whole);
      squares = squares + value * value;
    }
    const float mean = sum_of_lanes(squares) / static_cast<float>(width);
    const float factor = 1.0F / square_root(mean + call.epsilon);
    for (std::int64_t i = 0; i < whole; i += kLanes) {
      store_bf16((load_bf16(x + i) * factor) * load_bf16(call.weight + i), out + i);
    }
    if (whole < width) {
      const std::int64_t rest = width - whole;
      const Lanes value =
          (load_bf16_part(x + whole, rest) * factor) * load_bf16_part(call.weight + whole, rest);
      store_bf16_part(value, out + whole, rest);
    }
  }
}
