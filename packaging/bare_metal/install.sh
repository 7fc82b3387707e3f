#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154,SC2170 # pixelzx-pack puts the parts together; a test checks the whole
#
# Installs @PROGRAM@ @VERSION@ from the folder that it lies in. Needs a POSIX shell, the usual tools (busybox
# will do) and no network. --help says what it takes.
#
# Whatever fails, or a signal, before the new program was found to be well: everything is as it was. Files are
# prepared beside their places, change places by rename, and the old ones are kept until the end.
set -eu
umask 022

# @INCLUDE host.sh@

# @INCLUDE explain.sh@

pzx_exit=1
say() { # ENGLISH KOREAN
    pzx_say "$1" "$2"
    printf '%s\n' "$pzx_text"
}

# What is being done, for messages: it cannot be done, or is asked for.
set_task() { # ENGLISH KOREAN
    pzx_say "install.sh: cannot $1" "install.sh: $2할 수 없음"
    pzx_cannot=$pzx_text
}
set_task install 설치

usage() {
    say 'usage: install.sh [--prefix DIR | --user] [--no-service] [--restart] [--uninstall] [--yes]

Installs @PROGRAM@ @VERSION@ from the folder that install.sh lies in.

--prefix DIR  install below DIR (default: /usr/local)
--user        install below ~/.local, for this user alone
--no-service  install no service of systemd, as otherwise below /usr/local and /usr
--restart     after an upgrade, restart the service if it runs
--uninstall   remove what was installed there
--yes         do not ask
--help        show this help' \
        '사용법: install.sh [--prefix 폴더 | --user] [--no-service] [--restart] [--uninstall] [--yes]

install.sh와 같은 폴더에 있는 @PROGRAM@ @VERSION@을(를) 설치합니다.

--prefix 폴더  이 폴더 아래에 설치합니다 (기본값: /usr/local)
--user         이 사용자만 쓰도록 ~/.local 아래에 설치합니다
--no-service   systemd 서비스를 설치하지 않습니다 (/usr/local과 /usr에는 기본으로 설치합니다)
--restart      업그레이드 후 실행 중인 서비스를 다시 시작합니다
--uninstall    설치한 것을 제거합니다
--yes          묻지 않습니다
--help         이 도움말을 보여 줍니다'
}

wrong_usage() { # ENGLISH KOREAN
    pzx_exit=2
    pzx_fail '' 'the arguments are not understood' "$1" 'see what is accepted with: install.sh --help' \
        '인자를 이해할 수 없습니다' "$2" '다음 명령으로 사용법을 확인하십시오: install.sh --help'
}

case $0 in
*/*) here=${0%/*} ;;
*) here=. ;;
esac
here=$(cd "${here:-/}" && pwd)

prefix=
user=no
service=yes
restart=no
uninstall=no
ask=yes
while [ $# -gt 0 ]; do
    case $1 in
    --prefix)
        [ $# -gt 1 ] || wrong_usage '--prefix needs a folder' '--prefix에는 폴더가 필요합니다'
        prefix=$2
        shift
        ;;
    --prefix=*) prefix=${1#*=} ;;
    --user) user=yes ;;
    --no-service) service=no ;;
    --restart) restart=yes ;;
    --uninstall) uninstall=yes ;;
    --yes | -y) ask=no ;;
    --help | -h)
        usage
        exit 0
        ;;
    *) wrong_usage "there is no option '$1'" "'$1' 옵션은 없습니다" ;;
    esac
    shift
done
if [ $user = yes ]; then
    [ -z "$prefix" ] || wrong_usage '--user is a prefix of its own' '--user와 --prefix는 함께 쓸 수 없습니다'
    case ${HOME-} in
    /*) prefix=$HOME/.local ;;
    *) wrong_usage '--user needs HOME, which is not set' '--user에는 HOME이 필요하지만 설정되지 않았습니다' ;;
    esac
fi
if [ $restart = yes ] && [ "$user$service" != noyes ]; then
    wrong_usage '--restart is for the service, which --user and --no-service leave out' \
        '--restart는 서비스를 위한 것이므로 --user, --no-service와 함께 쓸 수 없습니다'
fi
if [ -z "$prefix" ]; then
    prefix=/usr/local
    # The copy that was installed is there to uninstall.
    if [ -f "$here/manifest" ]; then prefix=${here%/lib/pixelzx}; fi
fi
case $prefix in
/*) ;;
*) prefix=$(pwd)/$prefix ;;
esac
prefix=${prefix%/}

# All names below the prefix are without blanks, so lists of them are words.
home=lib/pixelzx
manifest=$home/manifest
work=$prefix/$home/.install # there as long as one install.sh is at work
unit=lib/systemd/system/@PROGRAM@.service
sysusers=lib/sysusers.d/@PROGRAM@.conf

# ---- what is there, and may be changed ----

# The nearest folder above that exists.
existing() { # PATH
    path=$1
    while [ ! -e "${path:-/}" ]; do path=${path%/*}; done
    printf '%s\n' "${path:-/}"
}

check_writable() {
    ground=$(existing "$prefix/$home")
    if [ -w "$ground" ] && [ -d "$ground" ]; then return; fi
    if [ "$(id -u)" -ne 0 ]; then
        pzx_fail '' "only root may write to $ground" "you are not root" \
            "run it as root (sudo $0), or for yourself alone: $0 --user" \
            "$ground 폴더는 root만 쓸 수 있습니다" "현재 사용자는 root가 아닙니다" \
            "root로 실행하거나 (sudo $0) 현재 사용자만 쓰도록 설치하십시오: $0 --user"
    fi
    pzx_fail '' "$ground cannot be written to" \
        'it is no folder, or its file system is mounted read-only' \
        'choose another with --prefix DIR, or remount it: mount -o remount,rw' \
        "${ground}에 쓸 수 없습니다" '폴더가 아니거나 파일 시스템이 읽기 전용으로 마운트되어 있습니다' \
        '--prefix로 다른 폴더를 지정하거나 다시 마운트하십시오: mount -o remount,rw'
}

# The words behind KIND in the lines of the installed manifest.
installed() { # KIND
    if [ ! -f "$prefix/$manifest" ]; then return; fi
    while read -r kind name; do
        if [ "$kind" = "$1" ]; then printf '%s\n' "$name"; fi
    done <"$prefix/$manifest"
}

has_word() { # WORDS WORD
    case " $1 " in
    *" $2 "*) return 0 ;;
    esac
    return 1
}

# As words of one line.
words_of() { # COMMAND...
    # shellcheck disable=SC2046 # words
    set -- $("$@")
    printf '%s\n' "$*"
}

confirm() { # ENGLISH KOREAN: the question
    if [ $ask = no ]; then return; fi
    if [ ! -t 0 ]; then
        pzx_fail '' 'nobody can be asked' 'standard input is no terminal' 'run it again with --yes' \
            '확인할 수 없습니다' '표준 입력이 터미널이 아닙니다' '--yes를 붙여 다시 실행하십시오'
    fi
    pzx_say "$1 [y/N] " "$2 [y/N] "
    printf '%s' "$pzx_text"
    read -r answer || answer=
    case $answer in
    [yY] | [yY][eE][sS]) ;;
    *)
        say 'Nothing was changed.' '아무것도 변경하지 않았습니다.'
        exit 1
        ;;
    esac
}

# ---- the service ----

has_systemctl() { command -v systemctl >/dev/null; }
systemd_runs() { [ -d /run/systemd/system ]; }

# Where systemd looks for units, and if it is there at all.
wants_service() {
    if [ $service = no ] || [ ! -f "$here/systemd/@PROGRAM@.service" ]; then return 1; fi
    case $prefix in
    /usr/local | /usr) has_systemctl ;;
    *) return 1 ;;
    esac
}

# Before its unit goes.
stop_service() {
    if ! has_systemctl; then return; fi
    now=
    if systemd_runs; then now=--now; fi
    # shellcheck disable=SC2086 # a word, or none
    systemctl --quiet disable $now @PROGRAM@.service || pzx_fail '' 'the service cannot be stopped' \
        'the line above says why' 'stop it and try again: systemctl stop @PROGRAM@' \
        '서비스를 중지할 수 없습니다' '이유는 위의 줄에 있습니다' \
        '서비스를 중지한 뒤 다시 시도하십시오: systemctl stop @PROGRAM@'
}

# What the new unit needs, once it is in its place. The program is installed, come what may.
set_up_service() {
    systemd-sysusers "$prefix/$sysusers" || say "warning: there is no user @PROGRAM@ for the service yet" \
        '경고: 서비스를 위한 사용자 @PROGRAM@이(가) 아직 없습니다' >&2
    if systemd_runs; then
        systemctl daemon-reload || :
        if systemctl --quiet is-active @PROGRAM@.service; then
            if [ $restart = yes ]; then
                systemctl restart @PROGRAM@.service || pzx_fail '' 'the service cannot be restarted' \
                    'the line above says why; the new version is installed' \
                    'look at its log: journalctl -u @PROGRAM@' \
                    '서비스를 다시 시작할 수 없습니다' '이유는 위의 줄에 있습니다. 새 버전은 설치되었습니다' \
                    '로그를 확인하십시오: journalctl -u @PROGRAM@'
                say 'Restarted the service.' '서비스를 다시 시작했습니다.'
            else
                say 'The service still runs what it was started with: systemctl restart @PROGRAM@' \
                    '서비스는 아직 시작할 때의 버전을 실행하고 있습니다: systemctl restart @PROGRAM@'
            fi
            return
        fi
    fi
    say 'To run it as a service, now and after each boot: systemctl enable --now @PROGRAM@' \
        '지금부터, 그리고 부팅할 때마다 서비스로 실행하려면: systemctl enable --now @PROGRAM@'
}

# ---- changes, and how they are undone ----

made=      # folders that were made, the latest first
above=0    # how many of the folders that lead to the prefix were made, itself included
prepared=  # files that lie ready beside their places
undo=      # new:FILE or old:FILE, the latest first: what to do about a file that has changed
state=idle # changing: undo it all at the end; installed: the old files may go

draft_of() { printf '%s\n' "$prefix/${1%/*}/.${1##*/}.pixelzx-new"; }
saved_of() { printf '%s\n' "$prefix/${1%/*}/.${1##*/}.pixelzx-old"; }

make_prefix() {
    path=$prefix
    missing=0
    while [ ! -d "${path:-/}" ]; do
        missing=$((missing + 1))
        path=${path%/*}
    done
    above=$missing
    mkdir -p "$prefix/" || cannot_write "$prefix"
}

make_folder() { # FOLDER
    if [ -d "$prefix/$1" ]; then return; fi
    case $1 in
    */*) make_folder "${1%/*}" ;;
    esac
    made="$1 $made"
    mkdir "$prefix/$1" || cannot_write "$1"
}

remove_prefix() { # HOW-MANY-FOLDERS
    path=$prefix
    count=$1
    while [ "$count" -gt 0 ]; do
        rmdir "$path" 2>/dev/null || return 0
        path=${path%/*}
        count=$((count - 1))
    done
}

cannot_write() { # FILE
    pzx_fail '' "cannot write $1 below $prefix" "the line above says why" \
        'check the room (df -h) and the permissions there; everything is as it was' \
        "$prefix 아래에 $1을(를) 쓸 수 없습니다" "이유는 위의 줄에 있습니다" \
        '공간(df -h)과 권한을 확인하십시오. 모든 것이 이전 상태 그대로입니다'
}

# Puts a copy of SOURCE beside the place of FILE.
prepare() { # SOURCE FILE MODE
    make_folder "${2%/*}"
    if [ -d "$prefix/$2" ]; then
        echo "$prefix/$2: is a folder" >&2
        cannot_write "$2"
    fi
    draft=$(draft_of "$2")
    prepared="$prepared $2"
    rm -f "$draft"
    { cp "$1" "$draft" && chmod "$3" "$draft"; } || cannot_write "$2"
}

# Gives what was prepared its place.
publish() { # FILE
    place=$prefix/$1
    saved=$(saved_of "$1")
    rm -f "$saved"
    if [ -e "$place" ] || [ -L "$place" ]; then
        undo="old:$1 $undo"
        # Without hard links, a copy that is complete once it has its name.
        ln "$place" "$saved" 2>/dev/null || { cp -pP "$place" "$saved~" && mv -f "$saved~" "$saved"; } ||
            cannot_write "$1"
    else
        undo="new:$1 $undo"
    fi
    mv -f "$(draft_of "$1")" "$place" || cannot_write "$1"
}

# At the end, whatever led there.
finish() {
    trap '' HUP INT TERM PIPE
    set +e
    if [ $state = changing ]; then
        for item in $undo; do
            file=${item#*:}
            saved=$(saved_of "$file")
            case $item in
            new:*) rm -f "$prefix/$file" ;;
            *) if [ -e "$saved" ] || [ -L "$saved" ]; then mv -f "$saved" "$prefix/$file"; fi ;;
            esac
        done
    fi
    for file in $prepared; do
        rm -f "$(draft_of "$file")" "$(saved_of "$file")" "$(saved_of "$file")~"
    done
    if [ $state != idle ]; then rm -rf "$work"; fi
    if [ $state = changing ]; then
        for folder in $made; do rmdir "$prefix/$folder" 2>/dev/null; done
        remove_prefix "$above"
    fi
}

begin() {
    trap finish EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 141' PIPE
    trap 'exit 143' TERM
}

take_turn() {
    if mkdir "$work" 2>/dev/null; then return; fi
    [ -e "$work" ] || cannot_write "$home"
    state=idle
    busy
}

busy() {
    pzx_fail '' "another install.sh is at work below $prefix" "$work is there" \
        'wait for it; if none is running, it was killed: remove that folder' \
        "$prefix 아래에서 다른 install.sh가 작업 중입니다" "$work 폴더가 있습니다" \
        '끝나기를 기다리십시오. 실행 중인 것이 없다면 강제 종료된 것이므로 그 폴더를 지우십시오'
}

# ---- uninstall ----

if [ $uninstall = yes ]; then
    set_task uninstall 제거
    if [ ! -f "$prefix/$manifest" ]; then
        pzx_fail '' "nothing is installed below $prefix" "there is no $prefix/$manifest" \
            'name the folder that it was installed to: --prefix DIR, or --user' \
            "$prefix 아래에 설치된 것이 없습니다" "$prefix/$manifest 파일이 없습니다" \
            '설치한 폴더를 지정하십시오: --prefix 폴더 또는 --user'
    fi
    check_writable
    if [ -e "$work" ]; then busy; fi
    name=$(words_of installed program)
    confirm "Remove $name from $prefix?" "${prefix}에서 ${name}을(를) 제거할까요?"
    files=$(words_of installed file)
    folders=$(words_of installed folder)
    above=$(words_of installed above)
    if has_word "$files" $unit; then stop_service; fi
    # The manifest goes last: until then this can be done again.
    for file in $files; do
        [ "$file" = "$manifest" ] || rm -f "$prefix/$file" || cannot_write "$file"
    done
    rm -f "$prefix/$manifest" || cannot_write "$manifest"
    for folder in $folders; do rmdir "$prefix/$folder" 2>/dev/null || :; done
    remove_prefix "${above:-0}"
    if has_word "$files" $unit; then
        if has_systemctl && systemd_runs; then systemctl daemon-reload; fi
        say "The service's data are kept: /var/lib/@PROGRAM@, /etc/@PROGRAM@ and its user, @PROGRAM@." \
            '서비스의 데이터는 남아 있습니다: /var/lib/@PROGRAM@, /etc/@PROGRAM@, 사용자 @PROGRAM@.'
    fi
    say "Removed $name from $prefix." "${prefix}에서 ${name}을(를) 제거했습니다."
    exit 0
fi

# ---- the machine ----

# Not the kernel's own word: in the chroot of another architecture its programs are wanted.
pzx_platform_of "$(uname -m)"
launcher=
launcher_of() { # PLATFORM
    case $1 in
    # @LAUNCHERS@
    esac
}
launcher_of "$pzx_platform"
# A machine without a launcher may emulate one, which PZX-101 proposes.
if [ -z "$launcher" ] && [ -n "${PIXELZX_PLATFORM-}" ]; then
    launcher_of "$PIXELZX_PLATFORM"
    [ -z "$launcher" ] || pzx_platform=$PIXELZX_PLATFORM
fi
if [ -z "$launcher" ]; then pzx_no_launcher; fi

# ---- the files ----

# Lines as in SHA256SUMS, whatever tool there is.
sums() { # FILE...
    if command -v sha256sum >/dev/null; then
        sha256sum "$@"
    elif command -v busybox >/dev/null; then
        busybox sha256sum "$@"
    elif command -v shasum >/dev/null; then
        shasum -a 256 "$@"
    elif command -v openssl >/dev/null; then
        openssl dgst -sha256 -r "$@" | sed 's/ \*/  /'
    else
        pzx_fail '' 'the files cannot be checked' \
            'there is no sha256sum, busybox, shasum or openssl to compare them with SHA256SUMS' \
            'install one of these' \
            '파일을 검사할 수 없습니다' \
            'SHA256SUMS와 비교할 sha256sum, busybox, shasum, openssl 중 아무것도 없습니다' '하나를 설치하십시오'
    fi
}

damaged() { # FILE
    pzx_fail '' "$1 is not as it was published" "its SHA-256 is not the one in $here/SHA256SUMS" \
        'download and unpack the archive again; if that does not help, do not trust it' \
        "$1이(가) 배포된 것과 다릅니다" "SHA-256이 $here/SHA256SUMS에 있는 것과 다릅니다" \
        '아카이브를 다시 내려받아 푸십시오. 그래도 같다면 신뢰하지 마십시오'
}

verify() {
    cd "$here"
    files=
    if [ -r SHA256SUMS ]; then
        while read -r _ file; do files="$files $file"; done <SHA256SUMS
    fi
    for file in install.sh pixelzx.bundle "$launcher" $files; do
        if ! has_word "$files" "$file" || [ ! -r "$file" ]; then damaged "$file"; fi
    done
    # shellcheck disable=SC2086 # words
    seen=$(sums $files)
    while read -r line; do
        case "
$seen
" in
        *"
$line
"*) ;;
        *) damaged "${line##* }" ;;
        esac
    done <SHA256SUMS
    cd "$OLDPWD"
}
verify
check_writable

before=$(words_of installed program)
case $before in
'' | "@PROGRAM@ "*) ;;
*)
    pzx_fail '' "$before is installed below $prefix" 'a prefix holds one program' \
        "choose another with --prefix DIR, or remove that one: $prefix/$home/install.sh --uninstall" \
        "$prefix 아래에 ${before}이(가) 설치되어 있습니다" '한 폴더에는 한 프로그램만 설치할 수 있습니다' \
        "--prefix로 다른 폴더를 지정하거나 제거하십시오: $prefix/$home/install.sh --uninstall"
    ;;
esac
if [ -n "$before" ]; then
    say "$before is installed below $prefix." "$prefix 아래에 ${before}이(가) 설치되어 있습니다."
fi
confirm "Install @PROGRAM@ @VERSION@ for $pzx_platform below $prefix?" \
    "${pzx_platform}용 @PROGRAM@ @VERSION@을(를) $prefix 아래에 설치할까요?"

# ---- install ----

begin
state=changing
make_prefix
make_folder $home
take_turn

prepare "$here/$launcher" bin/@PROGRAM@ 755
# For root, too, access(2) says no on a noexec mount.
if [ ! -x "$(draft_of bin/@PROGRAM@)" ]; then
    pzx_detail=$prefix
    pzx_fail @PZX_306@
fi
prepare "$here/pixelzx.bundle" $home/pixelzx.bundle 644
prepare "$here/install.sh" $home/install.sh 755
install_page() { # SOURCE FILE
    if [ -f "$here/$1" ]; then prepare "$here/$1" "$2" 644; fi
}
install_page man/@PROGRAM@.1 share/man/man1/@PROGRAM@.1
install_page completions/@PROGRAM@.bash share/bash-completion/completions/@PROGRAM@
install_page completions/_@PROGRAM@ share/zsh/site-functions/_@PROGRAM@
install_page completions/@PROGRAM@.fish share/fish/vendor_completions.d/@PROGRAM@.fish

if wants_service; then
    sed "s|/usr/local/|$prefix/|g" "$here/systemd/@PROGRAM@.service" >"$work/unit" || cannot_write $unit
    prepare "$work/unit" $unit 644
    install_page systemd/@PROGRAM@.sysusers $sysusers
fi

# The launcher itself unpacks the program that it would choose, into a cache of ours, and starts it.
unset PIXELZX_PLATFORM PIXELZX_TRACE PIXELZX_CACHE PIXELZX_BUNDLE
{ cp "$here/$launcher" "$work/@PROGRAM@" && chmod 755 "$work/@PROGRAM@"; } || cannot_write $home
log=$work/log
unpack() { # VARIABLE=VALUE...
    rm -rf "$work/cache"
    mkdir -m 700 "$work/cache"
    env "PIXELZX_CACHE=$work/cache" "PIXELZX_BUNDLE=$here/pixelzx.bundle" PIXELZX_TRACE=json "$@" \
        "$work/@PROGRAM@" --version </dev/null >"$log" 2>&1
}
status=0
unpack || status=$?
# In the chroot of another architecture, an emulated launcher prefers the true machine's program.
if grep -q '"emulated":true' "$log"; then
    status=0
    unpack "PIXELZX_PLATFORM=$pzx_platform" || status=$?
fi
slice=
for file in "$work"/cache/*/@PROGRAM@; do
    if [ -f "$file" ]; then slice=${file#"$work"/cache/}; fi
done
if [ -z "$slice" ] && [ $status -ne 126 ] && [ $status -ne 127 ]; then # it was started from memory
    pzx_fail '' "the program cannot be unpacked below $prefix" \
        'there is no room, or nothing there may be executed' \
        'check the room (df -h) and the mount options (noexec); everything is as it was' \
        "$prefix 아래에 프로그램을 풀 수 없습니다" '공간이 없거나 그곳에서 실행이 허용되지 않습니다' \
        '공간(df -h)과 마운트 옵션(noexec)을 확인하십시오. 모든 것이 이전 상태 그대로입니다'
elif [ -z "$slice" ] || [ $status -eq 126 ] || [ $status -eq 127 ]; then
    grep -v '^{' "$log" >&2 || :
    pzx_fail '' 'the program cannot be started here' 'its launcher says why above' \
        'do what it says; everything is as it was' \
        '여기서 프로그램을 시작할 수 없습니다' '이유는 위에 런처가 설명한 대로입니다' \
        '런처의 안내를 따르십시오. 모든 것이 이전 상태 그대로입니다'
fi
prepare "$work/cache/$slice" "$home/slices/$slice" 755

old_files=$(words_of installed file)
old_folders=$(words_of installed folder)
old_above=$(words_of installed above)
{
    echo "program @PROGRAM@ @VERSION@ $pzx_platform"
    for file in $prepared $manifest; do echo "file $file"; done
    for folder in $made; do echo "folder $folder"; done
    for folder in $old_folders; do
        case $folder in
        "$home/slices/${slice%/*}") echo "folder $folder" ;;
        $home/slices/*) ;; # of the old version, and removed with it
        *) echo "folder $folder" ;;
        esac
    done
    echo "above $((above + ${old_above:-0}))"
} >"$work/manifest" || cannot_write $manifest
prepare "$work/manifest" $manifest 644

# After a power cut no file shall have its name without its content. Old systems sync everything.
set --
for file in $prepared; do set -- "$@" "$(draft_of "$file")"; done
sync "$@"

for file in $prepared; do publish "$file"; done
if command -v restorecon >/dev/null; then
    set --
    for file in $prepared; do set -- "$@" "$prefix/$file"; done
    restorecon "$@" || say 'warning: the SELinux labels could not be set' '경고: SELinux 레이블을 설정할 수 없습니다' >&2
fi
has_doctor=@DOCTOR@ # else the word is the program's own
: >"$log"
if [ $has_doctor = yes ] && ! "$prefix/bin/@PROGRAM@" doctor --quiet >"$log" 2>&1; then
    cat "$log" >&2
    pzx_fail '' 'the doctor found an error' 'its words are above' \
        'do what it says; everything is as it was' \
        'doctor가 오류를 발견했습니다' '내용은 위와 같습니다' '안내를 따르십시오. 모든 것이 이전 상태 그대로입니다'
fi
state=installed
cat "$log"

if has_word "$old_files" $unit && ! has_word "$prepared" $unit; then stop_service; fi
# What the old version had and this one has not. A running program keeps its file.
for file in $old_files; do
    if ! has_word "$prepared" "$file"; then
        rm -f "$prefix/$file"
        rmdir "$prefix/${file%/*}" 2>/dev/null || :
    fi
done
say "Installed @PROGRAM@ @VERSION@ for $pzx_platform: $prefix/bin/@PROGRAM@" \
    "${pzx_platform}용 @PROGRAM@ @VERSION@을(를) 설치했습니다: $prefix/bin/@PROGRAM@"
case ":${PATH-}:" in
*":$prefix/bin:"*) ;;
*)
    say "Its folder is not in PATH yet. Add this to ~/.profile: PATH=\"$prefix/bin:\$PATH\"" \
        "아직 PATH에 없는 폴더입니다. ~/.profile에 추가하십시오: PATH=\"$prefix/bin:\$PATH\""
    ;;
esac
if has_word "$prepared" $unit; then set_up_service; fi
say "To remove it: $prefix/$home/install.sh --uninstall" "제거하려면: $prefix/$home/install.sh --uninstall"
