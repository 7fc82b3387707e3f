// SPDX-License-Identifier: Apache-2.0
//
// The cold part of the launcher, compressed (cold.h).
    .section .cold_packed, "a"
    .incbin "cold.zst"
    .section .note.GNU-stack, "", %progbits
