// SPDX-License-Identifier: Apache-2.0
//
// Reading JSON that somebody else wrote: what is absent or null is empty, what has another type
// than expected is a Fault that names the member.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pixelzx::pack {

using Json = nlohmann::json;

/// Throws Fault, which names `name`, when `text` is no JSON.
Json parse_json(const std::string& name, const std::string& text);

std::string text_member(const Json& object, const char* key);
std::uint64_t number_member(const Json& object, const char* key);
bool flag_member(const Json& object, const char* key);
const Json& object_member(const Json& object, const char* key);
const Json& array_member(const Json& object, const char* key);
std::vector<std::string> text_list(const Json& object, const char* key);

}  // namespace pixelzx::pack
