# SPDX-License-Identifier: Apache-2.0
#
# Part of launch/new-model: what it knows of the model, in the words of its templates. @ID@ in a template is $id.
words=(id system namespace class rows columns devices start line unit build base base_name base_namespace base_class base_include
  unchecked model_type checks sizes heads per_device calls rope logits cache_shape todo)

start=ttx-eval
line="a line of one device"
unit=$system
[[ $devices -eq 1 ]] || { start="ttx-launch ttx-eval"; line="a line of $devices devices"; unit="$system chip"; }
base_name=${base#*/}
if [[ -n $output ]]; then
  prefix=
  [[ -d $here/new_model ]] || prefix=" -DCMAKE_PREFIX_PATH=$(printf %q "$(dirname "$here")")"
  build=$(printf 'cmake%s -S %q -B %q && cmake --build %q' "$prefix" "$output" "$output/build" "$output/build")
else
  build="cmake --build --preset dev --target model.${id/\//.}.$system"
fi

rope_type=default
gaps=()
gap() { gaps+=("$1"); }
if [[ -n $said ]]; then
  layers=$(of num_hidden_layers)
  hidden=$(of hidden_size)
  width=$(of head_dim)
  embeddings=untied
  [[ $(of tie_word_embeddings) == false ]] || embeddings=tied
  rope_type=$(of rope_type)
  scaling="type $rope_type"
  [[ $rope_type != default ]] || scaling="no scaling"
  per_device=$(of per_device)
  kv_heads=$(sed 's/.*, \([0-9]*\) KV head.*/\1/' <<< "$per_device")
  sizes="$layers decoder layers, hidden $hidden, $(of num_attention_heads) query and $(of num_key_value_heads) KV heads of width $width, intermediate $(of intermediate_size),
vocabulary $(of vocab_size), $embeddings embeddings."
  [[ $(of sliding_layers) == 0 ]] || sizes+=" $(of sliding_layers) of the layers slide over a window of $(of sliding_window)."
  heads="$(of heads)."
  calls="2 all_reduce per layer, $((2 * layers)) per forward call."
  rope="theta $(of rope_theta), $scaling"
  logits=$(of vocab_size)
  cache_shape="$kv_heads, max_seq_len, $width"

  [[ $base == arcee-ai/Arcee-Spark || $(of attention_bias) == false ]] ||
    gap "q, k and v have biases: load_attention and qkv, as models/arcee-ai/Arcee-Spark/model.cpp has them"
  [[ $(of attention_output_bias) == false ]] ||
    gap "o has a bias, to be added once, after its all_reduce: decoder_layer"
  [[ $(of mlp_bias) == false ]] || gap "the linears of the MLP have biases; that of down is added once, after its all_reduce: load_mlp and mlp"
  [[ $(of hidden_act) == "$act" ]] || gap "the activation is $(of hidden_act), that of $base_name is $act: mlp"
  [[ -z $ropes || " $ropes " == *" $rope_type "* ]] || gap "the rope type is $rope_type, $base_name takes ${ropes/ / or }: its check, and load_rotary"
  [[ $(of partial_rotary_factor) == 1 ]] || gap "only a part of each head turns ($(of partial_rotary_factor)): load_rotary and rotary"
  [[ $((width % 32)) -eq 0 && $width -le 256 ]] || gap "heads are $width wide, the attention ops take multiples of 32 up to 256: load_attention"
else
  sizes="Layers, hidden size, heads, head width, intermediate size and vocabulary belong here (\`ttx-config config.json --mesh ${rows}x$columns\` prints them)."
  heads="How the heads are dealt: \`ttx-plan\` says it in its second line."
  per_device="all columns / $devices"
  calls="2 all_reduce per layer."
  rope="no scaling"
  logits=V
  cache_shape="KV heads / $devices, max_seq_len, head_dim"
fi

base_include=$base/model.hpp
if [[ $base == "$llama" ]]; then
  unchecked="Unchecked{}, "
  checks="
      .model_type(\"$model_type\")
      .rope_type({\"$rope_type\"})
      .plain_decoder()"
else
  unchecked=
  checks=".model_type(\"$model_type\")"
fi
if [[ -z $said ]]; then
  todo="No config was given, so that nothing is known of it. \`new-model --config config.json\` would have said here where its config
departs from the text of $base_name."
elif [[ ${#gaps[@]} -eq 0 ]]; then
  todo="Nothing: the text of $base_name covers its config.json. What a config does not say shows when the weights are loaded: tensors
that are missing, left over or of another shape are refused by name."
else
  todo="Its config.json departs from the text of $base_name in what follows; until that is covered, every run is refused by name.

$(printf -- '- %s.\n' "${gaps[@]}")"
fi
