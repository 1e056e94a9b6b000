#compdef locus
# Completion of `locus` for zsh: the program says what could stand there; where it says nothing, a file is to be named.
local program=${words[1]/#\~\//$HOME/}
local -a found
found=(${(f)"$($program complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
if (( $#found )); then compadd -- $found; else _files; fi
