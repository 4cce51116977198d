# The words at hand in a person's shell; see desk.py beside this file.
[ -r /etc/bash.bashrc ] && . /etc/bash.bashrc
[ -r ~/.bashrc ] && . ~/.bashrc
for word in submit score clock pause note instructions quit; do
    eval "$word() { python3 -I /home/agent/scaffolding/desk.py $word \"\$@\"; }"
done
unset word
metr() { python3 -I /home/agent/scaffolding/desk.py help; }
PS1='\[\e[1m\]metr\[\e[0m\] \w \$ '
