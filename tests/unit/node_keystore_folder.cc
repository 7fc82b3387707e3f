// SPDX-License-Identifier: Apache-2.0
#include "node/account/keystore_folder.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <regex>

#include "node/base/files.h"
#include "support.h"

namespace pixelzx::node {
namespace {

unsigned mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

std::string why(const auto& result) {
  return text(std::get<Failure>(result), Language::kEnglish);
}

TEST_CASE("a key is kept, listed and unlocked", "[node][keystore]") {
  const test::Folder folder;
  const std::string keystore = folder.path("a/keystore");
  CHECK(std::get<std::vector<KeyFile>>(list_keys(keystore)).empty());
  const SecretKey key = std::get<SecretKey>(new_key());
  CHECK(std::get<SecretKey>(new_key()) != key);
  const KeyFile file = std::get<KeyFile>(store_key(keystore, key, "a password"));
  CHECK(file.address == address_of(key));
  CHECK(std::regex_match(file.path.filename().string(),
                         std::regex("UTC--[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}"
                                    "\\.[0-9]{9}Z--" +
                                    to_hex(file.address))));
  CHECK(mode_of(file.path) == 0600);
  CHECK(mode_of(keystore) == 0700);

  folder.file("a/keystore/notes.txt", "{}");
  folder.file("a/keystore/other.json", R"({"address": 1, "crypto": {}})");
  folder.directory("a/keystore/folder");
  const auto keys = std::get<std::vector<KeyFile>>(list_keys(keystore));
  REQUIRE(keys.size() == 1);
  CHECK(keys.front().path == file.path);
  CHECK(std::get<SecretKey>(unlock_key(keys.front(), "a password")) == key);
  CHECK(why(unlock_key(keys.front(), "another")).starts_with("wrong password for '"));
  CHECK(why(store_key(keystore, key, "again")).find("is in '" + file.path.string()) !=
        std::string::npos);
}

TEST_CASE("a key file with the address of another key", "[node][keystore]") {
  const test::Folder folder;
  const SecretKey key = std::get<SecretKey>(new_key());
  const std::string address = to_hex(address_of(key).value());
  std::string json = std::get<std::string>(encrypt_key(key, "a password", kLightCost));
  const std::size_t at = json.find(address);
  REQUIRE(at != std::string::npos);
  json[at] = json[at] == '0' ? '1' : '0';
  folder.file("changed", json);
  const auto keys = std::get<std::vector<KeyFile>>(list_keys(folder.path()));
  REQUIRE(keys.size() == 1);
  CHECK(why(unlock_key(keys.front(), "a password")).find("its address is not that of its key") !=
        std::string::npos);
}

TEST_CASE("a keystore that is none", "[node][keystore]") {
  const test::Folder folder;
  const std::string file = folder.file("keystore", "");
  CHECK(why(list_keys(file)).starts_with("cannot read '" + file + "': Not a directory."));
  const KeyFile gone{.address = {}, .path = folder.path("gone")};
  CHECK(why(unlock_key(gone, "x")).find("No such file or directory") != std::string::npos);
  const KeyFile bad{.address = {}, .path = folder.file("bad", "{}")};
  CHECK(why(unlock_key(bad, "x")).find("not version 3") != std::string::npos);
}

TEST_CASE("files are whole and private, or not there", "[node][files]") {
  const test::Folder folder;
  const std::string path = folder.path("file");
  CHECK_FALSE(write_file(path, "before"));
  CHECK(test::content_of(path) == "before");
  CHECK(mode_of(path) == 0600);
  CHECK(write_file(path, "others") == std::errc::file_exists);
  CHECK(test::content_of(path) == "before");
  CHECK(write_file(folder.path("no/file"), "") == std::errc::no_such_file_or_directory);
  {
    Draft draft(folder.path("draft"));
    CHECK_FALSE(draft.write("bytes"));
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
    CHECK_FALSE(std::filesystem::exists(folder.path("draft")));
  }
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  CHECK_FALSE(write_file(path, "bytes", IfThere::kReplace));
  CHECK(std::get<std::string>(read_file(path, 5)) == "bytes");
  CHECK(std::get<std::error_code>(read_file(path, 4)) == std::errc::file_too_large);
  CHECK(std::get<std::error_code>(read_file(folder.path(), 4)) == std::errc::is_a_directory);
  CHECK(make_private_folder(path) == std::errc::file_exists);
  CHECK_FALSE(make_private_folder(folder.path("x/y/z")));
  CHECK(mode_of(folder.path("x/y")) == 0700);
  CHECK_FALSE(make_private_folder(folder.path("x/y/z/")));
  CHECK_FALSE(make_private_folder(folder.path("with/slashes//")));
  CHECK(mode_of(folder.path("with/slashes")) == 0700);
}

}  // namespace
}  // namespace pixelzx::node
