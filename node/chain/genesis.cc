// SPDX-License-Identifier: Apache-2.0
#include "node/chain/genesis.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "node/crypto/hash.h"

namespace pixelzx::node {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxBlockTime = 86400;
constexpr std::uint64_t kDefaultBaseFee = 1'000'000'000;

/// What a member of `config` does here.
enum class Rule : std::uint8_t {
  kFromStart,  ///< A fork that must be there from the first block on.
  kNever,      ///< One that must not be named, or be null.
  kIgnored,    ///< Says nothing about how blocks are executed after the merge.
  kOwn,        ///< Read elsewhere.
};
struct ConfigMember {
  std::string_view name;
  Rule rule;
};
constexpr std::array kConfigMembers = std::to_array<ConfigMember>({
    {"chainId", Rule::kOwn},
    {"clique", Rule::kOwn},
    {"homesteadBlock", Rule::kFromStart},
    {"eip150Block", Rule::kFromStart},
    {"eip155Block", Rule::kFromStart},
    {"eip158Block", Rule::kFromStart},
    {"byzantiumBlock", Rule::kFromStart},
    {"constantinopleBlock", Rule::kFromStart},
    {"petersburgBlock", Rule::kFromStart},
    {"istanbulBlock", Rule::kFromStart},
    {"berlinBlock", Rule::kFromStart},
    {"londonBlock", Rule::kFromStart},
    {"shanghaiTime", Rule::kFromStart},
    {"cancunTime", Rule::kFromStart},
    {"daoForkBlock", Rule::kNever},
    {"ethash", Rule::kNever},
    {"pragueTime", Rule::kNever},
    {"osakaTime", Rule::kNever},
    {"verkleTime", Rule::kNever},
    {"daoForkSupport", Rule::kIgnored},
    {"eip150Hash", Rule::kIgnored},
    {"muirGlacierBlock", Rule::kIgnored},
    {"arrowGlacierBlock", Rule::kIgnored},
    {"grayGlacierBlock", Rule::kIgnored},
    {"mergeNetsplitBlock", Rule::kIgnored},
    {"terminalTotalDifficulty", Rule::kIgnored},
    {"terminalTotalDifficultyPassed", Rule::kIgnored},
    {"depositContractAddress", Rule::kIgnored},
    {"blobSchedule", Rule::kIgnored},
});

std::string within(const std::string& where, const std::string& name) {
  return std::string(where).append(".").append(name);
}

/// Reads members. The first error stays; from then on everything read is empty or zero.
class Reader {
 public:
  [[nodiscard]] const std::optional<GenesisError>& error() const { return error_; }

  void fail(std::string where, std::string why) {
    if (!error_) error_ = {.where = std::move(where), .why = std::move(why)};
  }

  /// Null when it is not there; what is null counts as absent, too.
  static const json* find(const json& object, const std::string& name) {
    const auto found = object.find(name);
    return found == object.end() || found->is_null() ? nullptr : &*found;
  }

  const json& object(const json& parent, const std::string& name, const std::string& where) {
    static const json kEmpty = json::object();
    const json* value = find(parent, name);
    if (value != nullptr && value->is_object()) return *value;
    fail(where, value == nullptr ? "is missing" : "is not an object");
    return kEmpty;
  }

  U256 number(const json& value, const std::string& where) {
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    std::optional<U256> number;
    if (value.is_string()) number = parse_u256(value.get_ref<const std::string&>());
    if (!number) fail(where, "is not a number of at most 256 bits, decimal or after 0x");
    return number.value_or(0);
  }

  std::uint64_t number64(const json& value, const std::string& where) {
    const U256 wide = number(value, where);
    if (wide > std::numeric_limits<std::uint64_t>::max()) fail(where, "needs more than 64 bits");
    return saturated_u64(wide);
  }

  Bytes bytes(const json& value, const std::string& where) {
    std::optional<Bytes> bytes;
    if (value.is_string()) bytes = from_hex(value.get_ref<const std::string&>());
    if (!bytes) fail(where, "is not an even number of hexadecimal digits");
    return bytes.value_or(Bytes());
  }

  template <typename Array>
  Array array(const json& value, const std::string& where) {
    std::optional<Array> array;
    if (value.is_string()) array = array_from_hex<Array>(value.get_ref<const std::string&>());
    if (!array) fail(where, "is not " + std::to_string(Array().size()) + " hexadecimal bytes");
    return array.value_or(Array());
  }

  /// Of storage: up to 32 bytes, as geth takes it.
  U256 word(const json& value, const std::string& where) {
    const Bytes bytes = this->bytes(value, where);
    if (bytes.size() > sizeof(Hash)) fail(where, "has more than 32 bytes");
    return u256_from(ByteView(bytes).first(std::min(bytes.size(), sizeof(Hash))));
  }

 private:
  std::optional<GenesisError> error_;
};

void read_config(Reader& reader, const json& config, Genesis& genesis) {
  for (const auto& [name, value] : config.items()) {
    const auto* member = std::ranges::find(kConfigMembers, name, &ConfigMember::name);
    const std::string where = within("config", name);
    if (member == kConfigMembers.end()) {
      reader.fail(where, "is not known to this node");
    } else if (member->rule == Rule::kNever && !value.is_null()) {
      reader.fail(where, "must not be there: the chain is of the Cancun revision");
    }
  }
  for (const ConfigMember& member : kConfigMembers) {
    if (member.rule != Rule::kFromStart) continue;
    const std::string name(member.name);
    const json* value = Reader::find(config, name);
    if (value == nullptr || reader.number(*value, within("config", name)) != 0) {
      reader.fail(within("config", name), "must be 0: the chain is of the Cancun revision");
    }
  }
  if (const json* chain_id = Reader::find(config, "chainId")) {
    genesis.chain_id = reader.number(*chain_id, "config.chainId");
  }
  if (genesis.chain_id == 0) reader.fail("config.chainId", "must be there, and not 0");
  if (Reader::find(config, "clique") == nullptr) return;
  const json& clique = reader.object(config, "clique", "config.clique");
  if (const json* period = Reader::find(clique, "period")) {
    genesis.block_time = reader.number64(*period, "config.clique.period");
    if (genesis.block_time > kMaxBlockTime) {
      reader.fail("config.clique.period", "is more than a day");
    }
  }
}

/// EIP-225: 32 bytes of anything, the validators' addresses, 65 bytes for a signature.
void read_validators(Reader& reader, Genesis& genesis) {
  const Bytes& data = genesis.header.extra_data;
  const std::size_t around = kVanity + kSeal;
  constexpr std::size_t kSize = sizeof(Address);
  if (data.size() <= around || (data.size() - around) % kSize != 0) {
    return reader.fail("extraData",
                       "is not 32 bytes, the addresses of one or more validators, and 65 bytes");
  }
  const std::size_t count = (data.size() - around) / kSize;
  if (count > kMaxValidators) {
    reader.fail("extraData", "has more than " + std::to_string(kMaxValidators) + " validators");
  }
  for (std::size_t i = 0; i < count; ++i) {
    Address address{};
    std::ranges::copy(ByteView(data).subspan(kVanity + i * kSize, kSize), address.begin());
    if (std::ranges::count(genesis.validators, address) != 0) {
      reader.fail("extraData", "has the validator " + to_0x(address) + " twice");
    }
    genesis.validators.push_back(address);
  }
}

void read_header(Reader& reader, const json& file, Genesis& genesis) {
  Header& header = genesis.header;
  const auto number64 = [&](const char* name, std::uint64_t& field) {
    if (const json* value = Reader::find(file, name)) field = reader.number64(*value, name);
  };
  number64("number", header.number);
  number64("gasUsed", header.gas_used);
  number64("gasLimit", header.gas_limit);
  number64("timestamp", header.timestamp);
  number64("blobGasUsed", header.blob_gas_used);
  number64("excessBlobGas", header.excess_blob_gas);
  std::uint64_t nonce = 0;
  number64("nonce", nonce);
  std::ranges::copy(ByteView(to_hash(nonce)).last<8>(), header.nonce.begin());
  header.base_fee = kDefaultBaseFee;
  if (const json* fee = Reader::find(file, "baseFeePerGas")) {
    header.base_fee = reader.number(*fee, "baseFeePerGas");
  }
  if (const json* difficulty = Reader::find(file, "difficulty")) {
    header.difficulty = reader.number(*difficulty, "difficulty");
  }
  if (const json* hash = Reader::find(file, "mixHash")) {
    header.prev_randao = reader.array<Hash>(*hash, "mixHash");
  }
  if (const json* hash = Reader::find(file, "parentHash")) {
    header.parent_hash = reader.array<Hash>(*hash, "parentHash");
  }
  if (const json* coinbase = Reader::find(file, "coinbase")) {
    header.beneficiary = reader.array<Address>(*coinbase, "coinbase");
  }
  if (const json* data = Reader::find(file, "extraData")) {
    header.extra_data = reader.bytes(*data, "extraData");
  }
  if (header.number != 0) reader.fail("number", "must be 0");
  if (u256_from(header.parent_hash) != 0) reader.fail("parentHash", "must be 0");
  if (header.gas_limit < kMinGasLimit) {
    reader.fail("gasLimit", "must be at least " + std::to_string(kMinGasLimit));
  }
  if (header.timestamp > kMaxTimestamp) reader.fail("timestamp", "is too far in the future");
  if (header.gas_used > header.gas_limit) reader.fail("gasUsed", "is above gasLimit");
}

void read_account(Reader& reader, const json& value, const std::string& where,
                  GenesisAccount& account) {
  if (!value.is_object()) return reader.fail(where, "is not an object");
  for (const auto& [name, member] : value.items()) {
    const std::string member_where = within(where, name);
    if (name == "balance") {
      account.balance = reader.number(member, member_where);
    } else if (name == "nonce") {
      account.nonce = reader.number64(member, member_where);
    } else if (name == "code") {
      account.code = reader.bytes(member, member_where);
    } else if (name != "storage") {
      reader.fail(member_where, "is not known to this node");
    } else if (!member.is_object()) {
      reader.fail(member_where, "is not an object");
    } else {
      for (const auto& [slot, word] : member.items()) {
        const std::string slot_where = within(member_where, slot);
        account.storage[reader.word(json(slot), slot_where)] = reader.word(word, slot_where);
      }
    }
  }
}

void read_alloc(Reader& reader, const json& alloc, Genesis& genesis) {
  for (const auto& [text, value] : alloc.items()) {
    const std::string where = within("alloc", text);
    const auto address = reader.array<Address>(json(text), where);
    const auto [account, is_new] = genesis.alloc.try_emplace(address);
    if (!is_new) reader.fail(where, "is there twice");
    read_account(reader, value, where, account->second);
  }
}

}  // namespace

StateChanges changes_of(const Alloc& alloc) {
  StateChanges changes;
  for (const auto& [address, account] : alloc) {
    changes[address] = {.account = {.nonce = account.nonce,
                                    .balance = account.balance,
                                    .code_hash = keccak256(account.code)},
                        .storage_cleared = false,
                        .storage = account.storage,
                        .code = std::make_shared<const Code>(account.code)};
  }
  return changes;
}

std::variant<Genesis, GenesisError> parse_genesis(std::string_view json_text) {
  const json file = json::parse(json_text, nullptr, false);
  if (!file.is_object()) return GenesisError{.where = {}, .why = "is not a JSON object"};
  Genesis genesis;
  Reader reader;
  read_config(reader, reader.object(file, "config", "config"), genesis);
  read_header(reader, file, genesis);
  read_validators(reader, genesis);
  read_alloc(reader, reader.object(file, "alloc", "alloc"), genesis);
  if (reader.error()) return *reader.error();
  return genesis;
}

std::string to_json(const Genesis& genesis) {
  const auto hex = [](const U256& number) { return "0x" + number.str(0, std::ios_base::hex); };
  json config = {{"clique", {{"period", genesis.block_time}}}};
  // A number as geth wants it, where JSON has such numbers.
  if (genesis.chain_id <= std::numeric_limits<std::uint64_t>::max()) {
    config["chainId"] = saturated_u64(genesis.chain_id);
  } else {
    config["chainId"] = hex(genesis.chain_id);
  }
  for (const ConfigMember& member : kConfigMembers) {
    if (member.rule == Rule::kFromStart) config[std::string(member.name)] = 0;
  }
  json alloc = json::object();
  for (const auto& [address, account] : genesis.alloc) {
    json& item = alloc[to_0x(address)];
    item["balance"] = hex(account.balance);
    if (account.nonce != 0) item["nonce"] = hex(account.nonce);
    if (!account.code.empty()) item["code"] = to_0x(account.code);
    for (const auto& [slot, word] : account.storage) {
      item["storage"][to_0x(to_hash(slot))] = to_0x(to_hash(word));
    }
  }
  const Header& header = genesis.header;
  const json file = {{"config", std::move(config)},
                     {"nonce", to_0x(header.nonce)},
                     {"timestamp", hex(header.timestamp)},
                     {"extraData", to_0x(header.extra_data)},
                     {"gasLimit", hex(header.gas_limit)},
                     {"gasUsed", hex(header.gas_used)},
                     {"difficulty", hex(header.difficulty)},
                     {"mixHash", to_0x(header.prev_randao)},
                     {"coinbase", to_0x(header.beneficiary)},
                     {"baseFeePerGas", hex(header.base_fee)},
                     {"blobGasUsed", hex(header.blob_gas_used)},
                     {"excessBlobGas", hex(header.excess_blob_gas)},
                     {"alloc", std::move(alloc)}};
  return file.dump(2) + "\n";
}

Genesis make_genesis(const U256& chain_id, std::uint64_t block_time, std::uint64_t timestamp,
                     const std::vector<Address>& validators, Alloc alloc) {
  Genesis genesis{.chain_id = chain_id,
                  .block_time = block_time,
                  .header = {},
                  .alloc = std::move(alloc),
                  .validators = validators};
  Header& header = genesis.header;
  header.gas_limit = kTargetGasLimit;
  header.base_fee = kDefaultBaseFee;
  header.timestamp = timestamp;
  header.extra_data.resize(kVanity);
  for (const Address& validator : validators) append(header.extra_data, validator);
  header.extra_data.resize(header.extra_data.size() + kSeal);
  return genesis;
}

}  // namespace pixelzx::node
