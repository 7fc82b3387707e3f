// SPDX-License-Identifier: Apache-2.0
#include "messages.h"

#include <errno.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>

#include "decoder.h"

extern "C" const char pixelzx_texts[];      // texts.S
extern "C" const char pixelzx_texts_end[];  // texts.S

namespace pixelzx {
namespace {

/// Every text in English, then every text in Korean.
using Lines = std::array<std::string_view, 2 * messages::kTextCount>;

/// The decoded texts, which stay until the program ends; null when there is no memory for them.
const Lines* decode_texts() {
  const std::string_view packed(pixelzx_texts,
                                static_cast<std::size_t>(pixelzx_texts_end - pixelzx_texts));
  const std::size_t size = unpacked_size(packed);
  void* memory = mmap(nullptr, sizeof(Lines) + size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;  // NOLINT: a macro with a C cast
  auto* lines = static_cast<Lines*>(memory);
  char* next = reinterpret_cast<char*>(lines + 1);  // NOLINT: what follows the lines
  if (!decode_whole(packed, {}, next, size)) return nullptr;
  for (std::string_view& line : *lines) {
    char* const end = std::find(next, next + size, '\n');
    line = {next, static_cast<std::size_t>(end - next)};
    next = end + 1;
  }
  return lines;
}

struct ErrnoRow {
  int error = 0;
  Text text;
};

constexpr std::array<ErrnoRow, 25> kErrnos = {{
    {EPERM, messages::kEPERM},     {ENOENT, messages::kENOENT},
    {EIO, messages::kEIO},         {E2BIG, messages::kE2BIG},
    {ENOEXEC, messages::kENOEXEC}, {EAGAIN, messages::kEAGAIN},
    {ENOMEM, messages::kENOMEM},   {EACCES, messages::kEACCES},
    {EBUSY, messages::kEBUSY},     {EEXIST, messages::kEEXIST},
    {ENOTDIR, messages::kENOTDIR}, {EISDIR, messages::kEISDIR},
    {EINVAL, messages::kEINVAL},   {ENFILE, messages::kENFILE},
    {EMFILE, messages::kEMFILE},   {ETXTBSY, messages::kETXTBSY},
    {EFBIG, messages::kEFBIG},     {ENOSPC, messages::kENOSPC},
    {EROFS, messages::kEROFS},     {ELOOP, messages::kELOOP},
    {ENOSYS, messages::kENOSYS},   {ENAMETOOLONG, messages::kENAMETOOLONG},
    {ESTALE, messages::kESTALE},   {EOPNOTSUPP, messages::kEOPNOTSUPP},
    {EDQUOT, messages::kEDQUOT},
}};

}  // namespace

std::string_view Text::in(Language language) const {
  static const Lines* const lines = decode_texts();
  if (lines == nullptr) return {};
  return (*lines)[number + (language == Language::kKorean ? messages::kTextCount : 0)];
}

void append_errno(FixedText& text, int error, Language language) {
  const auto* row = std::ranges::find(kErrnos, error, &ErrnoRow::error);
  if (row != kErrnos.end()) {
    text.append(row->text.in(language));
    return;
  }
  text.append(messages::kErrno.in(language));
  text.append(" ");
  text.append_number(static_cast<std::uint64_t>(error));
}

Language locale_language(const char* lc_all, const char* lc_messages, const char* lang) {
  for (const char* value : {lc_all, lc_messages, lang}) {
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale(value);
    const bool korean =
        locale.starts_with("ko") && (locale.size() == 2 || locale.find_first_of("_.@") == 2);
    return korean ? Language::kKorean : Language::kEnglish;
  }
  return Language::kEnglish;
}

std::size_t terminal_columns(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) columns += byte >= 0xe0 ? 2 : 1;
  }
  return columns;
}

}  // namespace pixelzx
