/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of flow steering, by commands and by packets; a property test
 * against a list that is searched from its beginning; and what a lookup costs
 */
#include "qemu/osdep.h"
#include "cx6dx-fake-host.h"
#include "nic/flow.h"

#define OUTER_BYTES CX6DX_fte_match_set_lyr_2_4_BYTES
#define MATCH(p, name, v) CX6DX_SET(fte_match_set_lyr_2_4, p, name, v)
#define PORT_443 443

typedef struct Rig {
    Cx6dxFake *fake;
    uint32_t rqn;
    uint32_t tir[4];
} Rig;

static Rig rig_new(void)
{
    Rig rig = { .fake = cx6dx_fake_new() };
    Cx6dxFakeQueue eq, cq;

    cx6dx_fake_start(rig.fake);
    eq = cx6dx_fake_eq(rig.fake, 4, 1, 0);
    cq = cx6dx_fake_cq(rig.fake, 4, eq.number);
    rig.rqn = cx6dx_fake_rq(rig.fake, 2, 4, cq.number).number;
    for (size_t i = 0; i < ARRAY_SIZE(rig.tir); i++) {
        rig.tir[i] = cx6dx_fake_tir(rig.fake, rig.rqn, 0, false);
    }
    return rig;
}

static void rig_free(Rig *rig)
{
    cx6dx_fake_free(rig->fake);
}

/* ---- Commands ---- */

static uint8_t run(Rig *rig, uint16_t opcode, uint8_t *in, uint32_t in_bytes,
                   uint32_t *number)
{
    uint8_t out[16];
    uint8_t status;

    CX6DX_SET(cmd_in, in, opcode, opcode);
    status = cx6dx_fake_cmd(rig->fake, in, in_bytes, out, sizeof(out));
    if (number) {
        *number = CX6DX_GET(cmd_out, out, number);
    }
    return status;
}

static uint32_t table_new(Rig *rig, uint8_t log_size, uint32_t miss)
{
    uint8_t in[CX6DX_create_flow_table_in_BYTES] = { 0 };
    uint8_t *ctx = CX6DX_AREA(create_flow_table_in, in, flow_table_context);
    uint32_t id;

    CX6DX_SET(flow_table_context, ctx, log_size, log_size);
    if (miss) {
        CX6DX_SET(flow_table_context, ctx, table_miss_action,
                  CX6DX_FT_MISS_TABLE);
        CX6DX_SET(flow_table_context, ctx, table_miss_id, miss);
    }
    g_assert_cmphex(run(rig, CX6DX_CMD_CREATE_FLOW_TABLE, in, sizeof(in), &id),
                    ==, CX6DX_STATUS_OK);
    return id;
}

static uint8_t set_root(Rig *rig, uint32_t table, uint16_t op_mod)
{
    uint8_t in[CX6DX_set_flow_table_root_in_BYTES] = { 0 };

    CX6DX_SET(set_flow_table_root_in, in, op_mod, op_mod);
    CX6DX_SET(set_flow_table_root_in, in, table_id, table);
    return run(rig, CX6DX_CMD_SET_FLOW_TABLE_ROOT, in, sizeof(in), NULL);
}

static uint8_t set_miss(Rig *rig, uint32_t table, uint32_t miss)
{
    uint8_t in[CX6DX_modify_flow_table_in_BYTES] = { 0 };
    uint8_t *ctx = CX6DX_AREA(modify_flow_table_in, in, flow_table_context);

    CX6DX_SET(modify_flow_table_in, in, table_id, table);
    CX6DX_SET(modify_flow_table_in, in, modify_field_select,
              CX6DX_FT_MODIFY_MISS);
    CX6DX_SET(flow_table_context, ctx, table_miss_action,
              miss ? CX6DX_FT_MISS_TABLE : CX6DX_FT_MISS_DEFAULT);
    CX6DX_SET(flow_table_context, ctx, table_miss_id, miss);
    return run(rig, CX6DX_CMD_MODIFY_FLOW_TABLE, in, sizeof(in), NULL);
}

static uint8_t table_del(Rig *rig, uint32_t table)
{
    uint8_t in[CX6DX_flow_cmd_in_BYTES] = { 0 };

    CX6DX_SET(flow_cmd_in, in, table_id, table);
    return run(rig, CX6DX_CMD_DESTROY_FLOW_TABLE, in, sizeof(in), NULL);
}

static uint8_t group_try(Rig *rig, uint32_t table, uint32_t start, uint32_t end,
                         const uint8_t *mask, uint32_t enable, uint32_t *id)
{
    uint8_t in[CX6DX_create_flow_group_in_BYTES] = { 0 };

    CX6DX_SET(create_flow_group_in, in, table_id, table);
    CX6DX_SET(create_flow_group_in, in, start_flow_index, start);
    CX6DX_SET(create_flow_group_in, in, end_flow_index, end);
    CX6DX_SET(create_flow_group_in, in, match_criteria_enable, enable);
    if (mask) {
        memcpy(CX6DX_AREA(create_flow_group_in, in, match_criteria), mask,
               OUTER_BYTES);
    }
    return run(rig, CX6DX_CMD_CREATE_FLOW_GROUP, in, sizeof(in), id);
}

static uint32_t group_new(Rig *rig, uint32_t table, uint32_t start,
                          uint32_t end, const uint8_t *mask)
{
    uint32_t id;

    g_assert_cmphex(group_try(rig, table, start, end, mask,
                              mask ? CX6DX_FG_MATCH_OUTER : 0, &id), ==,
                    CX6DX_STATUS_OK);
    return id;
}

static uint8_t group_del(Rig *rig, uint32_t table, uint32_t group)
{
    uint8_t in[CX6DX_destroy_flow_group_in_BYTES] = { 0 };

    CX6DX_SET(destroy_flow_group_in, in, table_id, table);
    CX6DX_SET(destroy_flow_group_in, in, group_id, group);
    return run(rig, CX6DX_CMD_DESTROY_FLOW_GROUP, in, sizeof(in), NULL);
}

typedef struct Fte {
    uint32_t table, group, index;
    const uint8_t *value;
    uint16_t action, op_mod;
    uint8_t select;
    uint8_t dest_type;
    uint32_t dest;
    uint32_t tag;
    uint32_t counter;
} Fte;

static uint8_t fte_set(Rig *rig, const Fte *f)
{
    uint8_t in[CX6DX_set_fte_in_BYTES + 16] = { 0 };
    uint8_t *list = in + CX6DX_set_fte_in_BYTES;
    uint32_t bytes = CX6DX_set_fte_in_BYTES;

    CX6DX_SET(set_fte_in, in, op_mod, f->op_mod);
    CX6DX_SET(set_fte_in, in, modify_enable_mask, f->select);
    CX6DX_SET(set_fte_in, in, table_id, f->table);
    CX6DX_SET(set_fte_in, in, group_id, f->group);
    CX6DX_SET(set_fte_in, in, flow_index, f->index);
    CX6DX_SET(set_fte_in, in, action, f->action);
    CX6DX_SET(set_fte_in, in, flow_tag, f->tag);
    if (f->value) {
        memcpy(CX6DX_AREA(set_fte_in, in, match_value), f->value, OUTER_BYTES);
    }
    if (f->dest_type) {
        CX6DX_SET(set_fte_in, in, destination_list_size, 1);
        CX6DX_SET(dest_format, list, destination_type, f->dest_type);
        CX6DX_SET(dest_format, list, destination_id, f->dest);
        list += 8;
        bytes += 8;
    }
    if (f->counter) {
        CX6DX_SET(set_fte_in, in, flow_counter_list_size, 1);
        cx6dx_prm_store(list, f->counter);
        bytes += 8;
    }
    return run(rig, CX6DX_CMD_SET_FLOW_TABLE_ENTRY, in, bytes, NULL);
}

static void fte_to(Rig *rig, uint32_t table, uint32_t group, uint32_t index,
                   const uint8_t *value, uint8_t dest_type, uint32_t dest)
{
    const Fte f = {
        .table = table, .group = group, .index = index, .value = value,
        .action = CX6DX_FTE_FWD, .dest_type = dest_type, .dest = dest,
    };

    g_assert_cmphex(fte_set(rig, &f), ==, CX6DX_STATUS_OK);
}

static uint8_t fte_del(Rig *rig, uint32_t table, uint32_t index)
{
    uint8_t in[CX6DX_delete_fte_in_BYTES] = { 0 };

    CX6DX_SET(delete_fte_in, in, table_id, table);
    CX6DX_SET(delete_fte_in, in, flow_index, index);
    return run(rig, CX6DX_CMD_DELETE_FLOW_TABLE_ENTRY, in, sizeof(in), NULL);
}

/* ---- Packets ---- */

typedef struct Packet {
    uint8_t bytes[80];
    size_t len;
} Packet;

/* Ethernet, IPv4, TCP or UDP; no payload */
static Packet packet(uint8_t protocol, uint32_t saddr, uint32_t daddr,
                     uint16_t sport, uint16_t dport)
{
    Packet p = { .len = 14 + 20 + (protocol == 6 ? 20 : 8) };
    uint8_t *ip = p.bytes + 14;
    uint8_t *l4 = ip + 20;

    memset(p.bytes, 0xff, 6);
    p.bytes[6] = 0x02;
    p.bytes[12] = 0x08;
    ip[0] = 0x45;
    ip[3] = p.len - 14;
    ip[8] = 64;
    ip[9] = protocol;
    cx6dx_prm_store(ip + 12, saddr);
    cx6dx_prm_store(ip + 16, daddr);
    cx6dx_prm_store(l4, (uint32_t)sport << 16 | dport);
    if (protocol == 6) {
        l4[12] = 0x50;
        l4[13] = 0x10;
    } else {
        l4[5] = 8;
    }
    return p;
}

static Packet arp(void)
{
    Packet p = { .len = 60 };

    memset(p.bytes, 0xff, 6);
    p.bytes[12] = 0x08;
    p.bytes[13] = 0x06;
    return p;
}

static Cx6dxFlowResult lookup(Rig *rig, const Packet *p)
{
    Cx6dxFrame frame;

    g_assert_true(cx6dx_frame_parse(p->bytes, p->len, &frame));
    return cx6dx_flow_lookup(&rig->fake->nic, p->bytes, p->len, &frame);
}

static uint32_t lookup_tir(Rig *rig, const Packet *p)
{
    return lookup(rig, p).tirn;
}

static void five_tuple(uint8_t *m, bool mask, uint32_t saddr, uint32_t daddr,
                       uint16_t sport, uint16_t dport)
{
    memset(m, 0, OUTER_BYTES);
    MATCH(m, ip_version, mask ? 0xf : 4);
    MATCH(m, ip_protocol, mask ? 0xff : 6);
    MATCH(m, src_ipv4, saddr);
    MATCH(m, dst_ipv4, daddr);
    MATCH(m, tcp_sport, sport);
    MATCH(m, tcp_dport, dport);
}

/* ---- Lookup ---- */

static void test_no_root(void)
{
    Rig rig = rig_new();
    Packet p = arp();
    uint32_t table;

    g_assert_cmpuint(lookup_tir(&rig, &p), ==, 0);
    table = cx6dx_fake_catch_all(rig.fake, rig.tir[0]);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, rig.tir[0]);
    g_assert_cmphex(set_root(&rig, 0, CX6DX_FT_ROOT_RESET), ==,
                    CX6DX_STATUS_OK);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, 0);
    g_assert_cmphex(set_root(&rig, table + 1, CX6DX_FT_ROOT_SET), ==,
                    CX6DX_STATUS_BAD_RES);
    rig_free(&rig);
}

/* The shape of the driver's tables: connections, traffic types, the rest */
static void test_driver_tables(void)
{
    Rig rig = rig_new();
    uint32_t ttc = table_new(&rig, 7, 0);
    uint32_t tcp = table_new(&rig, 16, 0);
    uint32_t root = table_new(&rig, 0, ttc);    /* empty: misses on */
    uint8_t mask[OUTER_BYTES], value[OUTER_BYTES];
    uint32_t group;
    Packet p;

    memset(mask, 0, sizeof(mask));
    MATCH(mask, ip_version, 0xf);
    MATCH(mask, ip_protocol, 0xff);
    memset(value, 0, sizeof(value));
    MATCH(value, ip_version, 4);
    MATCH(value, ip_protocol, 6);
    group = group_new(&rig, ttc, 0, 7, mask);
    fte_to(&rig, ttc, group, 0, value, CX6DX_FT_DEST_FLOW_TABLE, tcp);
    MATCH(value, ip_protocol, 17);
    fte_to(&rig, ttc, group, 1, value, CX6DX_FT_DEST_TIR, rig.tir[1]);
    group = group_new(&rig, ttc, 16, 16, NULL);
    fte_to(&rig, ttc, group, 16, NULL, CX6DX_FT_DEST_TIR, rig.tir[0]);

    five_tuple(mask, true, ~0u, ~0u, 0xffff, 0xffff);
    group = group_new(&rig, tcp, 0, 65534, mask);
    five_tuple(value, false, 0x0a090001, 0x0a090002, 5000, PORT_443);
    fte_to(&rig, tcp, group, 0, value, CX6DX_FT_DEST_TIR, rig.tir[3]);
    group = group_new(&rig, tcp, 65535, 65535, NULL);
    fte_to(&rig, tcp, group, 65535, NULL, CX6DX_FT_DEST_TIR, rig.tir[2]);
    g_assert_cmphex(set_root(&rig, root, CX6DX_FT_ROOT_SET), ==,
                    CX6DX_STATUS_OK);

    p = packet(6, 0x0a090001, 0x0a090002, 5000, PORT_443);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, rig.tir[3]);
    p = packet(6, 0x0a090001, 0x0a090002, 5001, PORT_443);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, rig.tir[2]);
    p = packet(17, 0x0a090001, 0x0a090002, 5000, PORT_443);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, rig.tir[1]);
    p = packet(1, 0x0a090001, 0x0a090002, 0, 0);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, rig.tir[0]);
    p = arp();
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, rig.tir[0]);
    rig_free(&rig);
}

/* A rule for frames without a VLAN tag: the mask names the bit, its value is 0 */
static void test_vlan(void)
{
    Rig rig = rig_new();
    uint32_t table = table_new(&rig, 7, 0);
    uint8_t mask[OUTER_BYTES] = { 0 }, value[OUTER_BYTES] = { 0 };
    Packet tagged = { .len = 64 }, plain = arp();
    uint32_t group;

    MATCH(mask, cvlan_tag, 1);
    MATCH(mask, first_vid, 0xfff);
    MATCH(value, cvlan_tag, 1);
    MATCH(value, first_vid, 5);
    group = group_new(&rig, table, 0, 63, mask);
    fte_to(&rig, table, group, 5, value, CX6DX_FT_DEST_TIR, rig.tir[1]);
    MATCH(mask, first_vid, 0);
    MATCH(value, first_vid, 0);
    MATCH(value, cvlan_tag, 0);
    group = group_new(&rig, table, 64, 64, mask);
    fte_to(&rig, table, group, 64, value, CX6DX_FT_DEST_TIR, rig.tir[0]);
    set_root(&rig, table, CX6DX_FT_ROOT_SET);

    memcpy(tagged.bytes, plain.bytes, 12);
    tagged.bytes[12] = 0x81;
    tagged.bytes[15] = 5;
    tagged.bytes[16] = 0x08;
    tagged.bytes[17] = 0x06;
    g_assert_cmpuint(lookup_tir(&rig, &plain), ==, rig.tir[0]);
    g_assert_cmpuint(lookup_tir(&rig, &tagged), ==, rig.tir[1]);
    tagged.bytes[15] = 6;
    g_assert_cmpuint(lookup_tir(&rig, &tagged), ==, 0);
    rig_free(&rig);
}

static void test_lowest_index(void)
{
    Rig rig = rig_new();
    uint32_t table = table_new(&rig, 7, 0);
    uint32_t late = group_new(&rig, table, 10, 20, NULL);
    uint32_t early = group_new(&rig, table, 2, 9, NULL);
    Packet p = arp();

    set_root(&rig, table, CX6DX_FT_ROOT_SET);
    fte_to(&rig, table, late, 15, NULL, CX6DX_FT_DEST_TIR, rig.tir[0]);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, rig.tir[0]);
    fte_to(&rig, table, late, 12, NULL, CX6DX_FT_DEST_TIR, rig.tir[1]);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, rig.tir[1]);
    fte_to(&rig, table, early, 9, NULL, CX6DX_FT_DEST_TIR, rig.tir[2]);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, rig.tir[2]);
    g_assert_cmphex(fte_del(&rig, table, 9), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(fte_del(&rig, table, 12), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, rig.tir[0]);
    rig_free(&rig);
}

static void test_loop(void)
{
    Rig rig = rig_new();
    uint32_t a = table_new(&rig, 0, 0);
    uint32_t b = table_new(&rig, 0, a);
    Packet p = arp();

    g_assert_cmphex(set_miss(&rig, a, b), ==, CX6DX_STATUS_OK);
    set_root(&rig, a, CX6DX_FT_ROOT_SET);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, 0);
    /* the two hold each other until one of them misses elsewhere */
    g_assert_cmphex(table_del(&rig, a), ==, CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(set_miss(&rig, b, 0), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(table_del(&rig, a), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(rig.fake->nic.flow_root, ==, 0);
    rig_free(&rig);
}

static void test_actions(void)
{
    Rig rig = rig_new();
    uint32_t table = table_new(&rig, 2, 0);
    uint32_t group = group_new(&rig, table, 0, 3, NULL);
    uint32_t counter = cx6dx_fake_alloc_obj(rig.fake,
                                            CX6DX_CMD_ALLOC_FLOW_COUNTER);
    uint8_t in[CX6DX_query_flow_counter_in_BYTES] = { 0 }, out[32];
    const uint8_t *c = out + 16;
    Packet p = arp();
    Fte f = {
        .table = table, .group = group, .tag = 0x123456, .counter = counter,
        .action = CX6DX_FTE_FWD | CX6DX_FTE_COUNT,
        .dest_type = CX6DX_FT_DEST_TIR, .dest = rig.tir[0],
    };

    set_root(&rig, table, CX6DX_FT_ROOT_SET);
    g_assert_cmphex(fte_set(&rig, &f), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(lookup(&rig, &p).flow_tag, ==, 0x123456);
    f.op_mod = CX6DX_FTE_MODIFY;
    f.select = CX6DX_FTE_MODIFY_ACTION | CX6DX_FTE_MODIFY_DEST;
    f.action = CX6DX_FTE_DROP | CX6DX_FTE_COUNT;
    f.dest_type = 0;
    g_assert_cmphex(fte_set(&rig, &f), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, 0);

    CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_QUERY_FLOW_COUNTER);
    CX6DX_SET(query_flow_counter_in, in, flow_counter_id, counter);
    CX6DX_SET(query_flow_counter_in, in, num_of_counters, 1);
    CX6DX_SET(query_flow_counter_in, in, clear, 1);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, sizeof(in), out, sizeof(out)),
                    ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(CX6DX_GET64(traffic_counter, c, packets), ==, 2);
    g_assert_cmpuint(CX6DX_GET64(traffic_counter, c, octets), ==, 2 * p.len);
    cx6dx_fake_cmd(rig.fake, in, sizeof(in), out, sizeof(out));
    g_assert_cmpuint(CX6DX_GET64(traffic_counter, c, packets), ==, 0);
    CX6DX_SET(query_flow_counter_in, in, num_of_counters, 9);
    g_assert_cmphex(cx6dx_fake_cmd(rig.fake, in, sizeof(in), out, sizeof(out)),
                    ==, CX6DX_STATUS_BAD_OUTP_LEN);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DEALLOC_FLOW_COUNTER,
                                      counter), ==, CX6DX_STATUS_RES_BUSY);
    fte_del(&rig, table, 0);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DEALLOC_FLOW_COUNTER,
                                      counter), ==, CX6DX_STATUS_OK);
    rig_free(&rig);
}

/* Only the destination list is changed, as a driver redirects TCP */
static void test_modify_dest(void)
{
    Rig rig = rig_new();
    uint32_t table = table_new(&rig, 2, 0), next = table_new(&rig, 2, 0);
    uint32_t group = group_new(&rig, table, 0, 3, NULL);
    Packet p = arp();
    Fte f = {
        .table = table, .group = group, .op_mod = CX6DX_FTE_MODIFY,
        .select = CX6DX_FTE_MODIFY_DEST,
        .dest_type = CX6DX_FT_DEST_FLOW_TABLE, .dest = next,
    };

    set_root(&rig, table, CX6DX_FT_ROOT_SET);
    g_assert_cmphex(fte_set(&rig, &f), ==, CX6DX_STATUS_BAD_RES_STATE);
    fte_to(&rig, table, group, 0, NULL, CX6DX_FT_DEST_TIR, rig.tir[0]);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_TIR,
                                      rig.tir[0]), ==, CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(fte_set(&rig, &f), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, 0);
    g_assert_cmphex(cx6dx_fake_simple(rig.fake, CX6DX_CMD_DESTROY_TIR,
                                      rig.tir[0]), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(table_del(&rig, next), ==, CX6DX_STATUS_RES_BUSY);
    f.dest_type = CX6DX_FT_DEST_TIR;
    f.dest = rig.tir[1];
    g_assert_cmphex(fte_set(&rig, &f), ==, CX6DX_STATUS_OK);
    g_assert_cmpuint(lookup_tir(&rig, &p), ==, rig.tir[1]);
    g_assert_cmphex(table_del(&rig, next), ==, CX6DX_STATUS_OK);
    rig_free(&rig);
}

static void test_in_use(void)
{
    Rig rig = rig_new();
    uint32_t table = table_new(&rig, 2, 0);
    uint32_t group = group_new(&rig, table, 0, 3, NULL);

    fte_to(&rig, table, group, 1, NULL, CX6DX_FT_DEST_TIR, rig.tir[0]);
    g_assert_cmphex(group_del(&rig, table, group), ==, CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(table_del(&rig, table), ==, CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(fte_del(&rig, table, 0), ==, CX6DX_STATUS_BAD_RES);
    g_assert_cmphex(fte_del(&rig, table, 1), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(table_del(&rig, table), ==, CX6DX_STATUS_RES_BUSY);
    g_assert_cmphex(group_del(&rig, table + 9, group), ==,
                    CX6DX_STATUS_BAD_RES);
    g_assert_cmphex(group_del(&rig, table, group), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(table_del(&rig, table), ==, CX6DX_STATUS_OK);
    rig_free(&rig);
}

/* ---- Mistakes ---- */

static void test_bad_groups(void)
{
    Rig rig = rig_new();
    uint32_t table = table_new(&rig, 4, 0);
    uint8_t mask[OUTER_BYTES] = { 0 };
    uint32_t id;

    group_new(&rig, table, 4, 7, NULL);
    g_assert_cmphex(group_try(&rig, table, 7, 8, NULL, 0, &id), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(group_try(&rig, table, 0, 15, NULL, 0, &id), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(group_try(&rig, table, 9, 8, NULL, 0, &id), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(group_try(&rig, table, 8, 16, NULL, 0, &id), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(group_try(&rig, table, 8, UINT32_MAX, NULL, 0, &id), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(group_try(&rig, table, 8, 15, NULL, 1 << 1, &id), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(rig.fake->syndrome, ==, CX6DX_SYND_MATCH_CRITERIA);
    /* l4_type is not offered */
    mask[0x18] = 0xc0;
    g_assert_cmphex(group_try(&rig, table, 8, 15, mask, 1, &id), ==,
                    CX6DX_STATUS_BAD_PARAM);
    g_assert_cmphex(rig.fake->syndrome, ==, CX6DX_SYND_MATCH_CRITERIA);
    g_assert_cmphex(group_try(&rig, table + 1, 8, 15, NULL, 0, &id), ==,
                    CX6DX_STATUS_BAD_RES);
    rig_free(&rig);
}

static void test_bad_entries(void)
{
    Rig rig = rig_new();
    uint32_t table = table_new(&rig, 4, 0), other = table_new(&rig, 4, 0);
    uint32_t group = group_new(&rig, table, 4, 7, NULL);
    const Fte good = {
        .table = table, .group = group, .index = 5, .action = CX6DX_FTE_FWD,
        .dest_type = CX6DX_FT_DEST_TIR, .dest = rig.tir[0],
    };
    Fte f;

#define REFUSED(change, expected)                                   \
    do {                                                            \
        f = good;                                                   \
        change;                                                     \
        g_assert_cmphex(fte_set(&rig, &f), ==, expected);           \
        g_assert_cmpuint(rig.fake->nic.flow_entries, ==, 0);        \
    } while (0)
    REFUSED(f.index = 3, CX6DX_STATUS_IX_ERR);
    REFUSED(f.index = 8, CX6DX_STATUS_IX_ERR);
    REFUSED(f.table = other, CX6DX_STATUS_BAD_RES);
    REFUSED(f.table = 500, CX6DX_STATUS_BAD_RES);
    REFUSED(f.group = 500, CX6DX_STATUS_BAD_RES);
    REFUSED(f.action = 0x40, CX6DX_STATUS_BAD_PARAM);
    REFUSED(f.action = CX6DX_FTE_DROP, CX6DX_STATUS_BAD_PARAM);
    REFUSED(f.dest_type = 0, CX6DX_STATUS_BAD_PARAM);
    REFUSED(f.dest_type = 8, CX6DX_STATUS_BAD_PARAM);
    REFUSED(f.dest = 5000, CX6DX_STATUS_BAD_RES);
    REFUSED(f.counter = 77, CX6DX_STATUS_BAD_RES);
    REFUSED(f.op_mod = 2, CX6DX_STATUS_BAD_RES_STATE);
#undef REFUSED
    g_assert_cmphex(fte_set(&rig, &good), ==, CX6DX_STATUS_OK);
    g_assert_cmphex(fte_set(&rig, &good), ==, CX6DX_STATUS_BAD_RES_STATE);
    rig_free(&rig);
}

/* Lists that claim more than the input holds */
static void test_bad_lists(void)
{
    Rig rig = rig_new();
    uint32_t table = table_new(&rig, 4, 0);
    uint32_t group = group_new(&rig, table, 0, 7, NULL);
    static const uint32_t sizes[][2] = {
        { 1, 0 }, { 0, 1 }, { 0xffffff, 0 }, { 0, 0xffffff },
        { 0xffffff, 0xffffff }, { 2, 0 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        uint8_t in[CX6DX_set_fte_in_BYTES] = { 0 };

        CX6DX_SET(set_fte_in, in, table_id, table);
        CX6DX_SET(set_fte_in, in, group_id, group);
        CX6DX_SET(set_fte_in, in, action, CX6DX_FTE_FWD);
        CX6DX_SET(set_fte_in, in, destination_list_size, sizes[i][0]);
        CX6DX_SET(set_fte_in, in, flow_counter_list_size, sizes[i][1]);
        g_assert_cmphex(run(&rig, CX6DX_CMD_SET_FLOW_TABLE_ENTRY, in,
                            sizeof(in), NULL), ==, CX6DX_STATUS_BAD_PARAM);
    }
    rig_free(&rig);
}

/* ---- Against a plain list ---- */

#define PROPERTY_ENTRIES 64

typedef struct Plain {
    bool used;
    uint8_t mask[OUTER_BYTES], value[OUTER_BYTES];
    uint32_t tirn;
} Plain;

/* Random masks of addresses and ports, with few values so that hits are many */
static void random_match(uint8_t *mask, uint8_t *value)
{
    memset(mask, 0, OUTER_BYTES);
    memset(value, 0, OUTER_BYTES);
    if (g_test_rand_bit()) {
        MATCH(mask, src_ipv4, 0xffffffff);
    }
    if (g_test_rand_bit()) {
        MATCH(mask, dst_ipv4, 0xffffff00);
    }
    if (g_test_rand_bit()) {
        MATCH(mask, tcp_sport, 0xffff);
    }
    if (g_test_rand_bit()) {
        MATCH(mask, ip_protocol, 0xff);
    }
}

static void random_value(uint8_t *value)
{
    MATCH(value, src_ipv4, g_test_rand_int_range(1, 4));
    MATCH(value, dst_ipv4, 0x0a000000 | g_test_rand_int_range(0, 3) << 8);
    MATCH(value, tcp_sport, g_test_rand_int_range(1, 4));
    MATCH(value, ip_protocol, g_test_rand_bit() ? 6 : 17);
}

static uint32_t plain_lookup(const Plain *list, const Packet *p)
{
    uint8_t key[OUTER_BYTES] = { 0 };

    MATCH(key, ip_protocol, p->bytes[14 + 9]);
    memcpy(CX6DX_AREA(fte_match_set_lyr_2_4, key, src_ipv4_src_ipv6) + 12,
           p->bytes + 14 + 12, 4);
    memcpy(CX6DX_AREA(fte_match_set_lyr_2_4, key, dst_ipv4_dst_ipv6) + 12,
           p->bytes + 14 + 16, 4);
    if (p->bytes[14 + 9] == 6) {
        MATCH(key, tcp_sport, p->bytes[34] << 8 | p->bytes[35]);
    }
    for (size_t i = 0; i < PROPERTY_ENTRIES; i++) {
        bool match = list[i].used;

        for (size_t b = 0; match && b < OUTER_BYTES; b++) {
            match = (key[b] & list[i].mask[b]) ==
                    (list[i].value[b] & list[i].mask[b]);
        }
        if (match) {
            return list[i].tirn;
        }
    }
    return 0;
}

static void test_against_list(void)
{
    enum { GROUPS = 8, PER_GROUP = PROPERTY_ENTRIES / GROUPS };
    Rig rig = rig_new();
    uint32_t table = table_new(&rig, 16, 0);
    uint32_t groups[GROUPS];
    Plain list[PROPERTY_ENTRIES] = { 0 };

    set_root(&rig, table, CX6DX_FT_ROOT_SET);
    /* in any order: their places follow from their indices */
    for (int i = GROUPS - 1; i >= 0; i--) {
        random_match(list[i * PER_GROUP].mask, list[i * PER_GROUP].value);
        for (int k = 1; k < PER_GROUP; k++) {
            memcpy(list[i * PER_GROUP + k].mask, list[i * PER_GROUP].mask,
                   OUTER_BYTES);
        }
        groups[i] = group_new(&rig, table, i * PER_GROUP,
                              i * PER_GROUP + PER_GROUP - 1,
                              list[i * PER_GROUP].mask);
    }
    for (int step = 0; step < 3000; step++) {
        uint32_t index = g_test_rand_int_range(0, PROPERTY_ENTRIES);
        Plain *plain = &list[index];
        Packet p = packet(g_test_rand_bit() ? 6 : 17,
                          g_test_rand_int_range(1, 4),
                          0x0a000000 | g_test_rand_int_range(0, 3) << 8 | 7,
                          g_test_rand_int_range(1, 4), 80);

        if (plain->used) {
            g_assert_cmphex(fte_del(&rig, table, index), ==, CX6DX_STATUS_OK);
            plain->used = false;
        } else if (g_test_rand_bit()) {
            random_value(plain->value);
            plain->tirn = rig.tir[g_test_rand_int_range(0, 4)];
            plain->used = true;
            fte_to(&rig, table, groups[index / PER_GROUP], index, plain->value,
                   CX6DX_FT_DEST_TIR, plain->tirn);
        }
        g_assert_cmpuint(lookup_tir(&rig, &p), ==, plain_lookup(list, &p));
    }
    rig_free(&rig);
}

/* ---- Cost ---- */

/* Two tables, six groups each, thousands of connections: time for each lookup */
static void test_cost(void)
{
    enum { CONNECTIONS = 4096, LOOKUPS = 500000 };
    Rig rig = rig_new();
    uint32_t first = table_new(&rig, 16, 0), second = table_new(&rig, 16, 0);
    uint8_t mask[OUTER_BYTES], value[OUTER_BYTES];
    uint32_t group;
    Packet p;
    Cx6dxFrame frame;
    uint64_t sum = 0;
    double seconds;

    for (uint32_t i = 0; i < 5; i++) {
        memset(mask, 0, sizeof(mask));
        memset(value, 0, sizeof(value));
        MATCH(mask, dmac_47_16, 0xffffffff);
        MATCH(mask, ip_dscp, i + 1);
        MATCH(value, dmac_47_16, 0x12345678);
        group = group_new(&rig, first, i * 8, i * 8 + 7, mask);
        fte_to(&rig, first, group, i * 8, value, CX6DX_FT_DEST_TIR, rig.tir[0]);
        group = group_new(&rig, second, i * 8, i * 8 + 7, mask);
        fte_to(&rig, second, group, i * 8, value, CX6DX_FT_DEST_TIR,
               rig.tir[0]);
    }
    group = group_new(&rig, first, 100, 100, NULL);
    fte_to(&rig, first, group, 100, NULL, CX6DX_FT_DEST_FLOW_TABLE, second);
    five_tuple(mask, true, ~0u, ~0u, 0xffff, 0xffff);
    group = group_new(&rig, second, 100, 100 + CONNECTIONS - 1, mask);
    for (uint32_t i = 0; i < CONNECTIONS; i++) {
        five_tuple(value, false, 0x0a090001, 0x0a090002, 1024 + i, PORT_443);
        fte_to(&rig, second, group, 100 + i, value, CX6DX_FT_DEST_TIR,
               rig.tir[1 + i % 3]);
    }
    set_root(&rig, first, CX6DX_FT_ROOT_SET);

    p = packet(6, 0x0a090001, 0x0a090002, 1024 + 77, PORT_443);
    g_assert_true(cx6dx_frame_parse(p.bytes, p.len, &frame));
    g_test_timer_start();
    for (uint32_t i = 0; i < LOOKUPS; i++) {
        sum += cx6dx_flow_lookup(&rig.fake->nic, p.bytes, p.len, &frame).tirn;
    }
    seconds = g_test_timer_elapsed();
    g_assert_cmpuint(sum, ==, (uint64_t)rig.tir[1 + 77 % 3] * LOOKUPS);
    g_test_message("a lookup through 2 tables and 12 groups: %.0f ns",
                   seconds * 1e9 / LOOKUPS);
    rig_free(&rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cx6dx/flow/no-root-drops", test_no_root);
    g_test_add_func("/cx6dx/flow/tables-of-the-driver", test_driver_tables);
    g_test_add_func("/cx6dx/flow/vlan", test_vlan);
    g_test_add_func("/cx6dx/flow/lowest-index-wins", test_lowest_index);
    g_test_add_func("/cx6dx/flow/loop-ends", test_loop);
    g_test_add_func("/cx6dx/flow/drop-count-tag", test_actions);
    g_test_add_func("/cx6dx/flow/modify-destination", test_modify_dest);
    g_test_add_func("/cx6dx/flow/in-use-is-busy", test_in_use);
    g_test_add_func("/cx6dx/flow/bad-groups", test_bad_groups);
    g_test_add_func("/cx6dx/flow/bad-entries", test_bad_entries);
    g_test_add_func("/cx6dx/flow/bad-lists", test_bad_lists);
    g_test_add_func("/cx6dx/flow/against-a-list", test_against_list);
    g_test_add_func("/cx6dx/flow/cost", test_cost);
    return g_test_run();
}
