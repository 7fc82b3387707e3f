// SPDX-License-Identifier: Apache-2.0
#include "pack/image_json.h"

#include "pack/byte_stream.h"

namespace pixelzx::pack {
namespace {

const Json kNothing;

/// The member, or null. Throws Fault when `object` is none.
const Json& member(const Json& object, const char* key) {
  if (object.is_null()) return kNothing;
  if (!object.is_object()) throw Fault(kFaultJsonType, key);
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

/// The member when `is_right`, null when it is null or absent. Throws Fault.
const Json& member(const Json& object, const char* key, bool (Json::*is_right)() const noexcept) {
  const Json& value = member(object, key);
  if (!value.is_null() && !(value.*is_right)()) throw Fault(kFaultJsonType, key);
  return value;
}

}  // namespace

Json parse_json(const std::string& name, const std::string& text) {
  Json parsed = Json::parse(text, nullptr, false);
  if (parsed.is_discarded()) throw Fault(kFaultJson, name);
  return parsed;
}

std::string text_member(const Json& object, const char* key) {
  const Json& value = member(object, key, &Json::is_string);
  return value.is_null() ? "" : value.get<std::string>();
}

std::uint64_t number_member(const Json& object, const char* key) {
  const Json& value = member(object, key, &Json::is_number_unsigned);
  return value.is_null() ? 0 : value.get<std::uint64_t>();
}

bool flag_member(const Json& object, const char* key) {
  const Json& value = member(object, key, &Json::is_boolean);
  return !value.is_null() && value.get<bool>();
}

const Json& object_member(const Json& object, const char* key) {
  return member(object, key, &Json::is_object);
}

const Json& array_member(const Json& object, const char* key) {
  return member(object, key, &Json::is_array);
}

std::vector<std::string> text_list(const Json& object, const char* key) {
  std::vector<std::string> list;
  for (const Json& item : array_member(object, key)) {
    if (!item.is_string()) throw Fault(kFaultJsonType, key);
    list.push_back(item.get<std::string>());
  }
  return list;
}

}  // namespace pixelzx::pack
