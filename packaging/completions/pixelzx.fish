# SPDX-License-Identifier: Apache-2.0
# Completion of pixelzx for fish.

complete -c pixelzx -n __fish_use_subcommand -f -a version -d 'Show version, build and platform'
complete -c pixelzx -n __fish_use_subcommand -f -a doctor -d 'Look why it does not run'
complete -c pixelzx -n __fish_use_subcommand -f -l version -d 'Show name and version'
complete -c pixelzx -f -s h -l help -d 'Show a help'
complete -c pixelzx -n '__fish_seen_subcommand_from version' -f -l short -d 'The version alone'
complete -c pixelzx -n '__fish_seen_subcommand_from version' -x -l output -a 'text json' -d 'Format'
complete -c pixelzx -n '__fish_seen_subcommand_from doctor' -l json -d 'JSON on standard output'
complete -c pixelzx -n '__fish_seen_subcommand_from doctor' -s q -l quiet -d 'Findings only'
complete -c pixelzx -n '__fish_seen_subcommand_from doctor' -x -l lang -a 'en ko' -d 'Language'
complete -c pixelzx -n '__fish_seen_subcommand_from doctor' -x -l host -a '(__fish_complete_directories)' -d 'Look at a snapshot'
complete -c pixelzx -n '__fish_seen_subcommand_from doctor' -x -l save-host -a '(__fish_complete_directories)' -d 'Write a snapshot'
