#!/bin/sh
# Makes the image that it runs in the machine of the Task Standard: users, folders, and a Python that pip installs into.
set -eu
umask 022

fail() {
    echo "pytest-metr: $1" >&2
    exit 1
}

command -v bash > /dev/null || fail "the base image has no bash"
command -v useradd > /dev/null || fail "the base image has no useradd (Debian's package passwd)"
python=$(command -v python3) || fail "the base image has no python3"
"$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 8))' || fail "the base image's python3 is older than 3.8"

# Families call it python.
command -v python > /dev/null || ln -s "$python" /usr/local/bin/python

# Debian keeps pip from installing into its own Python; here it is the family's.
find /usr/lib /usr/local/lib -name EXTERNALLY-MANAGED -delete

# User ids are what counts for the files of a task, so nobody else may have the agent's.
other=$(getent passwd 1000 | cut -d: -f1)
if [ -n "$other" ] && [ "$other" != agent ]; then
    fail "the base image gives user id 1000 to $other; expected agent, or nobody"
fi
other=$(getent group 1000 | cut -d: -f1)
if [ -n "$other" ] && [ "$other" != agent ]; then
    fail "the base image gives group id 1000 to $other; expected agent, or nobody"
fi
getent group agent > /dev/null || groupadd --gid 1000 agent
getent passwd agent > /dev/null ||
    useradd --uid 1000 --gid 1000 --no-create-home --home-dir /home/agent --shell /bin/bash agent
entry=$(getent passwd agent | cut -d: -f3,4,6,7)
[ "$entry" = "1000:1000:/home/agent:/bin/bash" ] ||
    fail "the base image's user agent is $entry; expected 1000:1000:/home/agent:/bin/bash"
getent group protected > /dev/null || groupadd --system protected

mkdir -p /home/agent /protected /root
chown agent:agent /home/agent
chmod 0755 /home/agent
chown root:protected /protected
chmod 0750 /protected
echo 'timestamp,score,message,details' > /protected/score.log
chown root:protected /protected/score.log
chmod 0620 /protected/score.log
chmod 0700 /root

# A container would compile the supervisor at each start.
"$python" -I -m compileall -q --invalidation-mode unchecked-hash /opt/pytest-metr
chmod -R go-w /opt/pytest-metr
