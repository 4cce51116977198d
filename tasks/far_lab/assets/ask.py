"""Make one experiment: ``python3 ask.py '{"setting": number, ...}'`` prints what the laboratory replies."""

import socket
import sys

with socket.create_connection(("127.0.0.1", 8619)) as connection:
    connection.sendall(sys.argv[1].replace("\n", " ").encode() + b"\n")
    print(connection.makefile().readline().strip())
