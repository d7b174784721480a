# Completion of attest for bash: source this file, or install it as
# share/bash-completion/completions/attest.  Commands, options and constructions
# are asked of attest itself, so they are always those of the installed one.
_attest_commands() {
    attest --help 2>/dev/null | sed -n '/^`attest/q; s/^  \([a-z][a-z]*\) .*/\1/p'
}

_attest_options() {
    attest "$1" --help 2>/dev/null | sed -n '/^example:/q; s/^  [ ]*\(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p'
}

_attest_constructions() {
    attest list 2>/dev/null | sed -n '/^problems/q; s/^  \([a-z][a-z_]*\) .*/\1/p'
}

_attest() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} words

    if [ "$COMP_CWORD" -eq 1 ]; then
        words="$(_attest_commands) --help --version"
    elif [[ $word == -* ]]; then
        words="$(_attest_options "$command") --help"
    elif [ "$before" = --example ] || [ "$command" = describe ] || [ "$command" = cite ]; then
        words=$(_attest_constructions)
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    if [ ${#COMPREPLY[@]} -eq 0 ] && [[ $word != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}
complete -o filenames -F _attest attest
