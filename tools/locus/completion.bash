# Completion of `locus` for bash: the program says what could stand there; where it says nothing, a file is to be named.
_locus() {
  local program=${1/#\~\//$HOME/} word=${COMP_WORDS[COMP_CWORD]}
  local IFS=$'\n'
  COMPREPLY=($(compgen -W "$("$program" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "$word"))
}
complete -o default -F _locus locus
