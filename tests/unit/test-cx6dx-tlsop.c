/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TLS work requests: which of them are taken, and what they leave behind
 */
#include "qemu/osdep.h"
#include "nic/tir.h"
#include "nic/tis.h"
#include "nic/tlsop.h"
#include "pure/wqe.h"
#include "cx6dx-fake-path.h"
#include "cx6dx-wqe-build.h"

enum { TCP_SN = 0x12345678 };

static const uint8_t key[32] = "a key of thirty-two bytes, no 0";

typedef struct Fixture {
    Cx6dxFake *fake;
    uint32_t eqn, tisn, plain_tisn, tirn, plain_tirn, dek;
    PathSq sq;
    uint8_t wqe[WQE_BUILD_MAX_BYTES];
} Fixture;

static void setup(Fixture *f)
{
    PathRq rq;
    uint32_t rqtn;

    f->fake = path_new(false, &f->eqn);
    f->tisn = cx6dx_fake_tis(f->fake, true);
    f->plain_tisn = cx6dx_fake_tis(f->fake, false);
    rq = path_rq(f->fake, f->eqn, 4, 4, 256);
    rqtn = cx6dx_fake_rqt(f->fake, &rq.q.number, 1);
    f->tirn = cx6dx_fake_tir(f->fake, 0, rqtn, true);
    f->plain_tirn = cx6dx_fake_tir(f->fake, 0, rqtn, false);
    f->dek = path_dek(f->fake, key, 16);
    f->sq = path_sq(f->fake, f->eqn, 6, f->plain_tisn);
}

static void teardown(Fixture *f)
{
    cx6dx_fake_free(f->fake);
}

static Cx6dxTir *tir_of(Fixture *f)
{
    return (Cx6dxTir *)cx6dx_obj_get(&f->fake->nic.tirs, f->tirn);
}

static Cx6dxTis *tis_of(Fixture *f)
{
    return (Cx6dxTis *)cx6dx_obj_get(&f->fake->nic.tises, f->tisn);
}

static void static_params(const Fixture *f, uint32_t resync_tcp_sn,
                          uint64_t rec_sn,
                          uint8_t params[CX6DX_tls_static_params_BYTES])
{
    Cx6dxTlsStatic st = {
        .tls_version = CX6DX_TLS_VERSION_1_2,
        .initial_record_number = rec_sn,
        .resync_tcp_sn = resync_tcp_sn,
        .iv = { 1, 2, 3, 4 },
    };

    cx6dx_wqe_encode_static(&st, f->dek, params);
}

/* Each returns the syndrome of the completion, 0 for a good one */
static uint8_t do_static(Fixture *f, uint8_t opmod, uint32_t number,
                         const uint8_t *params)
{
    WqeCtrl ctrl = { .tis_tir_num = number, .cqe = true };

    path_do(f->fake, &f->sq, f->wqe,
            wqe_build_static(f->wqe, &ctrl, opmod, params));
    return path_expect(f->fake, &f->sq.cq, NULL);
}

static uint8_t do_progress(Fixture *f, uint8_t opmod, uint32_t number,
                           uint32_t tcp_sn)
{
    uint8_t params[CX6DX_tls_progress_params_BYTES] = { 0 };
    WqeCtrl ctrl = { .cqe = true };

    CX6DX_SET(tls_progress_params, params, next_record_tcp_sn, tcp_sn);
    path_do(f->fake, &f->sq, f->wqe,
            wqe_build_set_psv(f->wqe, &ctrl, opmod, number, params));
    return path_expect(f->fake, &f->sq.cq, NULL);
}

static uint8_t do_get(Fixture *f, uint32_t tirn, uint32_t lkey, uint64_t addr)
{
    WqeCtrl ctrl = { .cqe = true };

    path_do(f->fake, &f->sq, f->wqe,
            wqe_build_get_psv(f->wqe, &ctrl, tirn, lkey, addr));
    return path_expect(f->fake, &f->sq.cq, NULL);
}

static uint64_t errs(Fixture *f, Cx6dxGuestErr err)
{
    return f->fake->nic.guest_errs[err];
}

static void test_tx_params(void)
{
    uint8_t params[CX6DX_tls_static_params_BYTES];
    Cx6dxTlsTxInfo info;
    Fixture f;

    setup(&f);
    static_params(&f, 0, 77, params);
    g_assert_cmphex(do_static(&f, CX6DX_OPMOD_TIS, f.tisn, params), ==, 0);
    g_assert_cmphex(do_progress(&f, CX6DX_OPMOD_TIS, f.tisn, 0), ==, 0);
    cx6dx_tls_tx_info(tis_of(&f)->tls, &info);
    g_assert_cmpuint(info.rec_sn, ==, 77);
    g_assert_false(info.synced);
    teardown(&f);
}

/* A TIS may be set up from any queue, a TIR only where UMR is allowed */
static void test_queue_rights(void)
{
    uint8_t params[CX6DX_tls_static_params_BYTES];
    Fixture f;

    setup(&f);
    ((Cx6dxSq *)cx6dx_obj_get(&f.fake->nic.sqs, f.sq.q.number))->reg_umr =
        false;
    static_params(&f, 0, 1, params);
    g_assert_cmphex(do_static(&f, CX6DX_OPMOD_TIS, f.tisn, params), ==, 0);
    g_assert_cmphex(do_progress(&f, CX6DX_OPMOD_TIS, f.tisn, 0), ==, 0);
    for (unsigned i = 0; i < 3; i++) {
        uint8_t syndrome;

        f.sq = path_sq(f.fake, f.eqn, 6, f.plain_tisn);
        ((Cx6dxSq *)cx6dx_obj_get(&f.fake->nic.sqs, f.sq.q.number))->reg_umr =
            false;
        syndrome = i == 0 ? do_static(&f, CX6DX_OPMOD_TIR, f.tirn, params) :
                   i == 1 ? do_progress(&f, CX6DX_OPMOD_TIR, f.tirn, 5) :
                   do_get(&f, f.tirn, f.fake->lkey, FAKE_BASE);
        g_assert_cmphex(syndrome, ==, CX6DX_CQE_SYNDROME_LOCAL_QP_OP);
        g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_WQE_MALFORMED), ==, i + 1);
    }
    teardown(&f);
}

static void test_plain_objects(void)
{
    static const struct {
        uint8_t opmod;
        bool progress;
        bool gone;
    } cases[] = {
        { CX6DX_OPMOD_TIS, false, false }, { CX6DX_OPMOD_TIS, true, false },
        { CX6DX_OPMOD_TIR, false, false }, { CX6DX_OPMOD_TIR, true, false },
        { CX6DX_OPMOD_TIS, false, true }, { CX6DX_OPMOD_TIS, true, true },
        { CX6DX_OPMOD_TIR, false, true }, { CX6DX_OPMOD_TIR, true, true },
    };
    uint8_t params[CX6DX_tls_static_params_BYTES];
    Fixture f;

    setup(&f);
    static_params(&f, 0, 1, params);
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        uint32_t number = cases[i].gone ? 0x7777 :
                          cases[i].opmod == CX6DX_OPMOD_TIS ? f.plain_tisn
                                                            : f.plain_tirn;

        f.sq = path_sq(f.fake, f.eqn, 6, f.plain_tisn);
        g_assert_cmphex(cases[i].progress
                            ? do_progress(&f, cases[i].opmod, number, 5)
                            : do_static(&f, cases[i].opmod, number, params),
                        ==, CX6DX_CQE_SYNDROME_LOCAL_QP_OP);
        g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_TLS_PLAIN_TIS), ==, i + 1);
    }
    teardown(&f);
}

/* Rung before the command that destroys what it names, though both wait */
static void test_before_commands(void)
{
    uint8_t params[CX6DX_tls_static_params_BYTES];
    WqeCtrl ctrl = { .cqe = true };
    Fixture f;

    setup(&f);
    ctrl.tis_tir_num = f.tirn;
    static_params(&f, 0, 1, params);
    path_push(f.fake, &f.sq, f.wqe,
              wqe_build_static(f.wqe, &ctrl, CX6DX_OPMOD_TIR, params));
    path_ring(f.fake, &f.sq);
    g_assert_true(f.fake->kicked);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DESTROY_TIR, f.tirn), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, NULL), ==, 0);
    g_assert_null(tir_of(&f));
    teardown(&f);
}

static void test_dump_on_plain_tis(void)
{
    WqeCtrl ctrl = { .cqe = true };
    WqeData data = { .bytes = 16 };
    Fixture f;

    setup(&f);
    data.addr = cx6dx_fake_alloc(f.fake, 16, 16);
    data.lkey = f.fake->lkey;
    ctrl.tis_tir_num = f.plain_tisn;
    path_do(f.fake, &f.sq, f.wqe, wqe_build_dump(f.wqe, &ctrl, &data));
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, NULL), ==,
                    CX6DX_CQE_SYNDROME_LOCAL_QP_OP);
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_TLS_PLAIN_TIS), ==, 1);
    teardown(&f);
}

/* Without params nothing can be dumped: told to the developer, not the guest */
static void test_dump_without_params(void)
{
    WqeCtrl ctrl = { .cqe = true };
    WqeData data = { .bytes = 16 };
    Fixture f;

    setup(&f);
    data.addr = cx6dx_fake_alloc(f.fake, 16, 16);
    data.lkey = f.fake->lkey;
    ctrl.tis_tir_num = f.tisn;
    path_do(f.fake, &f.sq, f.wqe, wqe_build_dump(f.wqe, &ctrl, &data));
    g_assert_cmphex(path_expect(f.fake, &f.sq.cq, NULL), ==, 0);
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_TLS_TX), ==, 1);
    g_assert_cmpuint(f.fake->nic.stats.tls_tx_dump_bytes, ==, 0);
    teardown(&f);
}

static void test_bad_params(void)
{
    uint8_t good[CX6DX_tls_static_params_BYTES];
    uint8_t params[CX6DX_tls_static_params_BYTES];
    static const uint8_t opmods[] = { CX6DX_OPMOD_TIS, CX6DX_OPMOD_TIR };
    unsigned n = 0;
    Fixture f;

    setup(&f);
    static_params(&f, 0, 1, good);
    for (unsigned i = 0; i < 2 * 5; i++) {
        memcpy(params, good, sizeof(params));
        switch (i / 2) {
        case 0:
            CX6DX_SET(tls_static_params, params, const_1, 0);
            break;
        case 1:
            CX6DX_SET(tls_static_params, params, const_2, 3);
            break;
        case 2:
            CX6DX_SET(tls_static_params, params, encryption_standard, 2);
            break;
        case 3:
            CX6DX_SET(tls_static_params, params, tls_version, 1);
            break;
        case 4:
            CX6DX_SET(tls_static_params, params, dek_index, 0xffff);
            break;
        }
        f.sq = path_sq(f.fake, f.eqn, 6, f.plain_tisn);
        g_assert_cmphex(do_static(&f, opmods[i & 1],
                                  i & 1 ? f.tirn : f.tisn, params), ==,
                        CX6DX_CQE_SYNDROME_LOCAL_QP_OP);
        g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_TLS_PARAMS), ==, ++n);
    }
    teardown(&f);
}

/* A key of another protection domain is no key */
static void test_foreign_dek(void)
{
    uint8_t params[CX6DX_tls_static_params_BYTES];
    Fixture f;

    setup(&f);
    f.fake->pdn = cx6dx_fake_alloc_obj(f.fake, CX6DX_CMD_ALLOC_PD);
    f.dek = path_dek(f.fake, key, 32);
    static_params(&f, 0, 1, params);
    g_assert_cmphex(do_static(&f, CX6DX_OPMOD_TIS, f.tisn, params), ==,
                    CX6DX_CQE_SYNDROME_LOCAL_QP_OP);
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_TLS_PARAMS), ==, 1);
    teardown(&f);
}

/* The context has its own copy: the key may go at once */
static void test_dek_destroyed(void)
{
    uint8_t in[16] = { 0 };
    uint8_t params[CX6DX_tls_static_params_BYTES];
    uint8_t data[64] = { 0x17, 3, 3, 0, 59 };
    Fixture f;

    setup(&f);
    static_params(&f, 0, 1, params);
    g_assert_cmphex(do_static(&f, CX6DX_OPMOD_TIS, f.tisn, params), ==, 0);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_DESTROY_GENERAL_OBJECT);
    CX6DX_SET(general_obj_in, in, obj_type, CX6DX_OBJ_TYPE_ENCRYPTION_KEY);
    CX6DX_SET(general_obj_in, in, obj_id, f.dek);
    g_assert_cmphex(cx6dx_fake_cmd(f.fake, in, sizeof(in), NULL, 16), ==, 0);
    g_assert_cmphex(do_progress(&f, CX6DX_OPMOD_TIS, f.tisn, 0), ==, 0);
    g_assert_cmpint(cx6dx_tls_tx_send(tis_of(&f)->tls, 1, data, sizeof(data)),
                    ==, CX6DX_TLS_TX_ENCRYPTED);
    teardown(&f);
}

static void test_get_psv(void)
{
    uint8_t params[CX6DX_tls_static_params_BYTES];
    uint8_t zeros[64] = { 0 }, guard[8];
    uint64_t addr;
    uint8_t *dump;
    Fixture f;

    setup(&f);
    addr = cx6dx_fake_alloc(f.fake, 64, 64);
    dump = cx6dx_fake_ptr(f.fake, addr);
    static_params(&f, 0, 9, params);
    do_static(&f, CX6DX_OPMOD_TIR, f.tirn, params);
    do_progress(&f, CX6DX_OPMOD_TIR, f.tirn, TCP_SN);
    memset(dump, 0xaa, 64);
    memset(guard, 0xaa, sizeof(guard));
    g_assert_cmphex(do_get(&f, f.tirn, f.fake->lkey, addr), ==, 0);
    g_assert_cmpuint(CX6DX_GET(psv_dump, dump, tirn), ==, f.tirn);
    g_assert_cmphex(CX6DX_GET(tls_progress_params,
                              CX6DX_AREA(psv_dump, dump, params),
                              next_record_tcp_sn), ==, TCP_SN);
    g_assert_cmpmem(dump + 16, 8, guard, 8);
    /* gone, or without TLS: zeros, and the driver gets its completion */
    memset(dump, 0xaa, 64);
    g_assert_cmphex(do_get(&f, f.plain_tirn, f.fake->lkey, addr), ==, 0);
    g_assert_cmpmem(dump, 16, zeros, 16);
    memset(dump, 0xaa, 64);
    g_assert_cmphex(cx6dx_fake_simple(f.fake, CX6DX_CMD_DESTROY_TIR, f.tirn),
                    ==, CX6DX_STATUS_OK);
    g_assert_cmphex(do_get(&f, f.tirn, f.fake->lkey, addr), ==, 0);
    g_assert_cmpmem(dump, 16, zeros, 16);
    g_assert_cmphex(do_get(&f, f.tirn, f.fake->lkey, FAKE_NOWHERE), ==,
                    CX6DX_CQE_SYNDROME_LOCAL_ACCESS);
    f.sq = path_sq(f.fake, f.eqn, 6, f.plain_tisn);
    g_assert_cmphex(do_get(&f, f.tirn, f.fake->lkey + 0x100, addr), ==,
                    CX6DX_CQE_SYNDROME_LOCAL_PROT);
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_WQE_DMA), ==, 1);
    g_assert_cmpuint(errs(&f, CX6DX_GUEST_ERR_WQE_LKEY), ==, 1);
    teardown(&f);
}

/* Request, read-back, answer: the answer is counted once and only then */
static void test_resync(void)
{
    uint8_t params[CX6DX_tls_static_params_BYTES];
    uint8_t record[100] = { 0x17, 3, 3, 0, 200 }, out[100];
    uint32_t candidate;
    uint64_t addr;
    const uint8_t *psv;
    Fixture f;

    setup(&f);
    addr = cx6dx_fake_alloc(f.fake, 64, 64);
    psv = CX6DX_AREA(psv_dump, cx6dx_fake_ptr(f.fake, addr), params);
    static_params(&f, 0, 9, params);
    do_static(&f, CX6DX_OPMOD_TIR, f.tirn, params);
    do_progress(&f, CX6DX_OPMOD_TIR, f.tirn, TCP_SN);
    /* the beginning was lost */
    g_assert_cmpint(cx6dx_tls_rx_packet(tir_of(&f)->tls, TCP_SN + 5000, record,
                                        out, sizeof(record)), ==,
                    CX6DX_TLS_RX_RESYNC);
    do_get(&f, f.tirn, f.fake->lkey, addr);
    candidate = CX6DX_GET(tls_progress_params, psv, hw_resync_tcp_sn);
    g_assert_cmphex(candidate, ==, TCP_SN + 5000);
    g_assert_cmpuint(CX6DX_GET(tls_progress_params, psv, record_tracker_state),
                     ==, CX6DX_PSV_TRACKER_TRACKING);
    g_assert_cmpuint(CX6DX_GET(tls_progress_params, psv, auth_state), ==,
                     CX6DX_PSV_AUTH_NO_OFFLOAD);
    static_params(&f, candidate + 1, 12, params);
    do_static(&f, CX6DX_OPMOD_TIR, f.tirn, params);
    g_assert_cmpuint(f.fake->nic.stats.tls_rx_resync_confirmed, ==, 0);
    static_params(&f, candidate, 12, params);
    do_static(&f, CX6DX_OPMOD_TIR, f.tirn, params);
    g_assert_cmpuint(f.fake->nic.stats.tls_rx_resync_confirmed, ==, 1);
    do_get(&f, f.tirn, f.fake->lkey, addr);
    g_assert_cmpuint(CX6DX_GET(tls_progress_params, psv, auth_state), ==,
                     CX6DX_PSV_AUTH_OFFLOAD);
    teardown(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/tlsop/tis/params-arrive", test_tx_params);
    g_test_add_func("/cx6dx/tlsop/queue/tir-needs-umr-rights",
                    test_queue_rights);
    g_test_add_func("/cx6dx/tlsop/params/plain-objects-are-refused",
                    test_plain_objects);
    g_test_add_func("/cx6dx/tlsop/params/bad-ones-are-refused",
                    test_bad_params);
    g_test_add_func("/cx6dx/tlsop/params/foreign-key-is-refused",
                    test_foreign_dek);
    g_test_add_func("/cx6dx/tlsop/params/key-may-be-destroyed-after",
                    test_dek_destroyed);
    g_test_add_func("/cx6dx/tlsop/params/before-commands-rung-later",
                    test_before_commands);
    g_test_add_func("/cx6dx/tlsop/dump/plain-tis-is-refused",
                    test_dump_on_plain_tis);
    g_test_add_func("/cx6dx/tlsop/dump/without-params-takes-nothing",
                    test_dump_without_params);
    g_test_add_func("/cx6dx/tlsop/get-psv/reads-back-or-zeros", test_get_psv);
    g_test_add_func("/cx6dx/tlsop/resync/confirmed-by-the-right-answer",
                    test_resync);
    return g_test_run();
}
