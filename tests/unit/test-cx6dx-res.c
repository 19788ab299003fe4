/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of protection domains, doorbell pages, page lists, memory keys
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "nic/res.h"

#define PAGE CX6DX_PAGE_BYTES

static void store64(uint8_t *p, uint64_t v)
{
    cx6dx_prm_store(p, v >> 32);
    cx6dx_prm_store(p + 4, (uint32_t)v);
}

static void test_pages(void)
{
    Cx6dxPageList pages;
    uint8_t list[32];

    for (int i = 0; i < 4; i++) {
        store64(list + 8 * i, 0x100000000ull + i * 0x10000);
    }
    g_assert_true(cx6dx_pages_init(&pages, list, sizeof(list), 3 * PAGE + 1,
                                   12));
    g_assert_cmpuint(pages.npages, ==, 4);
    g_assert_cmphex(cx6dx_pages_addr(&pages, 0), ==, 0x100000000ull);
    g_assert_cmphex(cx6dx_pages_addr(&pages, PAGE - 1), ==, 0x100000fffull);
    g_assert_cmphex(cx6dx_pages_addr(&pages, 2 * PAGE + 5), ==,
                    0x100020005ull);
    cx6dx_pages_free(&pages);

    g_assert_false(cx6dx_pages_init(&pages, list, 31, 3 * PAGE + 1, 12));
    g_assert_null(pages.pas);
    g_assert_false(cx6dx_pages_init(&pages, list, sizeof(list), UINT64_MAX,
                                    12));
    g_assert_false(cx6dx_pages_init(&pages, list, sizeof(list), 0, 12));
    g_assert_false(cx6dx_pages_init(&pages, list, sizeof(list), 1, 11));
    g_assert_false(cx6dx_pages_init(&pages, list, sizeof(list), 1, 63));
    /* larger pages want larger alignment */
    g_assert_true(cx6dx_pages_init(&pages, list, sizeof(list), 4 << 16, 16));
    cx6dx_pages_free(&pages);
    g_assert_false(cx6dx_pages_init(&pages, list, sizeof(list), 4 << 17, 17));
    g_assert_null(pages.pas);
}

static void test_domains(void)
{
    static const uint16_t pairs[][2] = {
        { CX6DX_CMD_ALLOC_PD, CX6DX_CMD_DEALLOC_PD },
        { CX6DX_CMD_ALLOC_TRANSPORT_DOMAIN,
          CX6DX_CMD_DEALLOC_TRANSPORT_DOMAIN },
        { CX6DX_CMD_ALLOC_UAR, CX6DX_CMD_DEALLOC_UAR },
    };
    Cx6dxFake *fake = cx6dx_fake_new();

    cx6dx_fake_start(fake);
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        uint32_t n = 0, first = cx6dx_fake_alloc_obj(fake, pairs[i][0]);
        uint8_t status;

        while ((status = cx6dx_fake_simple(fake, pairs[i][0], 0)) ==
               CX6DX_STATUS_OK) {
            g_assert_cmpuint(++n, <, 1000);
        }
        g_assert_cmphex(status, ==, CX6DX_STATUS_LIM_ERR);
        g_assert_cmphex(fake->syndrome, ==, CX6DX_SYND_TABLE_FULL);
        g_assert_cmphex(cx6dx_fake_simple(fake, pairs[i][1], first), ==,
                        CX6DX_STATUS_OK);
        g_assert_cmphex(cx6dx_fake_simple(fake, pairs[i][1], first), ==,
                        CX6DX_STATUS_BAD_RES);
        g_assert_cmphex(fake->syndrome, ==, CX6DX_SYND_NO_SUCH_OBJECT);
    }
    g_assert_cmpuint(fake->uar, ==, CX6DX_UAR_FIRST);
    /* the memory key of the start holds the PD */
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DEALLOC_PD, fake->pdn),
                    ==, CX6DX_STATUS_RES_BUSY);
    cx6dx_fake_free(fake);
}

/* ---- Memory keys ---- */

typedef struct Key {
    uint8_t mode, key_7_0;
    bool lr, lw, free, umr_en, length64;
    uint64_t start, len;
    uint32_t octwords, given, log_page, pdn;
} Key;

static uint8_t mkey_try(Cx6dxFake *fake, const Key *k, const uint64_t *mtt,
                        uint32_t *lkey)
{
    uint32_t bytes = CX6DX_create_mkey_in_BYTES + 16 * k->given;
    g_autofree uint8_t *in = g_malloc0(bytes);
    uint8_t *mkc = CX6DX_AREA(create_mkey_in, in, memory_key_mkey_entry);
    uint8_t out[16];
    uint8_t status;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_MKEY);
    CX6DX_SET(mkc, mkc, access_mode_1_0, k->mode);
    CX6DX_SET(mkc, mkc, mkey_7_0, k->key_7_0);
    CX6DX_SET(mkc, mkc, lr, k->lr);
    CX6DX_SET(mkc, mkc, lw, k->lw);
    CX6DX_SET(mkc, mkc, free, k->free);
    CX6DX_SET(mkc, mkc, umr_en, k->umr_en);
    CX6DX_SET(mkc, mkc, length64, k->length64);
    CX6DX_SET(mkc, mkc, pd, k->pdn);
    CX6DX_SET64(mkc, mkc, start_addr, k->start);
    CX6DX_SET64(mkc, mkc, len, k->len);
    CX6DX_SET(mkc, mkc, translations_octword_size, k->octwords);
    CX6DX_SET(mkc, mkc, log_page_size, k->log_page);
    CX6DX_SET(create_mkey_in, in, translations_octword_actual_size, k->given);
    for (uint32_t i = 0; mtt && i < 2 * k->given; i++) {
        store64(in + CX6DX_create_mkey_in_BYTES + 8 * i, mtt[i]);
    }
    status = cx6dx_fake_cmd(fake, in, bytes, out, sizeof(out));
    *lkey = CX6DX_GET(cmd_out, out, number) << 8 | k->key_7_0;
    return status;
}

static void test_pa_key(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    Cx6dxNic *nic = &fake->nic;
    uint64_t addr;
    uint8_t buf[32] = "bytes of a guest";
    uint32_t lkey;
    Key k = { .lr = true, .mode = CX6DX_MKEY_MODE_PA, .key_7_0 = 0x5a };

    cx6dx_fake_start(fake);
    addr = cx6dx_fake_alloc(fake, 64, 64);
    /* never the number that ends a segment list */
    g_assert_cmphex(fake->lkey, !=, CX6DX_TERMINATE_LKEY);
    g_assert_cmpint(cx6dx_mkey_write(nic, fake->lkey, fake->pdn, addr, buf, 32),
                    ==, CX6DX_MKEY_OK);
    g_assert_cmpmem(cx6dx_fake_ptr(fake, addr), 32, buf, 32);
    g_assert_cmpint(cx6dx_mkey_read(nic, fake->lkey, fake->pdn, addr, buf, 32),
                    ==, CX6DX_MKEY_OK);
    g_assert_cmpint(cx6dx_mkey_read(nic, fake->lkey, fake->pdn, FAKE_NOWHERE,
                                    buf, 32), ==, CX6DX_MKEY_DMA);
    g_assert_cmpint(cx6dx_mkey_read(nic, fake->lkey + 1, fake->pdn, addr, buf,
                                    32), ==, CX6DX_MKEY_PROTECTION);
    g_assert_cmpint(cx6dx_mkey_read(nic, 0xffffff00, fake->pdn, addr, buf, 32),
                    ==, CX6DX_MKEY_PROTECTION);
    g_assert_cmpint(cx6dx_mkey_read(nic, fake->lkey, fake->pdn + 1, addr, buf,
                                    32), ==, CX6DX_MKEY_PROTECTION);

    /* a window, read only */
    k.start = addr;
    k.len = 32;
    k.pdn = fake->pdn;
    g_assert_cmphex(mkey_try(fake, &k, NULL, &lkey), ==, CX6DX_STATUS_OK);
    g_assert_cmpint(cx6dx_mkey_read(nic, lkey, fake->pdn, addr, buf, 32), ==,
                    CX6DX_MKEY_OK);
    g_assert_cmpint(cx6dx_mkey_read(nic, lkey, fake->pdn, addr + 1, buf, 32),
                    ==, CX6DX_MKEY_PROTECTION);
    g_assert_cmpint(cx6dx_mkey_read(nic, lkey, fake->pdn, addr - 1, buf, 4),
                    ==, CX6DX_MKEY_PROTECTION);
    g_assert_cmpint(cx6dx_mkey_read(nic, lkey, fake->pdn, UINT64_MAX, buf, 4),
                    ==, CX6DX_MKEY_PROTECTION);
    g_assert_cmpint(cx6dx_mkey_write(nic, lkey, fake->pdn, addr, buf, 4), ==,
                    CX6DX_MKEY_PROTECTION);
    cx6dx_fake_free(fake);
}

static void test_mtt_key(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    Cx6dxNic *nic = &fake->nic;
    uint64_t pages;
    uint64_t mtt[4];
    uint8_t buf[64], back[64], entries[16];
    uint32_t lkey;
    Key k = {
        .mode = CX6DX_MKEY_MODE_MTT, .lr = true, .lw = true, .free = true,
        .umr_en = true, .len = 4 * PAGE, .octwords = 2, .given = 2,
        .log_page = 12,
    };

    cx6dx_fake_start(fake);
    k.pdn = fake->pdn;
    pages = cx6dx_fake_alloc(fake, 8 * PAGE, PAGE);
    /* backwards, with access flags in the low bits */
    for (int i = 0; i < 4; i++) {
        mtt[i] = (pages + (3 - i) * PAGE) | 3;
    }
    g_assert_cmphex(mkey_try(fake, &k, mtt, &lkey), ==, CX6DX_STATUS_OK);
    for (size_t i = 0; i < sizeof(buf); i++) {
        buf[i] = i + 1;
    }
    /* free until a UMR touches it */
    g_assert_cmpint(cx6dx_mkey_write(nic, lkey, fake->pdn, 0, buf, 4), ==,
                    CX6DX_MKEY_PROTECTION);
    store64(entries, (pages + 5 * PAGE) | 2);
    g_assert_true(cx6dx_mkey_update(nic, lkey, 1, entries, 1));
    g_assert_cmpint(cx6dx_mkey_write(nic, lkey, fake->pdn, PAGE - 16, buf, 64),
                    ==, CX6DX_MKEY_OK);
    g_assert_cmpmem(cx6dx_fake_ptr(fake, pages + 4 * PAGE - 16), 16, buf, 16);
    g_assert_cmpmem(cx6dx_fake_ptr(fake, pages + 5 * PAGE), 48, buf + 16, 48);
    g_assert_cmpint(cx6dx_mkey_read(nic, lkey, fake->pdn, PAGE - 16, back, 64),
                    ==, CX6DX_MKEY_OK);
    g_assert_cmpmem(back, 64, buf, 64);
    g_assert_cmpint(cx6dx_mkey_read(nic, lkey, fake->pdn, 4 * PAGE - 4, back,
                                    8), ==, CX6DX_MKEY_PROTECTION);
    /* UMR out of range, or of a key that may not be changed */
    g_assert_false(cx6dx_mkey_update(nic, lkey, 4, entries, 1));
    g_assert_false(cx6dx_mkey_update(nic, lkey, 1, entries, UINT32_MAX));
    g_assert_false(cx6dx_mkey_update(nic, lkey, UINT32_MAX, entries, 1));
    g_assert_false(cx6dx_mkey_update(nic, fake->lkey, 0, entries, 1));
    store64(entries, FAKE_NOWHERE);
    g_assert_true(cx6dx_mkey_update(nic, lkey, 3, entries, 1));
    g_assert_cmpint(cx6dx_mkey_read(nic, lkey, fake->pdn, 3 * PAGE, back, 8),
                    ==, CX6DX_MKEY_DMA);
    cx6dx_fake_free(fake);
}

/* Frames of 2 KiB, each on its own half of a page, as AF_XDP has them */
static void test_half_pages(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    Cx6dxNic *nic = &fake->nic;
    uint64_t pages, mtt[2];
    uint8_t buf[64];
    uint32_t lkey;
    Key k = {
        .mode = CX6DX_MKEY_MODE_MTT, .lr = true, .lw = true, .len = PAGE,
        .octwords = 1, .given = 1, .log_page = 11,
    };

    cx6dx_fake_start(fake);
    k.pdn = fake->pdn;
    pages = cx6dx_fake_alloc(fake, 2 * PAGE, PAGE);
    mtt[0] = (pages + PAGE + PAGE / 2) | 3;
    mtt[1] = pages | 3;
    g_assert_cmphex(mkey_try(fake, &k, mtt, &lkey), ==, CX6DX_STATUS_OK);
    memset(buf, 0x5a, sizeof(buf));
    g_assert_cmpint(cx6dx_mkey_write(nic, lkey, fake->pdn, PAGE / 2 - 16, buf,
                                     64), ==, CX6DX_MKEY_OK);
    g_assert_cmpmem(cx6dx_fake_ptr(fake, pages + 2 * PAGE - 16), 16, buf, 16);
    g_assert_cmpmem(cx6dx_fake_ptr(fake, pages), 48, buf, 48);
    k.log_page = 10;
    g_assert_cmphex(mkey_try(fake, &k, mtt, &lkey), ==, CX6DX_STATUS_BAD_PARAM);
    cx6dx_fake_free(fake);
}

static void test_bad_keys(void)
{
    Cx6dxFake *fake = cx6dx_fake_new();
    uint32_t lkey, used;
    Key good = {
        .mode = CX6DX_MKEY_MODE_MTT, .octwords = 4, .log_page = 12,
        .len = 8 * PAGE,
    };
    Key k;

    cx6dx_fake_start(fake);
    good.pdn = fake->pdn;
    used = fake->nic.mkeys.used;
#define REFUSED(change, expected)                                   \
    do {                                                            \
        k = good;                                                   \
        change;                                                     \
        g_assert_cmphex(mkey_try(fake, &k, NULL, &lkey), ==, expected); \
        g_assert_cmpuint(fake->nic.mkeys.used, ==, used);           \
        g_assert_cmpuint(fake->nic.mtt_entries, ==, 0);             \
    } while (0)
    REFUSED(k.mode = CX6DX_MKEY_MODE_KLM, CX6DX_STATUS_BAD_PARAM);
    REFUSED(k.mode = CX6DX_MKEY_MODE_KSM, CX6DX_STATUS_BAD_PARAM);
    REFUSED(k.pdn = 200, CX6DX_STATUS_BAD_RES);
    REFUSED(k.octwords = 0xffffffff, CX6DX_STATUS_BAD_PARAM);
    REFUSED(k.octwords = CX6DX_MAX_MTT_ENTRIES / 2 + 1,
            CX6DX_STATUS_BAD_PARAM);
    REFUSED(k.log_page = 5, CX6DX_STATUS_BAD_PARAM);
    REFUSED(k.log_page = 63, CX6DX_STATUS_BAD_PARAM);
    REFUSED(k.given = 5, CX6DX_STATUS_BAD_PARAM);
#undef REFUSED
    /* all keys together have a limit */
    good.octwords = CX6DX_MAX_MTT_ENTRIES / 8;
    for (int i = 0; i < 4; i++) {
        g_assert_cmphex(mkey_try(fake, &good, NULL, &lkey), ==,
                        CX6DX_STATUS_OK);
    }
    good.octwords = 1;
    g_assert_cmphex(mkey_try(fake, &good, NULL, &k.pdn), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(cx6dx_fake_simple(fake, CX6DX_CMD_DESTROY_MKEY, lkey >> 8),
                    ==, CX6DX_STATUS_OK);
    g_assert_cmphex(mkey_try(fake, &good, NULL, &lkey), ==, CX6DX_STATUS_OK);
    cx6dx_fake_free(fake);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/res/page-lists", test_pages);
    g_test_add_func("/cx6dx/res/domains-and-pages-have-limits", test_domains);
    g_test_add_func("/cx6dx/res/physical-key", test_pa_key);
    g_test_add_func("/cx6dx/res/translated-key", test_mtt_key);
    g_test_add_func("/cx6dx/res/half-pages", test_half_pages);
    g_test_add_func("/cx6dx/res/bad-keys", test_bad_keys);
    return g_test_run();
}
