// SPDX-License-Identifier: Apache-2.0
//
// The texts of messages.txt and diagnoses.txt, compressed (launcher/CMakeLists.txt).
    .section .rodata
    .globl pixelzx_texts
pixelzx_texts:
    .incbin "texts.zst"
    .globl pixelzx_texts_end
pixelzx_texts_end:
    .section .note.GNU-stack, "", %progbits
