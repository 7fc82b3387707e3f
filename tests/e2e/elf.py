# SPDX-License-Identifier: Apache-2.0
"""Reads what the tests ask of an ELF file, without the project's own reader."""

import struct
from dataclasses import dataclass

PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_GNU_STACK, PT_GNU_RELRO = 1, 2, 3, 0x6474E551, 0x6474E552
PF_X, PF_W = 1, 2
SHT_SYMTAB, SHT_DYNSYM, SHT_ARM_ATTRIBUTES = 2, 11, 0x70000003
ET_EXEC, ET_DYN = 2, 3
TAG_CPU_ARCH, V5TE = 6, 4  # of the ARM ABI's build attributes


@dataclass
class Segment:
    kind: int
    flags: int
    offset: int
    address: int
    file_size: int
    memory_size: int
    align: int


@dataclass
class Section:
    name: str
    kind: int
    address: int
    content: bytes
    link: int  # of symbols: the number of the section with their names


class Elf:
    def __init__(self, path):
        self.data = data = path.read_bytes()
        assert data[:4] == b"\x7fELF"
        self.wide, self.order = data[4] == 2, "<" if data[5] == 1 else ">"
        head = struct.unpack_from(self.order + ("HHIQQQIHHHHHH" if self.wide else "HHIIIIIHHHHHH"), data, 16)
        (self.type, self.machine, _, self.entry, segments_at, sections_at, self.flags, _,
         segment_size, segment_count, section_size, section_count, names) = head
        self.ident = (data[4], data[5], self.machine)
        self.segments = [self._segment(segments_at + i * segment_size) for i in range(segment_count)]
        self.all_sections = [self._section(sections_at + i * section_size) for i in range(section_count)]
        for section in self.all_sections:
            section.name = self._text(names, section.name)

    def _segment(self, at):
        if self.wide:
            kind, flags, offset, address, _, *rest = struct.unpack_from(self.order + "IIQQQQQQ", self.data, at)
        else:
            kind, offset, address, _, file_size, memory_size, flags, align = struct.unpack_from(
                self.order + "IIIIIIII", self.data, at)
            rest = file_size, memory_size, align
        return Segment(kind, flags, offset, address, *rest)

    def _section(self, at):
        form = "IIQQQQI" if self.wide else "IIIIIII"
        name, kind, _, address, offset, size, link = struct.unpack_from(self.order + form, self.data, at)
        return Section(name, kind, address, self.data[offset:offset + size], link)

    def _text(self, section, at):
        content = self.all_sections[section].content
        return content[at:content.index(b"\0", at)].decode()

    def of_kind(self, kind):
        return [segment for segment in self.segments if segment.kind == kind]

    def sections(self, kind):
        return [section.content for section in self.all_sections if section.kind == kind]

    def named(self, name):
        return [section for section in self.all_sections if section.name == name]

    def dynamic(self):
        """Tag → value of the dynamic section."""
        form = struct.Struct(self.order + ("QQ" if self.wide else "II"))
        return {tag: value for segment in self.of_kind(PT_DYNAMIC) for tag, value in
                form.iter_unpack(self.data[segment.offset:segment.offset + segment.file_size]) if tag != 0}

    def symbols(self):
        """The names of all symbols."""
        form = struct.Struct(self.order + ("IBBHQQ" if self.wide else "IIIBBH"))
        return {self._text(section.link, name) for section in self.all_sections
                if section.kind in (SHT_SYMTAB, SHT_DYNSYM) for name, *_ in form.iter_unpack(section.content)}

    def properties(self):
        """Type → value of the properties that are a word, in .note.gnu.property."""
        found = {}
        align = 8 if self.wide else 4
        for section in self.named(".note.gnu.property"):
            assert section.content[12:16] == b"GNU\0"
            end, at = 16 + struct.unpack_from(self.order + "I", section.content, 4)[0], 16
            while at < end:
                kind, size = struct.unpack_from(self.order + "II", section.content, at)
                if size == 4:
                    found[kind] = struct.unpack_from(self.order + "I", section.content, at + 8)[0]
                at += 8 + -(-size // align) * align
        return found


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
