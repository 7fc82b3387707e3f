# SPDX-License-Identifier: Apache-2.0
"""refuse_execve.py ERRNO EXECVE EXECVEAT COMMAND...

Becomes the command, which may start nothing: every further execve and execveat, by their numbers,
fails with ERRNO. A seccomp filter sees no path, but where the path lies: that of the command is at an
address that is told to the filter."""

import ctypes
import os
import sys

LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
NUMBER, ARGUMENT = 0, 16  # in struct seccomp_data
NO_NEW_PRIVS, SET_SECCOMP, FILTER = 38, 22, 2


class Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint)]


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.POINTER(Instruction))]


def array(items):
    return (ctypes.c_char_p * (len(items) + 1))(*map(os.fsencode, items), None)


def main(error, execve, execveat, *command):
    path = ctypes.create_string_buffer(os.fsencode(command[0]))
    low, high = ctypes.addressof(path) & 0xFFFFFFFF, ctypes.addressof(path) >> 32
    low_at, high_at = (ARGUMENT, ARGUMENT + 4) if sys.byteorder == "little" else (ARGUMENT + 4, ARGUMENT)
    lines = [(LOAD, 0, 0, NUMBER), (EQUAL, 6, 0, int(execveat)), (EQUAL, 0, 4, int(execve)),
             (LOAD, 0, 0, low_at), (EQUAL, 0, 3, low), (LOAD, 0, 0, high_at), (EQUAL, 0, 1, high),
             (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE | int(error))]
    code = (Instruction * len(lines))(*(Instruction(*line) for line in lines))
    program = Program(len(lines), code)
    argv, envp = array(command), array([f"{name}={value}" for name, value in os.environ.items()])
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((NO_NEW_PRIVS, 1, 0, 0, 0), (SET_SECCOMP, FILTER, ctypes.byref(program))):
        if libc.prctl(*call) != 0:
            raise OSError(ctypes.get_errno(), "seccomp")
    libc.execve(path, argv, envp)
    raise OSError(ctypes.get_errno(), command[0])


main(*sys.argv[1:])
