// SPDX-License-Identifier: Apache-2.0
#include "refusal.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <string>

#include "support.h"

namespace pixelzx {
namespace {

using test::Folder;

Diagnosis explained(const Folder& folder, int error) {
  return explain_denial(HostFiles(folder.path()), Path("/no/such/file"), error);
}

TEST_CASE("without a trace of anybody, a denial is just that", "[denial]") {
  const Folder folder;
  const Diagnosis diagnosis = explained(folder, EACCES);
  CHECK(diagnosis.cause() == Cause::kDenied);
  CHECK(diagnosis.evidence(Evidence::kDetail, Language::kEnglish).view() ==
        "execve: Permission denied");
  CHECK(explained(folder, EPERM).cause() == Cause::kDenied);
}

TEST_CASE("no error has no detail", "[denial]") {
  const Folder folder;
  for (const int none : {0, -11}) {
    const Diagnosis diagnosis = explained(folder, none);
    CHECK(diagnosis.cause() == Cause::kDenied);
    CHECK(diagnosis.evidence(Evidence::kDetail, Language::kEnglish).empty());
  }
}

TEST_CASE("SELinux denies with EACCES, and only when it enforces", "[denial]") {
  const Folder folder;
  folder.file("sys/fs/selinux/enforce", "1");
  CHECK(explained(folder, EACCES).cause() == Cause::kSelinux);
  CHECK(explained(folder, EPERM).cause() == Cause::kDenied);
  folder.file("sys/fs/selinux/enforce", "0");
  CHECK(explained(folder, EACCES).cause() == Cause::kDenied);
}

TEST_CASE("fapolicyd denies with EPERM", "[denial]") {
  const Folder folder;
  folder.directory("run/fapolicyd");  // installed; the daemon does not run
  CHECK(explained(folder, EPERM).cause() == Cause::kDenied);
  folder.file("run/fapolicyd.pid", "1");
  CHECK(explained(folder, EPERM).cause() == Cause::kFapolicyd);
  CHECK(explained(folder, EACCES).cause() == Cause::kDenied);
  // Beside SELinux, as on RHEL, errno tells which of them it was.
  folder.file("sys/fs/selinux/enforce", "1");
  CHECK(explained(folder, EPERM).cause() == Cause::kFapolicyd);
  CHECK(explained(folder, EACCES).cause() == Cause::kSelinux);
}

TEST_CASE("IMA appraisal is switched on by the kernel's command line", "[denial]") {
  const Folder folder;
  folder.file("proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet\n");
  CHECK(explained(folder, EACCES).cause() == Cause::kDenied);
  folder.file("proc/cmdline", "root=/dev/sda1 ima_appraise=enforce ima_policy=appraise_tcb\n");
  CHECK(explained(folder, EACCES).cause() == Cause::kIma);
  CHECK(explained(folder, EPERM).cause() == Cause::kDenied);
}

TEST_CASE("IMA refuses programs by some policies alone, and when it enforces them", "[denial]") {
  const Folder folder;
  const auto cause = [&folder](const char* words) {
    folder.file("proc/cmdline", words);
    return explained(folder, EACCES).cause();
  };
  for (const char* words :
       {"ima_policy=appraise_tcb", "ima_policy=\"tcb|appraise_tcb\"", "quiet ima_appraise_tcb ro",
        "ima_appraise=enforce", "ima_policy=tcb ima_appraise=enforce"}) {
    CAPTURE(words);
    CHECK(cause(words) == Cause::kIma);
  }
  for (const char* words :
       {"ima_policy=tcb", "ima_policy=critical_data", "ima_policy=secure_boot", "ima_hash=sha256",
        "ima_appraise=off", "ima_appraise=log ima_policy=appraise_tcb", "ima_appraise=fix"}) {
    CAPTURE(words);
    CHECK(cause(words) == Cause::kDenied);
  }
}

}  // namespace
}  // namespace pixelzx
