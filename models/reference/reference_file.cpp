// SPDX-License-Identifier: Apache-2.0
#include "models/reference/reference_file.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "runtime/error.hpp"
#include "runtime/safetensors.hpp"
#include "runtime/safetensors_writer.hpp"

namespace ttx::reference {

namespace {

constexpr const char* kOp = "reference";

std::vector<std::int32_t> read_ids(const SafetensorsFile& file, const std::string& name) {
  const SafetensorsEntry* const entry = file.find(name);
  TTX_CHECK_AS(entry != nullptr, ExitCode::kCheckpoint, kOp, "{}: tensor '{}' is missing",
               file.path().string(), name);
  TTX_CHECK_AS((entry->dtype == "I64" || entry->dtype == "I32") && entry->shape.size() == 1,
               ExitCode::kCheckpoint, kOp, "{}: '{}' is {}, expected one dim of I64 or I32",
               file.path().string(), name, entry->describe());
  std::vector<std::int64_t> wide;
  if (entry->dtype == "I64") {
    wide = file.int64s(name);
  } else {
    const HostTensor tensor = file.tensor(name);
    std::vector<std::int32_t> narrow(tensor.bytes().size() / sizeof(std::int32_t));
    if (!narrow.empty()) {
      std::memcpy(narrow.data(), tensor.bytes().data(), tensor.bytes().size());
    }
    wide.assign(narrow.begin(), narrow.end());
  }
  std::vector<std::int32_t> ids;
  ids.reserve(wide.size());
  for (const std::int64_t id : wide) {
    TTX_CHECK_AS(id >= 0 && id <= std::numeric_limits<std::int32_t>::max(), ExitCode::kCheckpoint, kOp,
                 "{}: '{}' holds {}, which is not a token id", file.path().string(), name, id);
    ids.push_back(static_cast<std::int32_t>(id));
  }
  return ids;
}

HostTensor read_floats(const SafetensorsFile& file, const std::string& name) {
  const SafetensorsEntry* const entry = file.find(name);
  if (entry == nullptr) {
    return {};
  }
  TTX_CHECK_AS(entry->dtype == "F32", ExitCode::kCheckpoint, kOp, "{}: '{}' is {}, expected F32",
               file.path().string(), name, entry->describe());
  return file.tensor(name);
}

/// HostTensor::empty() is true for a tensor without elements too; absent is what has no dims.
bool present(const HostTensor& tensor) { return tensor.shape().rank() > 0; }

void check_floats(const HostTensor& tensor, int rank, const std::string& where) {
  TTX_CHECK_AS(
      tensor.dtype() == DataType::FLOAT32 && tensor.shape().rank() == rank && !tensor.is_transposed(),
      ExitCode::kCheckpoint, kOp, "{}: got {} {}, expected {} dims of FLOAT32", where,
      to_string(tensor.dtype()), tensor.shape().to_string(), rank);
}

std::vector<std::int64_t> widened(const std::vector<std::int32_t>& ids) { return {ids.begin(), ids.end()}; }

std::vector<std::uint64_t> sizes_of(const Shape& shape) {
  std::vector<std::uint64_t> sizes;
  sizes.reserve(static_cast<std::size_t>(shape.rank()));
  for (int dim = 0; dim < shape.rank(); ++dim) {
    sizes.push_back(static_cast<std::uint64_t>(shape[dim]));
  }
  return sizes;
}

}  // namespace

void check(const Reference& reference, const std::string& where) {
  const auto p = static_cast<std::int64_t>(reference.prompt_ids.size());
  const auto n = static_cast<std::int64_t>(reference.target_ids.size());
  TTX_CHECK_AS(p >= 1, ExitCode::kCheckpoint, kOp, "{}: the prompt has no tokens", where);
  std::int64_t vocabulary = std::int64_t{1} << 31;
  if (present(reference.logits)) {
    const Shape& shape = reference.logits.shape();
    check_floats(reference.logits, 2, where + ": 'logits'");
    TTX_CHECK_AS(shape[0] == n, ExitCode::kCheckpoint, kOp, "{}: 'logits' has shape {}, expected [{}, V]",
                 where, shape.to_string(), n);
    vocabulary = shape[1];
  }
  if (present(reference.hidden_states)) {
    const Shape& shape = reference.hidden_states.shape();
    check_floats(reference.hidden_states, 3, where + ": 'hidden_states'");
    TTX_CHECK_AS(shape[1] == p + n - 1 && shape[0] >= 2, ExitCode::kCheckpoint, kOp,
                 "{}: 'hidden_states' has shape {}, expected [layers + 1, {}, H]", where, shape.to_string(),
                 p + n - 1);
  }
  for (const auto* const ids : {&reference.prompt_ids, &reference.target_ids}) {
    for (const std::int32_t id : *ids) {
      TTX_CHECK_AS(id >= 0 && id < vocabulary, ExitCode::kCheckpoint, kOp,
                   "{}: token {} is outside the vocabulary of {}", where, id, vocabulary);
    }
  }
}

Reference read_reference(const std::filesystem::path& path) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  Reference reference;
  reference.metadata = file.metadata();
  const auto said = [&](const char* key) {
    const auto found = reference.metadata.find(key);
    return found == reference.metadata.end() ? std::string() : found->second;
  };
  TTX_CHECK_AS(
      said("format") == kReferenceFormat, ExitCode::kCheckpoint, kOp,
      "{}: not a reference file: format is \"{}\", expected \"{}\"; launch/make_reference.py makes one",
      path.string(), said("format"), kReferenceFormat);
  TTX_CHECK_AS(said("version") == kReferenceVersion, ExitCode::kCheckpoint, kOp,
               "{}: got version \"{}\", expected \"{}\"; make the file again", path.string(), said("version"),
               kReferenceVersion);
  TTX_CHECK_AS(said("dtype") == "float32", ExitCode::kCheckpoint, kOp,
               "{}: got dtype \"{}\", expected \"float32\"", path.string(), said("dtype"));
  reference.prompt_ids = read_ids(file, "prompt_ids");
  reference.target_ids = read_ids(file, "target_ids");
  reference.logits = read_floats(file, "logits");
  reference.hidden_states = read_floats(file, "hidden_states");
  check(reference, path.string());
  return reference;
}

void write_reference(const std::filesystem::path& path, const Reference& reference) {
  check(reference, path.string());
  std::map<std::string, std::string> metadata = reference.metadata;
  metadata["format"] = kReferenceFormat;
  metadata["version"] = kReferenceVersion;
  metadata["dtype"] = "float32";
  std::vector<SafetensorsWriter::Tensor> tensors{{"prompt_ids", "I64", {reference.prompt_ids.size()}},
                                                 {"target_ids", "I64", {reference.target_ids.size()}}};
  const std::pair<const char*, const HostTensor&> large[] = {{"logits", reference.logits},
                                                             {"hidden_states", reference.hidden_states}};
  for (const auto& [name, tensor] : large) {
    if (present(tensor)) {
      tensors.push_back({name, "F32", sizes_of(tensor.shape())});
    }
  }
  SafetensorsWriter writer(path, std::move(tensors), metadata);
  const std::vector<std::int64_t> prompt = widened(reference.prompt_ids);
  const std::vector<std::int64_t> targets = widened(reference.target_ids);
  writer.write("prompt_ids", std::as_bytes(std::span(prompt)));
  writer.write("target_ids", std::as_bytes(std::span(targets)));
  for (const auto& [name, tensor] : large) {
    if (present(tensor)) {
      writer.write(name, tensor.bytes());
    }
  }
  writer.finish();
}

}  // namespace ttx::reference
