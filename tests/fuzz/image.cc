// SPDX-License-Identifier: Apache-2.0
//
// An image archive, behind its digests (image_parts.h): `pixelzx-pack doctor` and `import`.
#include "fuzz.h"
#include "image_parts.h"
#include "nlohmann/json.hpp"
#include "pack/image_doctor.h"
#include "pack/image_report.h"
#include "pack/import.h"
#include "pack/verify.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  static const fuzz::MemoryFile file;
  static const fuzz::Folder folder;
  file.fill(fuzz::archive_of(fuzz::parts_of(fuzz::text_of(data, size))));
  const std::string path(file.path().view());
  (void)fuzz::survives([&path] {
    const pack::ArchiveReport report = pack::examine_archive(path, Language::kEnglish);
    fuzz::require(fuzz::is_showable(report_text(report, Language::kEnglish, false)));
    fuzz::require(nlohmann::json::accept(report_json(report, Language::kKorean)));
  });
  pack::ImportOptions options;
  options.archive = path;
  options.version = "1.0.0";
  options.level = 1;
  options.output = folder.path("bundle");
  const bool imported = fuzz::survives([&options] {
    for (const std::string& left_out : import_images(options, Language::kEnglish)) {
      fuzz::require(fuzz::is_showable(left_out));
    }
  });
  if (imported) pack::verify_bundle(options.output, [](std::string_view) {});
  return 0;
}
