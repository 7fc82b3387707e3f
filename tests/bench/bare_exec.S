// SPDX-License-Identifier: Apache-2.0
//
//   bare_exec PROGRAM [ARGUMENT...]
//
// A launcher that does nothing but execve(2): what one more process image costs, whoever makes it.

        .text
        .globl _start
_start:
#if defined(__x86_64__)
        mov     (%rsp), %rcx                // argc
        lea     16(%rsp), %rsi              // argv + 1
        lea     16(%rsp, %rcx, 8), %rdx     // the environment
        mov     (%rsi), %rdi
        mov     $59, %eax                   // execve
        syscall
        mov     $127, %edi
        mov     $60, %eax                   // exit
        syscall
#elif defined(__aarch64__)
        ldr     x3, [sp]
        add     x1, sp, #16
        add     x2, x1, x3, lsl #3
        ldr     x0, [x1]
        mov     x8, #221
        svc     #0
        mov     x0, #127
        mov     x8, #93
        svc     #0
#else
#error "execve(2) of this architecture is to be added"
#endif

        .section .note.GNU-stack, "", %progbits
