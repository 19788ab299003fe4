/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs a fuzz entry once over each file of a directory: what stands in for
 * libFuzzer where the compiler has none, and makes every seed a regression test
 */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "tape.h"

int main(int argc, char **argv)
{
    const char *name;
    unsigned count = 0;
    GDir *dir = argc == 2 ? g_dir_open(argv[1], 0, NULL) : NULL;

    if (!dir) {
        fprintf(stderr, "usage: %s DIRECTORY-OF-INPUTS\n", argv[0]);
        return 2;
    }
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(argv[1], name, NULL);
        g_autofree char *data = NULL;
        gsize size;

        if (!g_file_get_contents(path, &data, &size, NULL)) {
            fprintf(stderr, "cannot read %s\n", path);
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)data, size);
        count++;
    }
    g_dir_close(dir);
    printf("%u inputs\n", count);
    if (!count) {
        fprintf(stderr, "no inputs in %s\n", argv[1]);
        return 1;
    }
    return 0;
}
