/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * QEMU's log macro for builds without QEMU: silent unless CX6DX_TEST_LOG is set
 */
#ifndef QEMU_LOG_H
#define QEMU_LOG_H

#define LOG_UNIMP (1 << 10)
#define LOG_GUEST_ERROR (1 << 11)

#define qemu_log_mask(mask, ...)                                        \
    do {                                                                \
        (void)(mask);                                                   \
        if (getenv("CX6DX_TEST_LOG")) {                                 \
            fprintf(stderr, __VA_ARGS__);                               \
        }                                                               \
    } while (0)

#endif
