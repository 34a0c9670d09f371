// SPDX-License-Identifier: Apache-2.0
#include "launch/text_input.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "models/hf/tokenizer/utf8.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::string_view kBlank = " \t\r\n\f\v";
constexpr std::string_view kBetweenIds = " \t\r\n\f\v,";
constexpr std::size_t kMostShown = 20;
constexpr std::size_t kMostDigits = 40;

std::string reason(int error) { return std::generic_category().message(error); }

std::string read_all(int fd, const std::string& name) {
  std::string text;
  for (;;) {
    const std::size_t size = text.size();
    // Grows by what is there already: one block after another would copy a large text many times.
    text.resize(size + std::max(kBlock, size));
    const ::ssize_t count = ::read(fd, text.data() + size, text.size() - size);
    const int error = errno;
    text.resize(size + static_cast<std::size_t>(std::max<::ssize_t>(count, 0)));
    if (count == 0) {
      return text;
    }
    TTX_CHECK(count > 0 || error == EINTR, "input", "cannot read {}: {}", name, reason(error));
  }
}

std::int64_t parse_id(std::string_view piece, const std::string& name) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(piece.data(), piece.data() + piece.size(), id);
  const bool whole = end == piece.data() + piece.size();
  TTX_CHECK(error != std::errc::result_out_of_range || !whole, "input",
            "{}: got id {}, which no vocabulary has", name, piece.substr(0, kMostDigits));
  TTX_CHECK(error == std::errc() && whole, "input",
            "{}: got '{}'{}, expected token ids separated by spaces or commas, or a JSON list of them; "
            "--lines reads one list per line",
            name, piece.substr(0, kMostShown), piece.size() > kMostShown ? "..." : "");
  return id;
}

}  // namespace

TextInput read_input(const std::string& file) {
  if (file == "-") {
    return {"standard input", read_all(STDIN_FILENO, "standard input")};
  }
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  TTX_CHECK(fd >= 0, "input", "cannot read \"{}\": {}", file, reason(errno));
  struct Closed {
    int fd;
    ~Closed() { ::close(fd); }
  } const closed{fd};
  return {file, read_all(fd, "\"" + file + "\"")};
}

std::vector<std::string_view> cut_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void check_utf8(const TextInput& input) {
  const std::size_t at = hf::first_invalid_utf8(input.text);
  if (at == std::string_view::npos) {
    return;
  }
  const auto place = input.text.begin() + static_cast<std::ptrdiff_t>(at);
  TTX_FAIL("input", "{} is not UTF-8: got byte 0x{:02X} at offset {}, line {}; convert it first", input.name,
           static_cast<unsigned>(static_cast<unsigned char>(*place)), at,
           std::count(input.text.begin(), place, '\n') + 1);
}

std::vector<std::int64_t> parse_ids(std::string_view text, const std::string& name) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) {
    return {};
  }
  text = text.substr(first, text.find_last_not_of(kBlank) - first + 1);
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  std::vector<std::int64_t> ids;
  for (std::size_t at = text.find_first_not_of(kBetweenIds); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBetweenIds, at), text.size());
    ids.push_back(parse_id(text.substr(at, end - at), name));
    at = text.find_first_not_of(kBetweenIds, end);
  }
  return ids;
}

}  // namespace ttx::launch
