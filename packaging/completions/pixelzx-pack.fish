# SPDX-License-Identifier: Apache-2.0
# Completion of pixelzx-pack for fish.

set -l platforms linux/amd64 linux/arm64 linux/arm/v7 linux/riscv64 linux/ppc64le linux/s390x
set -l pack complete -c pixelzx-pack

$pack -n __fish_use_subcommand -f -a create -d 'Make a bundle of programs'
$pack -n __fish_use_subcommand -f -a import -d 'Make a bundle of a container image'
$pack -n __fish_use_subcommand -f -a list -d 'Show what is in a bundle'
$pack -n __fish_use_subcommand -f -a verify -d 'Check a signature, and everything in a bundle'
$pack -n __fish_use_subcommand -f -a extract -d 'Write one program of a bundle to a file'
$pack -n __fish_use_subcommand -f -a attach -d 'Write a launcher that carries a bundle'
$pack -n __fish_use_subcommand -f -a image -d 'Make container images of a bundle'
$pack -n __fish_use_subcommand -f -a run -d 'Make one executable file for every machine'
$pack -n __fish_use_subcommand -f -a tarball -d 'Make a tarball with an install.sh'
$pack -n __fish_use_subcommand -f -a doctor -d 'Tell whether container images can start'
$pack -n __fish_use_subcommand -f -a fleet -d 'Show many hosts at once'
$pack -n __fish_use_subcommand -f -a select -d 'Print which platforms fit a machine'
$pack -n __fish_use_subcommand -f -a keygen -d 'Make a key that signs releases'
$pack -n __fish_use_subcommand -f -a sign -d 'Sign files, as minisign does'
$pack -n __fish_use_subcommand -f -l version -d 'Show the version'
$pack -f -s h -l help -d 'Show a help'

$pack -n '__fish_seen_subcommand_from create import' -l program -x
$pack -n '__fish_seen_subcommand_from create import sign' -l version -x
$pack -n '__fish_seen_subcommand_from create' -l share -r
$pack -n '__fish_seen_subcommand_from create' -l level -x
$pack -n '__fish_seen_subcommand_from create' -l prefix -x
$pack -n '__fish_seen_subcommand_from create' -l reuse -r
$pack -n '__fish_seen_subcommand_from create import' -l doctor
$pack -n '__fish_seen_subcommand_from create import' -l own-name
$pack -n '__fish_seen_subcommand_from create import' -l allow-dynamic
$pack -n '__fish_seen_subcommand_from create import image' -s q -l quiet
$pack -n '__fish_seen_subcommand_from create import extract attach image run tarball fleet' -s o -r
$pack -n '__fish_seen_subcommand_from list' -l output -x -a 'text json'
$pack -n '__fish_seen_subcommand_from image' -l kind -x -a 'universal slim'
$pack -n '__fish_seen_subcommand_from image run tarball' -l launchers -x -a '(__fish_complete_directories)'
$pack -n '__fish_seen_subcommand_from image' -l platform -x -a "$platforms"
$pack -n '__fish_seen_subcommand_from image' -l single -x -a "$platforms"
$pack -n '__fish_seen_subcommand_from image' -l compression -x -a 'gzip zstd'
$pack -n '__fish_seen_subcommand_from image' -l config -r
$pack -n '__fish_seen_subcommand_from image' -l doc -r
$pack -n '__fish_seen_subcommand_from image' -l name -x
$pack -n '__fish_seen_subcommand_from image' -l annotation -x
$pack -n '__fish_seen_subcommand_from image' -l layers -x -a '(__fish_complete_directories)'
$pack -n '__fish_seen_subcommand_from tarball' -l sbom -r
$pack -n '__fish_seen_subcommand_from tarball' -l file -r
$pack -n '__fish_seen_subcommand_from doctor fleet' -l json
$pack -n '__fish_seen_subcommand_from doctor fleet' -l lang -x -a 'en ko'
$pack -n '__fish_seen_subcommand_from fleet' -l bundle -r
$pack -n '__fish_seen_subcommand_from select' -l host -x -a "$platforms"
$pack -n '__fish_seen_subcommand_from select' -l offer -x
$pack -n '__fish_seen_subcommand_from verify sign' -l key -r
$pack -n '__fish_seen_subcommand_from verify' -l signature -r
$pack -n '__fish_seen_subcommand_from verify' -l installed -r
$pack -n '__fish_seen_subcommand_from keygen' -l no-passphrase
$pack -n '__fish_seen_subcommand_from keygen sign' -l passphrase-file -r
