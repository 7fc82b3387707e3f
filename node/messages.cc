// SPDX-License-Identifier: Apache-2.0
#include "node/messages.h"

#include <array>
#include <cstddef>

#include "node/words.h"

namespace pixelzx::node {
namespace {

struct Row {
  Phrase phrase;
  std::string_view english;
  std::string_view korean;
};

// Both languages take their `{}` in the same order.
constexpr std::array<Row, static_cast<std::size_t>(Phrase::kCount)> kTable{{
    {Phrase::kVersionTitle, "Version information", "버전 정보"},
    {Phrase::kVersion, "Version", "버전"},
    {Phrase::kBuild, "Build", "빌드"},
    {Phrase::kCommit, "Commit", "커밋"},
    {Phrase::kPlatform, "Platform", "플랫폼"},
    {Phrase::kCompiler, "Compiler", "컴파일러"},

    {Phrase::kHelpUsage, "Usage", "사용법"},
    {Phrase::kHelpOptions, "Options", "옵션"},
    {Phrase::kHelpCommands, "Commands", "명령"},
    {Phrase::kHelpSomeOptions, "options", "옵션"},
    {Phrase::kHelpSomeCommand, "command", "명령"},
    {Phrase::kHelpArguments, "Arguments", "인수"},
    {Phrase::kAboutVersionCommand, "Show the version, build and platform of this program",
     "이 프로그램의 버전, 빌드, 플랫폼을 보여 줍니다"},
    {Phrase::kAboutHelp, "Show this help", "이 도움말을 보여 줍니다"},
    {Phrase::kAboutVersionOption, "Show the program's name and version",
     "프로그램의 이름과 버전을 보여 줍니다"},
    {Phrase::kAboutShort, "Show the version alone, such as v1.0.0",
     "버전만 보여 줍니다(예: v1.0.0)"},
    {Phrase::kAboutOutput, "Output format (default: text)", "출력 형식(기본값: text)"},

    {Phrase::kUnknownCommand, "unknown command '{}'. Run '{} --help' for the commands.",
     "알 수 없는 명령 '{}'. '{} --help'로 명령 목록을 볼 수 있습니다."},
    {Phrase::kUnknownCommandDidYouMean,
     "unknown command '{}'; did you mean '{}'? Run '{} --help' for the commands.",
     "알 수 없는 명령 '{}'. 혹시 '{}'인가요? '{} --help'로 명령 목록을 볼 수 있습니다."},
    {Phrase::kUnknownOption, "unknown option '{}'. Run '{} --help' for the options.",
     "알 수 없는 옵션 '{}'. '{} --help'로 옵션 목록을 볼 수 있습니다."},
    {Phrase::kUnknownOptionDidYouMean,
     "unknown option '{}'; did you mean '{}'? Run '{} --help' for the options.",
     "알 수 없는 옵션 '{}'. 혹시 '{}'인가요? '{} --help'로 옵션 목록을 볼 수 있습니다."},
    {Phrase::kUnexpectedArgument,
     "unexpected argument '{}'. Leave it out, or run '{} --help' to see what is accepted.",
     "예상하지 못한 인수 '{}'. 이 인수를 빼거나 '{} --help'로 사용법을 확인하십시오."},
    {Phrase::kOptionNeedsValue,
     "option '{}' needs a value. Run '{} --help' to see which are accepted.",
     "옵션 '{}'에 값이 필요합니다. '{} --help'로 쓸 수 있는 값을 확인하십시오."},
    {Phrase::kOptionTakesNoValue, "option '{}' takes no value. Leave out the '=' and what follows.",
     "옵션 '{}'에는 값을 줄 수 없습니다. '='부터 뒤를 빼 주십시오."},
    {Phrase::kOptionsExclude, "options '{}' and '{}' contradict each other. Use only one of them.",
     "옵션 '{}', '{}'은(는) 함께 쓸 수 없습니다. 하나만 쓰십시오."},
    {Phrase::kUnknownOutputFormat, "unknown output format '{}'. Use 'text' or 'json'.",
     "알 수 없는 출력 형식 '{}'. 'text' 또는 'json'을 쓰십시오."},
    {Phrase::kBadArguments, "cannot understand the arguments: {}. Run '{} --help' for the usage.",
     "인수를 이해할 수 없습니다: {}. '{} --help'로 사용법을 확인하십시오."},
    {Phrase::kCannotWrite,
     "cannot write to standard output: {}. Check where the output goes: a full disk, a closed "
     "pipe?",
     "표준 출력에 쓸 수 없습니다: {}. 출력이 가는 곳을 확인하십시오(가득 찬 디스크, 닫힌 파이프 "
     "등)."},

    {Phrase::kAboutConfig, "Settings from this YAML file", "이 YAML 파일에서 설정을 읽습니다"},
    {Phrase::kAboutNetwork, "The network (default: mainnet)", "네트워크(기본값: mainnet)"},
    {Phrase::kAboutChainId, "The chain's identifier (default: the network's; 1337 for devnet)",
     "체인 식별자(기본값: 네트워크의 것, devnet은 1337)"},
    {Phrase::kAboutDataDir, "Where the chain is kept (default: ~/.pixelzx)",
     "체인을 저장할 폴더(기본값: ~/.pixelzx)"},
    {Phrase::kAboutKeystoreDir, "Where the keys are kept (default: keystore in the data directory)",
     "키를 보관할 폴더(기본값: 데이터 폴더의 keystore)"},
    {Phrase::kAboutValidator, "The validator's address (default: the only key in the keystore)",
     "검증자 주소(기본값: 키 저장소의 유일한 키)"},
    {Phrase::kAboutPasswordFile,
     "The password is this file's first line (default: the terminal asks)",
     "비밀번호는 이 파일의 첫 줄입니다(기본값: 터미널에서 묻습니다)"},
    {Phrase::kAboutRpcAddress, "Address of JSON-RPC (default: 127.0.0.1)",
     "JSON-RPC 주소(기본값: 127.0.0.1)"},
    {Phrase::kAboutRpcPort, "Port of JSON-RPC (default: 8545)", "JSON-RPC 포트(기본값: 8545)"},
    {Phrase::kAboutRpcCors, "Web pages that may call JSON-RPC, or * for all (default: none)",
     "JSON-RPC를 호출할 수 있는 웹 페이지 출처, *는 모두(기본값: 없음)"},
    {Phrase::kAboutRpcHosts,
     "Host names by which JSON-RPC may be called, or * for all (default: localhost)",
     "JSON-RPC를 부를 수 있는 호스트 이름, *는 모두(기본값: localhost)"},
    {Phrase::kAboutRpcRate, "Requests a second from one address, 0 for any number (default: 0)",
     "한 주소의 초당 요청 수, 0은 무제한(기본값: 0)"},
    {Phrase::kAboutMetricsAddress, "Address of the metrics for Prometheus (default: 127.0.0.1)",
     "Prometheus 메트릭 주소(기본값: 127.0.0.1)"},
    {Phrase::kAboutMetricsPort, "Port of the metrics for Prometheus (default: 6060)",
     "Prometheus 메트릭 포트(기본값: 6060)"},
    {Phrase::kAboutWsPort, "Port of WebSocket, which is not there yet (default: 8546)",
     "WebSocket 포트, 아직 지원하지 않습니다(기본값: 8546)"},
    {Phrase::kAboutP2pPort, "Port for other nodes, which is not there yet (default: 30303)",
     "다른 노드와의 연결 포트, 아직 지원하지 않습니다(기본값: 30303)"},
    {Phrase::kAboutLogLevel, "The least important lines to log (default: info)",
     "기록할 로그의 최저 수준(기본값: info)"},
    {Phrase::kAboutLogFormat, "Format of log lines (default: text)", "로그 형식(기본값: text)"},
    {Phrase::kAboutLogFile, "Log to this file (default: to standard error)",
     "이 파일에 로그를 씁니다(기본값: 표준 오류)"},
    {Phrase::kAboutLogFileSize, "Begin another log file after so many MiB (default: 100)",
     "이 크기(MiB)를 넘으면 새 로그 파일을 시작합니다(기본값: 100)"},
    {Phrase::kAboutLogFiles, "How many old log files to keep (default: 5)",
     "보관할 이전 로그 파일 수(기본값: 5)"},

    {Phrase::kExpectPath, "name a file or folder", "파일이나 폴더를 지정하십시오"},
    {Phrase::kExpectNetwork, "use mainnet, testnet or devnet",
     "mainnet, testnet, devnet 중 하나를 쓰십시오"},
    {Phrase::kExpectChainId, "use a number from 1 to 18446744073709551615",
     "1부터 18446744073709551615까지의 수를 쓰십시오"},
    {Phrase::kExpectAddress,
     "use 0x and 40 hexadecimal digits, whose case, if mixed, must be the checksum of EIP-55",
     "0x와 16진수 40자리를 쓰십시오. 대소문자를 섞었으면 EIP-55 체크섬과 맞아야 합니다"},
    {Phrase::kExpectListenAddress, "use an IPv4 or IPv6 address in digits, or localhost",
     "숫자로 된 IPv4나 IPv6 주소 또는 localhost를 쓰십시오"},
    {Phrase::kExpectPort, "use a number from 0 to 65535; 0 takes one that is free",
     "0부터 65535까지의 수를 쓰십시오(0은 비어 있는 포트)"},
    {Phrase::kExpectList, "separate entries by single commas", "항목을 쉼표 하나로 구분하십시오"},
    {Phrase::kExpectNumber, "use a number from 0 to 4294967295",
     "0부터 4294967295까지의 수를 쓰십시오"},
    {Phrase::kExpectPositive, "use a number from 1 to 4294967295",
     "1부터 4294967295까지의 수를 쓰십시오"},
    {Phrase::kExpectLogFiles, "use a number from 1 to 200000", "1부터 200000까지의 수를 쓰십시오"},
    {Phrase::kExpectLogLevel, "use trace, debug, info, warn or error",
     "trace, debug, info, warn, error 중 하나를 쓰십시오"},
    {Phrase::kExpectLogFormat, "use text or json", "text나 json을 쓰십시오"},

    {Phrase::kBadSetting, "{}: '{}' cannot be used: {}.", "{}: '{}' 값은 쓸 수 없습니다. {}."},
    {Phrase::kSettingTwice, "{}: '{}' is set twice, before at {}. Keep one of them.",
     "{}: '{}' 설정이 두 번 있습니다(먼저 {}). 하나만 남기십시오."},
    {Phrase::kUnknownSetting,
     "{}: unknown setting '{}'. Run 'pixelzx config show' for all settings.",
     "{}: 알 수 없는 설정 '{}'. 'pixelzx config show'로 모든 설정을 볼 수 있습니다."},
    {Phrase::kUnknownSettingDidYouMean,
     "{}: unknown setting '{}'; did you mean '{}'? Run 'pixelzx config show' for all settings.",
     "{}: 알 수 없는 설정 '{}'. 혹시 '{}'인가요? 'pixelzx config show'로 모든 설정을 볼 수 "
     "있습니다."},
    {Phrase::kOtherChainId,
     "{}: the chain identifier {} is not that of {}, which is {}. Leave it out, or set another "
     "network.",
     "{}: 체인 식별자 {}은(는) {}의 식별자({})와 다릅니다. 빼거나 다른 네트워크를 지정하십시오."},
    {Phrase::kTakenChainId,
     "{}: the chain identifier {} cannot be that of a {}: it belongs to {}. Use another.",
     "{}: 체인 식별자 {}은(는) {}에 쓸 수 없습니다. {}의 것입니다. 다른 수를 쓰십시오."},
    {Phrase::kConfigUnreadable,
     "cannot read the settings in '{}': {}. Check the path and who may read it.",
     "'{}'에서 설정을 읽을 수 없습니다: {}. 경로와 읽기 권한을 확인하십시오."},
    {Phrase::kConfigNotYaml, "{}: this is not YAML: {}. Correct it there.",
     "{}: YAML이 아닙니다: {}. 그 위치를 고치십시오."},
    {Phrase::kConfigNotASetting,
     "{}: a setting and its value are expected here, such as 'network: testnet'. Run 'pixelzx "
     "config show' for an example.",
     "{}: 여기에는 'network: testnet' 같은 설정과 값이 와야 합니다. 'pixelzx config show'로 예를 "
     "볼 수 있습니다."},
    {Phrase::kConfigIsValid, "The settings are valid.", "설정이 올바릅니다."},
    {Phrase::kNoDataDir,
     "there is no data directory, and HOME is not set. Name one with --datadir or "
     "PIXELZX_DATA_DIR.",
     "데이터 폴더가 없고 HOME도 설정되어 있지 않습니다. --datadir나 PIXELZX_DATA_DIR로 "
     "지정하십시오."},

    {Phrase::kAskNewPassword, "Password for the new key: ", "새 키의 비밀번호: "},
    {Phrase::kAskPasswordAgain, "The same again: ", "한 번 더: "},
    {Phrase::kAskPassword, "Password for {}: ", "{}의 비밀번호: "},
    {Phrase::kNoTerminal,
     "there is no terminal to ask for the password. Give --password-file FILE.",
     "비밀번호를 물을 터미널이 없습니다. --password-file FILE로 지정하십시오."},
    {Phrase::kNoPassword,
     "the password is empty. Enter one, or put it into the first line of the password file.",
     "비밀번호가 비어 있습니다. 입력하거나 비밀번호 파일의 첫 줄에 쓰십시오."},
    {Phrase::kPasswordsDiffer, "the two passwords differ. Try again.",
     "두 비밀번호가 다릅니다. 다시 하십시오."},
    {Phrase::kCancelled, "cancelled. Nothing was changed.",
     "취소했습니다. 아무것도 바뀌지 않았습니다."},
    {Phrase::kPasswordUnreadable,
     "cannot read the password in '{}': {}. Check the path and who may read it.",
     "'{}'에서 비밀번호를 읽을 수 없습니다: {}. 경로와 읽기 권한을 확인하십시오."},
    {Phrase::kWrongPassword,
     "wrong password for '{}', or that file was changed. Check the password, or restore the file "
     "from a backup.",
     "'{}'의 비밀번호가 틀렸거나 파일이 바뀌었습니다. 비밀번호를 확인하거나 백업에서 파일을 "
     "되돌리십시오."},
    {Phrase::kBadKeyFile, "cannot use the key file '{}': {}. Restore it from a backup.",
     "키 파일 '{}'을(를) 쓸 수 없습니다: {}. 백업에서 되돌리십시오."},
    {Phrase::kKeystoreUnreadable, "cannot read '{}': {}. Check the path and who may read it.",
     "'{}'을(를) 읽을 수 없습니다: {}. 경로와 읽기 권한을 확인하십시오."},
    {Phrase::kCannotCreate,
     "cannot write to '{}': {}. Check that there is room and that this user may write there (in a "
     "container: user 1000).",
     "'{}'에 쓸 수 없습니다: {}. 공간이 있는지, 이 사용자가 쓸 수 있는지 "
     "확인하십시오(컨테이너에서는 사용자 1000)."},
    {Phrase::kNoRandomNumbers,
     "the system gives no random numbers for a key. Try again when it has started fully.",
     "시스템이 키를 만들 난수를 주지 않습니다. 시스템이 완전히 시작된 뒤 다시 하십시오."},
    {Phrase::kNotAKey,
     "there is no private key in '{}'. It must hold 64 hexadecimal digits and nothing else.",
     "'{}'에 개인 키가 없습니다. 16진수 64자리만 있어야 합니다."},
    {Phrase::kKnownKey, "the key of {} is in '{}' already. Nothing was changed.",
     "{}의 키는 이미 '{}'에 있습니다. 아무것도 바뀌지 않았습니다."},
    {Phrase::kNewKey,
     "Address: {}\nKey file: {}\nKeep a copy of this file and its password: without both the "
     "account is lost.",
     "주소: {}\n키 파일: {}\n이 파일과 비밀번호를 따로 보관하십시오. 둘 중 하나라도 잃으면 계정을 "
     "잃습니다."},
    {Phrase::kNoKeys, "There are no keys in '{}'. 'pixelzx account new' makes one.",
     "'{}'에 키가 없습니다. 'pixelzx account new'로 만들 수 있습니다."},

    {Phrase::kAboutInit, "Begin a chain in the data directory", "데이터 폴더에 체인을 시작합니다"},
    {Phrase::kAboutStart, "Run the node", "노드를 실행합니다"},
    {Phrase::kAboutAccount, "Manage the keys", "키를 관리합니다"},
    {Phrase::kAboutAccountNew, "Make a new key", "새 키를 만듭니다"},
    {Phrase::kAboutAccountList, "List the keys", "키 목록을 보여 줍니다"},
    {Phrase::kAboutAccountImport, "Take over a private key from a file with its hexadecimal digits",
     "16진수로 된 파일에서 개인 키를 가져옵니다"},
    {Phrase::kAboutConfigCommand, "Look at the settings", "설정을 살펴봅니다"},
    {Phrase::kAboutConfigShow, "Show all settings and where each is from",
     "모든 설정과 출처를 보여 줍니다"},
    {Phrase::kAboutConfigValidate, "Check the settings", "설정을 검사합니다"},
    {Phrase::kAboutExport, "Write blocks to a file, as geth does; the node must not run",
     "geth처럼 블록을 파일에 씁니다. 노드가 멈춰 있어야 합니다"},
    {Phrase::kAboutImport, "Read, check and add blocks from a file; the node must not run",
     "파일의 블록을 읽고 검사하여 추가합니다. 노드가 멈춰 있어야 합니다"},
    {Phrase::kAboutHealth, "Ask the node on this machine whether all is well",
     "이 기계의 노드가 정상인지 물어봅니다"},
    {Phrase::kAboutAdmin, "Look after a running node", "실행 중인 노드를 관리합니다"},
    {Phrase::kAboutAdminStatus, "Show what the node on this machine does",
     "이 기계의 노드 상태를 보여 줍니다"},
    {Phrase::kAboutDoctorExporter,
     "Run the doctor once and serve what it found as metrics for Prometheus",
     "doctor를 한 번 실행하고 그 결과를 Prometheus 메트릭으로 제공합니다"},
    {Phrase::kAboutGenesis, "A genesis file as geth has it", "geth 형식의 제네시스 파일"},
    {Phrase::kAboutAlloc, "Coins that an account has from the beginning, in PXZ; may be repeated",
     "계정이 처음부터 가진 코인(PXZ), 여러 번 쓸 수 있습니다"},
    {Phrase::kAboutDev,
     "A chain for development: an account with coins, blocks at once; kept in the data directory "
     "if one is named",
     "개발용 체인: 코인이 있는 계정, 즉시 블록 생성. 데이터 폴더를 지정하면 거기에 보관합니다"},
    {Phrase::kAboutKeyFile, "The file with the private key", "개인 키가 있는 파일"},
    {Phrase::kAboutBlocksFile, "The file with the blocks", "블록이 있는 파일"},
    {Phrase::kAboutFirst, "The first block (default: 1)", "첫 블록(기본값: 1)"},
    {Phrase::kAboutLast, "The last block (default: the newest)", "마지막 블록(기본값: 최신)"},
    {Phrase::kMissingArgument,
     "'{}' lacks the argument {}. Run '{} --help' to see what is accepted.",
     "'{}'에 인수 {}이(가) 없습니다. '{} --help'로 사용법을 확인하십시오."},

    {Phrase::kNoChain,
     "there is no chain in '{}'. Begin one:\n  pixelzx account new\n  pixelzx init --genesis FILE  "
     "    (or: pixelzx init --network {} --alloc ADDRESS=AMOUNT)\n  pixelzx start\nor, to try it "
     "out: pixelzx start --dev",
     "'{}'에 체인이 없습니다. 다음과 같이 시작하십시오:\n  pixelzx account new\n  pixelzx init "
     "--genesis FILE      (또는: pixelzx init --network {} --alloc 주소=금액)\n  pixelzx "
     "start\n시험해 보려면: pixelzx start --dev"},
    {Phrase::kChainLocked,
     "the chain in '{}' is in use by another process. Stop that node first, or use another data "
     "directory.",
     "'{}'의 체인을 다른 프로세스가 쓰고 있습니다. 그 노드를 먼저 멈추거나 다른 데이터 폴더를 "
     "쓰십시오."},
    {Phrase::kOtherChain,
     "the chain in '{}' began with another genesis. Use another data directory, or the genesis "
     "that it began with.",
     "'{}'의 체인은 다른 제네시스로 시작했습니다. 다른 데이터 폴더나 원래의 제네시스를 쓰십시오."},
    {Phrase::kOtherFormat,
     "another version of this program has written the chain in '{}'. Use that version, or export "
     "the chain with it and import it here.",
     "'{}'의 체인은 이 프로그램의 다른 버전이 썼습니다. 그 버전을 쓰거나, 그 버전으로 내보낸 뒤 "
     "여기서 가져오십시오."},
    {Phrase::kChainDamaged,
     "the chain in '{}' is damaged: {}. Restore it from a backup, or begin anew in another data "
     "directory and import an export.",
     "'{}'의 체인이 손상되었습니다: {}. 백업에서 되돌리거나, 다른 데이터 폴더에서 새로 시작하여 "
     "내보낸 파일을 가져오십시오."},
    {Phrase::kChainUnusable,
     "cannot use the chain in '{}': {}. Check that there is room and that this user may read and "
     "write there (in a container: user 1000).",
     "'{}'의 체인을 쓸 수 없습니다: {}. 공간이 있는지, 이 사용자가 읽고 쓸 수 있는지 "
     "확인하십시오(컨테이너에서는 사용자 1000)."},
    {Phrase::kChainFailed,
     "the chain in '{}' failed: {}. Check the disk and the room on it, then start again.",
     "'{}'의 체인에 오류가 있습니다: {}. 디스크와 남은 공간을 확인한 뒤 다시 시작하십시오."},
    {Phrase::kGenesisUnreadable,
     "cannot read the genesis '{}': {}. Check the path and who may read it.",
     "제네시스 '{}'을(를) 읽을 수 없습니다: {}. 경로와 읽기 권한을 확인하십시오."},
    {Phrase::kBadGenesis, "the genesis '{}' cannot be used: {}. Correct it there.",
     "제네시스 '{}'을(를) 쓸 수 없습니다: {}. 그 위치를 고치십시오."},
    {Phrase::kGenesisOfOtherChain,
     "the genesis '{}' is of a chain with the identifier {}, but {} asks for {}. Leave that out, "
     "or use another genesis.",
     "제네시스 '{}'의 체인 식별자는 {}인데 {}은(는) {}을(를) 지정합니다. 그 설정을 빼거나 다른 "
     "제네시스를 쓰십시오."},
    {Phrase::kBadAlloc,
     "--alloc: '{}' cannot be used. Use ADDRESS=AMOUNT with an amount of PXZ such as 1000 or 0.5.",
     "--alloc: '{}' 값은 쓸 수 없습니다. 주소=금액 형식으로, 금액은 1000이나 0.5처럼 PXZ로 "
     "쓰십시오."},
    {Phrase::kNoAlloc,
     "nobody would have coins on this chain, and there is no way to make any later. Give --alloc "
     "ADDRESS=AMOUNT.",
     "이 체인에는 코인이 없게 되고 나중에 만들 방법도 없습니다. --alloc 주소=금액을 지정하십시오."},
    {Phrase::kNoValidator,
     "who is the validator? There is no key in '{}'. Make one with 'pixelzx account new', or give "
     "--validator ADDRESS.",
     "검증자를 알 수 없습니다. '{}'에 키가 없습니다. 'pixelzx account new'로 만들거나 --validator "
     "ADDRESS를 지정하십시오."},
    {Phrase::kManyValidators,
     "who is the validator? There are several keys in '{}'. Give --validator ADDRESS.",
     "검증자를 알 수 없습니다. '{}'에 키가 여러 개 있습니다. --validator ADDRESS를 지정하십시오."},
    {Phrase::kChainBegun,
     "The chain {} begins in '{}'.\n  genesis    {}\n  validator  {}\n  for others {}",
     "체인 {}을(를) '{}'에서 시작합니다.\n  제네시스   {}\n  검증자     {}\n  공유할 파일 {}"},
    {Phrase::kDevAtOnce,
     "there is a chain in '{}' that is not for development. Leave out --dev, or use another data "
     "directory.",
     "'{}'에 개발용이 아닌 체인이 있습니다. --dev를 빼거나 다른 데이터 폴더를 쓰십시오."},
    {Phrase::kDevElsewhere, "--dev is for devnet; {} asks for {}. Leave one of them out.",
     "--dev는 devnet용인데 {}이(가) {}을(를) 지정합니다. 하나를 빼십시오."},
    {Phrase::kWantedOtherChain,
     "the chain in '{}' has the identifier {}, but {} asks for {}. Leave that out, or use another "
     "data directory.",
     "'{}'의 체인 식별자는 {}인데 {}은(는) {}을(를) 지정합니다. 그 설정을 빼거나 다른 데이터 "
     "폴더를 쓰십시오."},
    {Phrase::kNoValidatorKey,
     "none of the keys in '{}' is that of a validator of this chain ({}). Import the key with "
     "'pixelzx account import FILE', or name its folder with --keystore.",
     "'{}'에 이 체인의 검증자({}) 키가 없습니다. 'pixelzx account import FILE'로 가져오거나 "
     "--keystore로 폴더를 지정하십시오."},
    {Phrase::kCannotListen,
     "cannot listen on {}: {}. Is another node running? Choose other ports with --rpc-port and "
     "--metrics-port.",
     "{}에서 연결을 받을 수 없습니다: {}. 다른 노드가 실행 중입니까? --rpc-port와 --metrics-port로 "
     "다른 포트를 지정하십시오."},
    {Phrase::kCannotLog, "cannot log to '{}': {}. Check the path and who may write there.",
     "'{}'에 로그를 쓸 수 없습니다: {}. 경로와 쓰기 권한을 확인하십시오."},

    {Phrase::kBadBlockNumber,
     "'{}' is not the number of a block. This chain has the blocks {} to {}.",
     "'{}'은(는) 블록 번호가 아닙니다. 이 체인에는 블록 {}부터 {}까지 있습니다."},
    {Phrase::kFileIsThere, "'{}' is there already. Remove it, or use another name.",
     "'{}'이(가) 이미 있습니다. 지우거나 다른 이름을 쓰십시오."},
    {Phrase::kCannotExport, "cannot write the blocks to '{}': {}. Check the path and the room.",
     "블록을 '{}'에 쓸 수 없습니다: {}. 경로와 남은 공간을 확인하십시오."},
    {Phrase::kExported, "Blocks {} to {} are in '{}'.", "블록 {}부터 {}까지 '{}'에 썼습니다."},
    {Phrase::kCannotImport,
     "cannot read the blocks in '{}': {}. Check the path and who may read it.",
     "'{}'의 블록을 읽을 수 없습니다: {}. 경로와 읽기 권한을 확인하십시오."},
    {Phrase::kImported, "{} blocks added, {} were there already. The head is block {}, {}.",
     "블록 {}개를 추가했고 {}개는 이미 있었습니다. 최신 블록은 {}번, {}입니다."},
    {Phrase::kImportEnded,
     "the import ended at byte {} of '{}': {}. {} blocks before it were added. Get the file anew, "
     "or export it again from a node of the same chain.",
     "{}바이트 위치('{}')에서 가져오기가 끝났습니다: {}. 그 앞의 블록 {}개는 추가했습니다. "
     "파일을 다시 받거나 같은 체인의 노드에서 다시 내보내십시오."},
    {Phrase::kInterrupted, "interrupted after {} blocks. Run the same command again to go on.",
     "블록 {}개 뒤에 중단되었습니다. 같은 명령을 다시 실행하면 이어집니다."},

    {Phrase::kNoAnswer,
     "the node at {} does not answer: {}. Is it running? Otherwise name its address and port with "
     "--rpc-address and --rpc-port.",
     "{}의 노드가 응답하지 않습니다: {}. 실행 중입니까? 아니면 --rpc-address와 --rpc-port로 주소와 "
     "포트를 지정하십시오."},
    {Phrase::kBadAnswer,
     "what answers at {} is not a node of PIXELZX. Name the node's port with --rpc-port.",
     "{}에서 응답하는 것은 PIXELZX 노드가 아닙니다. --rpc-port로 노드의 포트를 지정하십시오."},
    {Phrase::kIsHealthy, "The node is well: {}", "노드가 정상입니다: {}"},
    {Phrase::kIsUnhealthy, "the node is not well: {}. Look at its log.",
     "노드가 정상이 아닙니다: {}. 로그를 확인하십시오."},
    {Phrase::kNoReport,
     "'{} doctor --json' gives no report: {}. Start this command through the launcher, as "
     "'pixelzx doctor-exporter'.",
     "'{} doctor --json'의 보고서를 읽을 수 없습니다: {}. 런처를 통해 'pixelzx doctor-exporter'로 "
     "시작하십시오."},
    {Phrase::kDoctorTooSlow,
     "'{} doctor --json' was ended after {} minutes. Run it yourself to see where it stays.",
     "'{} doctor --json'이 {}분 안에 끝나지 않아 중단했습니다. 직접 실행하여 어디에서 멈추는지 "
     "확인하십시오."},
    {Phrase::kCannotServeMetrics,
     "cannot listen on {}: {}. Is a node running? Choose another port with --metrics-port.",
     "{}에서 연결을 받을 수 없습니다: {}. 노드가 실행 중입니까? --metrics-port로 다른 포트를 "
     "지정하십시오."},
    {Phrase::kStatusNode, "Node", "노드"},
    {Phrase::kStatusChain, "Chain identifier", "체인 식별자"},
    {Phrase::kStatusHead, "Newest block", "최신 블록"},
    {Phrase::kStatusHash, "Its hash", "해시"},
    {Phrase::kStatusTime, "Its time", "시각"},
    {Phrase::kStatusPending, "Transactions pending", "대기 트랜잭션"},
    {Phrase::kStatusQueued, "Transactions queued", "보류 트랜잭션"},
    {Phrase::kStatusPeers, "Peers", "피어"},
    {Phrase::kStatusUptime, "Running for (seconds)", "실행 시간(초)"},
}};

constexpr bool table_is_in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].phrase != static_cast<Phrase>(i)) return false;
  }
  return true;
}
static_assert(table_is_in_order(), "messages.cc must list its rows in the order of enum Phrase");

/// `pattern` with each `{}` replaced by the next of `values`, in order.
template <typename Values>
std::string filled(std::string_view pattern, const Values& values) {
  std::string text;
  for (const std::string_view value : values) {
    const std::size_t gap = pattern.find("{}");
    if (gap == std::string_view::npos) break;
    text.append(pattern.substr(0, gap)).append(value);
    pattern.remove_prefix(gap + 2);
  }
  return text.append(pattern);
}

}  // namespace

Language choose_language(std::string_view lc_all, std::string_view lc_messages,
                         std::string_view lang) {
  const std::string_view locale = !lc_all.empty()        ? lc_all
                                  : !lc_messages.empty() ? lc_messages
                                                         : lang;
  const std::string_view language = locale.substr(0, locale.find_first_of("_.@"));
  return language == "ko" ? Language::kKorean : Language::kEnglish;
}

std::string_view text(Phrase phrase, Language language) {
  const Row& row = kTable[static_cast<std::size_t>(phrase)];
  return language == Language::kKorean ? row.korean : row.english;
}

std::string fill(Phrase phrase, Language language, std::initializer_list<std::string_view> values) {
  return filled(text(phrase, language), values);
}

std::string text(const Failure& failure, Language language) {
  std::vector<std::string> values;
  for (const auto& value : failure.values) {
    const auto* phrase = std::get_if<Phrase>(&value);
    values.push_back(phrase != nullptr ? std::string(text(*phrase, language))
                                       : escape_controls(std::get<std::string>(value)));
  }
  return filled(text(failure.phrase, language), values);
}

}  // namespace pixelzx::node
