// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "files.h"
#include "index.h"
#include "pack/messages.h"

namespace pixelzx::pack {

/// All bytes of the file at `path`, which may be a pipe. Throws kCannotRead, kEmptyFile (unless
/// `may_be_empty`), or `too_long` when there are more than `longest`.
std::string read_file(const std::string& path, bool may_be_empty = false,
                      std::uint64_t longest = kMaxSliceSize, Problem too_long = Problem::kTooLarge);

/// A new file that takes its name only when it is complete: until publish(), or when that is never
/// reached, whatever had the name before stays as it is.
/// A signal that ends the program removes it, too. At most one exists at a time.
class OutputFile {
 public:
  /// `mode` is reduced by the umask. Throws kCannotWrite, and kOutputNotAFile when `path` is there
  /// and is no regular file.
  OutputFile(std::string path, unsigned mode);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  [[nodiscard]] int fd() const { return file_.get(); }
  /// Where it is until publish().
  [[nodiscard]] const std::string& temporary_path() const { return temporary_; }

  /// Appends `bytes`. Throws kCannotWrite.
  void write(std::string_view bytes);
  /// Puts the file to disk and gives it its name. Throws kCannotWrite.
  void publish();

 private:
  std::string path_;
  unsigned mode_;
  std::string temporary_;
  Fd file_;
};

/// An empty file in $TMPDIR (or /var/tmp) without a name, gone when it is closed. Throws
/// kCannotWrite.
Fd nameless_file();

/// Writes `text` to standard output. Throws kCannotPrint.
void print(std::string_view text);

}  // namespace pixelzx::pack
