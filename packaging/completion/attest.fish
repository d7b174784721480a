# Completion of attest for fish: put this file into ~/.config/fish/completions,
# or install it in share/fish/vendor_completions.d.  Everything is asked of
# attest itself.
function __attest_commands
    attest --help 2>/dev/null | sed -n '/^`attest/q; s/^  \([a-z][a-z]*\) [^ ]*\( [^ ][^ ]*\)*  *\(.*\)/\1\t\3/p'
end

function __attest_options
    set -l words (commandline -opc)
    attest $words[2] --help 2>/dev/null | sed -n '/^example:/q; s/^  [ ]*\(-[a-z], \)\{0,1\}\(--[a-z-]*\) [^ ]*  *\(.*\)/\2\t\3/p'
end

function __attest_constructions
    attest list 2>/dev/null | sed -n '/^problems/q; s/^  \([a-z][a-z_]*\)  *\(.*\)/\1\t\2/p'
end

function __attest_has_command
    test (count (commandline -opc)) -ge 2
end

complete -c attest -n 'not __attest_has_command' -f -a '(__attest_commands)'
complete -c attest -n __attest_has_command -a '(__attest_options)'
complete -c attest -n '__fish_seen_subcommand_from describe' -f -a '(__attest_constructions)'
complete -c attest -n '__fish_seen_subcommand_from cite' -a '(__attest_constructions)'
complete -c attest -n '__fish_seen_subcommand_from init' -l example -x -a '(__attest_constructions)'
