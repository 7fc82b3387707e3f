# SPDX-License-Identifier: Apache-2.0
"""Reads what the tests ask of an ELF file, without the project's own reader."""

import struct
from dataclasses import dataclass

PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_GNU_STACK = 1, 2, 3, 0x6474E551
PF_X = 1
SHT_SYMTAB, SHT_ARM_ATTRIBUTES = 2, 0x70000003
ET_EXEC = 2
TAG_CPU_ARCH, V5TE = 6, 4  # of the ARM ABI's build attributes


@dataclass
class Segment:
    kind: int
    flags: int
    align: int


class Elf:
    def __init__(self, path):
        self.data = data = path.read_bytes()
        assert data[:4] == b"\x7fELF"
        self.wide, self.order = data[4] == 2, "<" if data[5] == 1 else ">"
        head = struct.unpack_from(self.order + ("HHIQQQIHHHHHH" if self.wide else "HHIIIIIHHHHHH"), data, 16)
        (self.type, self.machine, _, self.entry, segments_at, sections_at, self.flags, _,
         segment_size, segment_count, section_size, section_count, _) = head
        self.ident = (data[4], data[5], self.machine)
        self.segments = [self._segment(segments_at + i * segment_size) for i in range(segment_count)]
        self._sections = [self._section(sections_at + i * section_size) for i in range(section_count)]

    def _segment(self, at):
        if self.wide:
            kind, flags, *_, align = struct.unpack_from(self.order + "IIQQQQQQ", self.data, at)
        else:
            kind, *_, flags, align = struct.unpack_from(self.order + "IIIIIIII", self.data, at)
        return Segment(kind, flags, align)

    def _section(self, at):
        form = "IIQQQQ" if self.wide else "IIIIII"
        _, kind, _, _, offset, size = struct.unpack_from(self.order + form, self.data, at)
        return kind, self.data[offset:offset + size]

    def of_kind(self, kind):
        return [segment for segment in self.segments if segment.kind == kind]

    def sections(self, kind):
        return [content for found, content in self._sections if found == kind]


def arm_attributes(content):
    """Tag → number, of the file's build attributes (ARM IHI 0045), as far as Tag_CPU_arch needs."""
    assert content[:1] == b"A" and content[5:11] == b"aeabi\0"

    def number(at):
        value = shift = 0
        while True:
            value |= (content[at] & 0x7F) << shift
            shift += 7
            at += 1
            if content[at - 1] < 0x80:
                return value, at

    assert content[11] == 1  # Tag_File
    end, at, tags = 11 + int.from_bytes(content[12:16], "little"), 16, {}
    while at < end:
        tag, at = number(at)
        if tag in (4, 5, 67):  # names: CPU_raw_name, CPU_name, conformance
            at = content.index(b"\0", at) + 1
        else:
            tags[tag], at = number(at)
    return tags
