// SPDX-License-Identifier: Apache-2.0

// What the table points to: each sets the floating-point mode, then calls the work.

template <class Call, void (*kWork)(const Call&)>
void entry(const Call& call) {
  const FloatMode mode;
  kWork(call);
}

template <class From, class To, void (*kWork)(const From*, std::int64_t, To*)>
void array_entry(const From* x, std::int64_t n, To* out) {
  const FloatMode mode;
  kWork(x, n, out);
}

constexpr Table make_table(Isa isa) {
  return Table{
      .isa = isa,
      .pack_panel = entry<PackPanelCall, pack_panel_work>,
      .pack_rows = entry<PackRowsCall, pack_rows_work>,
      .linear = entry<LinearCall, linear_work>,
      .pack_block_float = entry<PackBlockFloatCall, pack_block_float_work>,
      .block_float_linear = entry<BlockFloatLinearCall, block_float_linear_work>,
      .through_block_float = entry<ThroughBlockFloatCall, through_block_float_work>,
      .write_keys = entry<CacheWriteCall, write_keys_work>,
      .write_values = entry<CacheWriteCall, write_values_work>,
      .attention = entry<AttentionCall, attention_work>,
      .rms_norm = entry<RmsNormCall, rms_norm_work>,
      .rotary = entry<RotaryCall, rotary_work>,
      .silu = entry<ElementwiseCall, elementwise_work<Silu, Second::kNone>>,
      .gelu_tanh = entry<ElementwiseCall, elementwise_work<GeluTanh, Second::kNone>>,
      .gelu_erf = entry<ElementwiseCall, elementwise_work<GeluErf, Second::kNone>>,
      .relu = entry<ElementwiseCall, elementwise_work<Relu, Second::kNone>>,
      .tanh = entry<ElementwiseCall, elementwise_work<Tanh, Second::kNone>>,
      .square = entry<ElementwiseCall, elementwise_work<Square, Second::kNone>>,
      .mul = entry<ElementwiseCall, elementwise_work<Product, Second::kElements>>,
      .mul_scalar = entry<ElementwiseCall, elementwise_work<Product, Second::kScalar>>,
      .mul_silu = entry<ElementwiseCall, elementwise_work<ProductWith<Silu>, Second::kElements>>,
      .mul_gelu_tanh = entry<ElementwiseCall, elementwise_work<ProductWith<GeluTanh>, Second::kElements>>,
      .mul_gelu_erf = entry<ElementwiseCall, elementwise_work<ProductWith<GeluErf>, Second::kElements>>,
      .add = entry<ElementwiseCall, elementwise_work<Sum, Second::kElements>>,
      .tree_sum = entry<TreeSumCall, tree_sum_work>,
      .round_to_bf16 = array_entry<float, Bf16, round_work>,
      .widen = array_entry<Bf16, float, widen_work>,
      .half_to_bf16 = array_entry<std::uint16_t, Bf16, half_work>,
      .exponential = array_entry<float, float, function_work<Exponential>>,
      .hyperbolic_tangent = array_entry<float, float, function_work<HyperbolicTangent>>,
      .normal_cdf = array_entry<float, float, function_work<NormalCdf>>,
  };
}
