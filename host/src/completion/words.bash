# bash also splits words at `=` and `:`. This asks for whole words, and gives bash the rest of its piece, quoted: bash puts a candidate into
# the line as it is, and the name of a file may be a command.
_kubectl_bootstrap_token() {
    local line=${COMP_LINE:0:COMP_POINT} whole=() piece i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if ((i == 0)) || [[ $line == [[:space:]]* ]]; then
            whole+=("")
            line=${line#"${line%%[![:space:]]*}"}
        fi
        # Of the word at the cursor only what is before it.
        ((i < COMP_CWORD)) || piece=$line
        whole[${#whole[@]} - 1]+=$piece
        line=${line#"$piece"}
    done
    local COMP_WORDS=("${whole[@]}") COMP_CWORD=$((${#whole[@]} - 1))
    local word=${COMP_WORDS[COMP_CWORD]} globs=
    [[ $- == *f* ]] || { globs=1; set -f; }
    _clap_complete_kubectl_bootstrap_token "$1" "$word" "$3"
    [[ -z $globs ]] || set +f
    COMPREPLY=("${COMPREPLY[@]#"${word%"$2"}"}")
    for i in "${!COMPREPLY[@]}"; do
        printf -v "COMPREPLY[i]" %q "${COMPREPLY[i]}"
    done
}
complete -o nospace -o bashdefault -o nosort -F _kubectl_bootstrap_token kubectl-bootstrap_token 2>/dev/null ||
    complete -o nospace -o bashdefault -F _kubectl_bootstrap_token kubectl-bootstrap_token
