/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of ring 1 with modelled time: the order of queues under random load
 *
 * Three send queues, frames that come in, and frames that the NIC sends to
 * itself, while parameters of the model change: completions of a queue, and what
 * its work requests did to wire and memory, keep their order; nothing is seen
 * before its time; and all of it comes.
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-path.h"
#include "cx6dx-wqe-build.h"

enum {
    SQS = 3,
    STEPS = 1500,
    ROUNDS = 6,
    LOG_RQ = 9,
    MARK_OFF = 40,              /* of the payload, a queue and a number */
    OTHER = 9,                  /* the queue that frames from outside are of */
};

typedef struct Load {
    Cx6dxFake *fake;
    GRand *rand;
    PathSq sq[SQS];
    PathRq rq;
    uint64_t payload;
    uint8_t other_mac[6];
    uint64_t posted[SQS], completed[SQS];   /* work requests */
    uint16_t index[SQS];        /* in the last completion, and one */
    uint32_t sent[SQS + 1], out[SQS], in[SQS + 1];     /* frames */
    uint32_t looped[SQS];
    uint64_t last_rx_ns;        /* in completions */
    GQueue posted_ns[SQS];      /* of those on their way */
} Load;

static Load *current;           /* a host callback knows its own side only */

static uint32_t below(Load *load, uint32_t n)
{
    return g_rand_int_range(load->rand, 0, n);
}

/* Numbers of a queue go up; some go to the wire, some come back */
static void check_mark(uint32_t *last, const uint8_t *mark, uint32_t queue)
{
    uint32_t number = cx6dx_prm_load(mark + 4);

    g_assert_cmpuint(cx6dx_prm_load(mark), ==, queue);
    g_assert_cmpuint(number, >, *last);
    *last = number;
}

static void frame_out(void *opaque, const uint8_t *buf, size_t len)
{
    uint32_t queue = cx6dx_prm_load(buf + MARK_OFF);

    g_assert_cmpuint(queue, <, SQS);
    check_mark(&current->out[queue], buf + MARK_OFF, queue);
}

static void own_address(Load *load)
{
    uint8_t in[0x208] = { 0 };
    uint8_t *ctx = in + CX6DX_modify_nic_vport_context_in_BYTES;

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_NIC_VPORT_CONTEXT);
    CX6DX_SET(modify_nic_vport_context_in, in, addresses_list, 1);
    CX6DX_SET(nic_vport_context, ctx, allowed_list_size, 1);
    memcpy(in + 0x202, load->fake->params.mac, 6);
    g_assert_cmphex(cx6dx_fake_cmd(load->fake, in, sizeof(in), NULL, 16), ==,
                    0);
}

static Load *load_new(uint32_t seed)
{
    uint8_t in[CX6DX_modify_obj_in_BYTES + CX6DX_tirc_BYTES] = { 0 };
    uint8_t *tirc = in + CX6DX_modify_obj_in_BYTES;
    Load *load = g_new0(Load, 1);
    uint32_t eqn, rqtn, tirn;

    load->rand = g_rand_new_with_seed(seed);
    load->fake = path_new(true, &eqn);
    load->fake->nic.host.frame_out = frame_out;
    memset(load->other_mac, 2, 6);
    for (unsigned q = 0; q < SQS; q++) {
        load->sq[q] = path_sq(load->fake, eqn, 8,
                              cx6dx_fake_tis(load->fake, false));
        g_queue_init(&load->posted_ns[q]);
    }
    load->rq = path_rq(load->fake, eqn, LOG_RQ, 4, 2048);
    rqtn = cx6dx_fake_rqt(load->fake, &load->rq.q.number, 1);
    tirn = cx6dx_fake_tir(load->fake, 0, rqtn, false);
    cx6dx_fake_catch_all(load->fake, tirn);
    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_TIR);
    CX6DX_SET(modify_obj_in, in, number, tirn);
    CX6DX_SET(modify_obj_in, in, modify_bitmask_l, CX6DX_MODIFY_TIR_SELF_LB);
    CX6DX_SET(tirc, tirc, self_lb_block, CX6DX_SELF_LB_UNICAST);
    g_assert_cmphex(cx6dx_fake_cmd(load->fake, in, sizeof(in), NULL, 16), ==,
                    0);
    own_address(load);
    path_post(load->fake, &load->rq, 1u << LOG_RQ);
    load->payload = cx6dx_fake_alloc(load->fake, 64 * 2048, 4096);
    current = load;
    return load;
}

static void load_free(Load *load)
{
    for (unsigned q = 0; q < SQS; q++) {
        g_queue_clear(&load->posted_ns[q]);
    }
    cx6dx_fake_free(load->fake);
    g_rand_free(load->rand);
    g_free(load);
}

/* A frame of no protocol, with a mark; `buf` has 2048 bytes */
static size_t make_frame(Load *load, uint8_t *buf, bool own, uint32_t queue)
{
    size_t bytes = MARK_OFF + 8 + below(load, 1400);

    memset(buf, 0, bytes);
    memcpy(buf, own ? load->fake->params.mac : load->other_mac, 6);
    buf[12] = 0x88;
    buf[13] = 0xb5;
    cx6dx_prm_store(buf + MARK_OFF, queue);
    cx6dx_prm_store(buf + MARK_OFF + 4,
                    ++load->sent[queue == OTHER ? SQS : queue]);
    return bytes;
}

static void send(Load *load)
{
    unsigned q = below(load, SQS), wqes = 1 + below(load, 4);
    PathSq *sq = &load->sq[q];

    while (wqes--) {
        uint8_t frame[2048], wqe[WQE_BUILD_MAX_BYTES];
        bool own = below(load, 4) == 0;
        size_t bytes = make_frame(load, frame, own, q);
        /* the memory of a request is used again after 20 of them */
        uint64_t addr = load->payload + load->posted[q] % 20 * SQS * 2048 +
                        q * 2048;
        WqeData data = { .addr = addr, .lkey = load->fake->lkey,
                         .bytes = bytes - 18 };
        WqeCtrl ctrl = { .cqe = true };
        WqeEth eth = { .inline_hdr = frame, .inline_hdr_bytes = 18 };
        uint64_t *ns = g_new(uint64_t, 1);

        if (load->posted[q] - load->completed[q] >= 20) {
            g_free(ns);
            load->sent[q]--;
            return;
        }
        memcpy(cx6dx_fake_ptr(load->fake, addr), frame + 18, bytes - 18);
        path_push(load->fake, sq, wqe, wqe_build_send(wqe, &ctrl, &eth, &data,
                                                      1));
        load->looped[q] += own;
        load->posted[q]++;
        *ns = load->fake->now_ns;
        g_queue_push_tail(&load->posted_ns[q], ns);
    }
    path_ring(load->fake, sq);
    cx6dx_fake_run(load->fake);
}

static void receive(Load *load)
{
    uint8_t frame[2048];
    size_t bytes = make_frame(load, frame, false, OTHER);

    g_assert_cmpint(cx6dx_nic_receive(&load->fake->nic, frame, bytes), ==,
                    CX6DX_RX_TAKEN);
    cx6dx_fake_run(load->fake);
}

/* Other figures from now on, as a monitor sets them */
static void change(Load *load)
{
    Cx6dxTimingParams params = load->fake->nic.timing.params;

    params.pcie_lanes = 1 << below(load, 5);
    params.pcie_tags = below(load, 2) ? 1 + below(load, 8) : 0;
    params.dma_read_latency_ns = below(load, 2000);
    params.dma_write_latency_ns = below(load, 2000);
    params.doorbell_ns = below(load, 500);
    params.tx_latency_ns = below(load, 1000);
    params.rx_latency_ns = below(load, 1000);
    params.irq_latency_ns = below(load, 1000);
    params.link_mbps = 1000 + below(load, 100000);
    cx6dx_timing_set_params(&load->fake->nic.timing, &params);
}

/* ---- What a driver sees ---- */

static void check_sent(Load *load, unsigned q)
{
    uint8_t cqe[CX6DX_cqe_BYTES];

    while (path_poll(load->fake, &load->sq[q].cq, cqe)) {
        g_autofree uint64_t *posted = g_queue_pop_head(&load->posted_ns[q]);
        uint64_t when = CX6DX_GET64(cqe, cqe, timestamp);
        uint16_t index = CX6DX_GET(cqe, cqe, wqe_counter);

        g_assert_nonnull(posted);
        g_assert_cmpuint((uint16_t)(index - load->index[q]), <, 64);
        load->index[q] = index + 1;
        g_assert_cmphex(CX6DX_GET(cqe, cqe, opcode), ==, CX6DX_CQE_REQ);
        /* after the doorbell, and not before the device says so */
        g_assert_cmpuint(when, >=, *posted);
        g_assert_cmpuint(when, <=, load->fake->now_ns);
        load->completed[q]++;
    }
}

static void check_received(Load *load)
{
    uint8_t cqe[CX6DX_cqe_BYTES];

    while (path_poll(load->fake, &load->rq.cq, cqe)) {
        uint16_t index = CX6DX_GET(cqe, cqe, wqe_counter);
        const uint8_t *buf = path_buf(load->fake, &load->rq, index);
        uint32_t queue = cx6dx_prm_load(buf + MARK_OFF);
        uint64_t when = CX6DX_GET64(cqe, cqe, timestamp);

        g_assert_true(queue < SQS || queue == OTHER);
        check_mark(&load->in[queue == OTHER ? SQS : queue], buf + MARK_OFF,
                   queue);
        g_assert_cmpuint(when, >=, load->last_rx_ns);
        g_assert_cmpuint(when, <=, load->fake->now_ns);
        load->last_rx_ns = when;
        if (queue < SQS) {
            load->looped[queue]--;
        }
        path_post(load->fake, &load->rq, 1);
    }
}

static void test_random_load(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        Load *load = load_new(round + 1);

        for (unsigned i = 0; i < STEPS; i++) {
            switch (below(load, 8)) {
            case 0:
                if (round & 1) {
                    change(load);
                }
                break;
            case 1:
            case 2:
            case 3:
                receive(load);
                break;
            default:
                send(load);
                break;
            }
            cx6dx_fake_advance(load->fake, below(load, i % 300 < 150 ? 100
                                                                     : 5000));
            for (unsigned q = 0; q < SQS; q++) {
                check_sent(load, q);
            }
            check_received(load);
        }
        cx6dx_fake_advance(load->fake, 10000000);
        check_received(load);
        for (unsigned q = 0; q < SQS; q++) {
            check_sent(load, q);
            g_assert_cmpuint(load->completed[q], ==, load->posted[q]);
            g_assert_cmpuint(load->looped[q], ==, 0);
            g_assert_cmpuint(MAX(load->out[q], load->in[q]), ==, load->sent[q]);
        }
        g_assert_cmpuint(load->in[SQS], ==, load->sent[SQS]);
        g_assert_cmpuint(load->fake->nic.defer.pending, ==, 0);
        load_free(load);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/nic_timing/order-of-queues", test_random_load);
    return g_test_run();
}
