/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Vital product data; see vpd.h (PCI Local Bus Specification 3.0, appendix I)
 */
#include "qemu/osdep.h"
#include "nic/nic.h"
#include "nic/vpd.h"

enum {
    TAG_NAME = 0x82, TAG_READ_ONLY = 0x90, TAG_END = 0x78,
    TAG_BYTES = 3, FIELD_BYTES = 3,
};

typedef struct Image {
    uint8_t *bytes;
    size_t n;
} Image;

static void put(Image *image, const void *data, size_t n)
{
    assert(n <= CX6DX_VPD_MAX_BYTES - image->n);
    memcpy(image->bytes + image->n, data, n);
    image->n += n;
}

static void put_tag(Image *image, uint8_t tag, size_t n)
{
    uint8_t head[TAG_BYTES] = { tag, n & 0xff, n >> 8 };

    put(image, head, sizeof(head));
}

static void put_field(Image *image, const char *key, const char *text)
{
    uint8_t head[FIELD_BYTES] = { key[0], key[1], strlen(text) };

    put(image, head, sizeof(head));
    put(image, text, strlen(text));
}

size_t cx6dx_vpd_image(const Cx6dxNic *nic, uint8_t bytes[CX6DX_VPD_MAX_BYTES])
{
    const char *name = nic->params.tls_tx || nic->params.tls_rx
        ? "ConnectX-6 Dx EN adapter card, a model in QEMU; Crypto Enabled"
        : "ConnectX-6 Dx EN adapter card, a model in QEMU; No Crypto";
    static const uint8_t check[FIELD_BYTES] = { 'R', 'V', 1 };
    const uint8_t *mac = nic->params.mac;
    Image image = { .bytes = bytes };
    char serial[16], board[33], width[32];
    uint8_t sum = 0, *tag;
    size_t body;

    snprintf(serial, sizeof(serial), "MD%02X%02X%02X%02X%02X%02X", mac[0],
             mac[1], mac[2], mac[3], mac[4], mac[5]);
    snprintf(board, sizeof(board), "637836647874006c8000%02x%02x%02x%02x%02x"
             "%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    snprintf(width, sizeof(width), "PCIeGen%u x%u",
             nic->params.timing.pcie_gen & 0xff,
             nic->params.timing.pcie_lanes & 0xff);

    put_tag(&image, TAG_NAME, strlen(name));
    put(&image, name, strlen(name));
    tag = bytes + image.n;
    put_tag(&image, TAG_READ_ONLY, 0);
    body = image.n;
    put_field(&image, "PN", "CX6DX-TLS");
    put_field(&image, "EC", "A1");
    put_field(&image, "V2", "CX6DX-TLS");
    put_field(&image, "SN", serial);
    put_field(&image, "V3", board);
    put_field(&image, "VA", "MLX:MODL=CX6DX:MN=QEMU:CSKU=V2:UUID=V3:PCI=V0");
    put_field(&image, "V0", width);
    put(&image, check, sizeof(check));
    tag[1] = (image.n + 1 - body) & 0xff;
    tag[2] = (image.n + 1 - body) >> 8;
    for (size_t i = 0; i < image.n; i++) {
        sum -= bytes[i];
    }
    put(&image, &sum, 1);           /* all bytes up to here add up to 0 */
    put(&image, &(uint8_t){ TAG_END }, 1);
    return image.n;
}

uint32_t cx6dx_vpd_word(const Cx6dxNic *nic, uint32_t addr)
{
    uint8_t bytes[CX6DX_VPD_MAX_BYTES + 4] = { 0 };

    cx6dx_vpd_image(nic, bytes);
    if (addr >= CX6DX_VPD_MAX_BYTES) {
        return 0;
    }
    return (uint32_t)bytes[addr] | bytes[addr + 1] << 8 |
           bytes[addr + 2] << 16 | (uint32_t)bytes[addr + 3] << 24;
}
