/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Golden dumps of PRM layouts, typed from the interface description
 *
 * "OFFSET:BYTES ..." in hex, bytes not named are 0; then what the fields hold.
 * An area is filled with one byte.  The bytes were typed from the description's
 * tables of byte offsets and shifts, not from our lists of bits.  The layouts of
 * mlx5_ifc.h are in prm-golden-ifc.h.
 */
    /* completion queue entry of a receive, byte by byte */
    { "cqe",
      "0:1800123440072233 8:44556677 c:aabbccdd 10:84 14:cafe 1c:0759 1e:a064 "
      "20:07 2c:800105ea 30:0102030405060708 38:00abcdef 3c:43218a2f",
      FIELDS(
          { "tls_offload", 3 }, { "wqe_id", 0x1234 }, { "lro_tcp_psh", 1 },
          { "lro_min_ttl", 7 }, { "lro_tcp_win", 0x2233 },
          { "lro_ack_sn", 0x44556677 },
          { "rss_hash_result", 0xaabbccdd }, { "rss_hash_l4", 2 },
          { "rss_hash_ip", 1 }, { "check_sum", 0xcafe }, { "l4_ok", 1 },
          { "l3_ok", 1 }, { "l2_ok", 1 }, { "l4_hdr_type", 5 },
          { "l3_hdr_type", 2 }, { "vlan_stripped", 1 },
          { "vlan_info", 0xa064 }, { "lro_num_seg", 7 },
          { "byte_cnt", 0x800105ea }, { "timestamp_h", 0x01020304 },
          { "timestamp_l", 0x05060708 }, { "flow_tag", 0xabcdef },
          { "wqe_counter", 0x4321 }, { "signature", 0x8a }, { "opcode", 2 },
          { "format", 3 }, { "solicited", 1 }, { "owner", 1 }) },
    /* the same of a send: opcode and number of the queue */
    { "cqe", "38:0e112233 3c:00ff",
      FIELDS({ "wqe_opcode", 0x0e }, { "sqn", 0x112233 },
             { "wqe_counter", 0x00ff }) },
    { "err_cqe", "36:7705 38:0a000041 3c:001200d1",
      FIELDS({ "vendor_syndrome", 0x77 }, { "syndrome", 5 },
             { "wqe_opcode", 0x0a }, { "qpn", 0x41 }, { "wqe_counter", 0x12 },
             { "opcode", 0xd }, { "owner", 1 }) },
    /* control segment: opmod << 24 | index << 8 | opcode, sqn << 8 | ds */
    { "wqe_ctrl", "0:02123425 4:0000510c 8:7f00002a c:0000be00",
      FIELDS({ "opmod", 2 }, { "wqe_index", 0x1234 }, { "opcode", 0x25 },
             { "qpn", 0x51 }, { "ds", 12 }, { "signature", 0x7f },
             { "fence", 1 }, { "completion", 2 }, { "solicited", 1 },
             { "general_id", 0xbe00 }) },
    { "wqe_ctrl", "c:00beef00", FIELDS({ "tis_tir_num", 0xbeef }) },
    /* cs_flags 0x80 L4, 0x40 L3; mss at 6; inline size at 0xc, bytes at 0xe */
    { "wqe_eth", "4:c0 6:05a8 c:0042 e:0707",
      FIELDS({ "l4_csum", 1 }, { "l3_csum", 1 }, { "mss", 1448 },
             { "inline_hdr_sz", 0x42 }, { "inline_hdr", 7 }) },
    { "wqe_eth", "c:8001 e:6123",
      FIELDS({ "vlan_insert", 1 }, { "svlan", 1 }, { "vlan_tci", 0x6123 }) },
    { "wqe_data", "0:80000600 4:00001234 8:00000001 c:23456780",
      FIELDS({ "inline_data", 1 }, { "byte_count", 0x600 },
             { "lkey", 0x1234 }, { "addr_h", 1 }, { "addr_l", 0x23456780 }) },
    /* flags byte 0x80 inline, 0x10 translation offset */
    { "wqe_umr_ctrl", "0:90 4:0020 6:0004 8:0000000020000000",
      FIELDS({ "inline_", 1 }, { "translation_en", 1 },
             { "xlt_octowords", 0x20 }, { "bsf_octowords", 4 },
             { "mkey_mask_l", 0x20000000 }) },
    { "wqe_umr_ctrl", "6:0123 8:80",
      FIELDS({ "xlt_offset", 0x123 }, { "mkey_mask_h", 0x80000000 }) },
    /* from 0x10 on: number of PSVs << 4 in byte 0x23, key, address, index */
    { "wqe_get_psv", "13:10 14:00005678 18:00000009 1c:87654340 20:00000033",
      FIELDS({ "num_psv", 1 }, { "lkey", 0x5678 }, { "va_h", 9 },
             { "va_l", 0x87654340 }, { "psv_index", 0x33 }) },
    { "wqe_set_psv", "0:00000033 4:5a*c",
      FIELDS({ "number", 0x33 }, { "params", 0x5a }) },
    /* consumer index; arm word sn << 28 | solicited only << 24 | ci */
    { "cq_dbrec", "0:00abcdef 4:31123456",
      FIELDS({ "consumer_index", 0xabcdef }, { "arm_sn", 3 },
             { "arm_cmd", 1 }, { "arm_ci", 0x123456 }) },
    { "wq_dbrec", "2:1122 6:3344",
      FIELDS({ "rq_counter", 0x1122 }, { "sq_counter", 0x3344 }) },
    /* eqn << 24 | ci */
    { "eq_doorbell", "0:1f00ff01",
      FIELDS({ "eqn", 0x1f }, { "consumer_index", 0xff01 }) },
    /* two pages are to be taken back */
    { "eqe_page_request", "22:0102 24:fffffffe",
      FIELDS({ "func_id", 0x102 }, { "num_pages", 0xfffffffe }) },
    { "psv_dump", "1:010203 4:a5*c",
      FIELDS({ "tirn", 0x010203 }, { "params", 0xa5 }) },
    /* pointers of which mlx5_ifc.h leaves out the low bits */
    { "cmd_entry",
      "0:07 4:00000110 8:00000001 c:23456400 30:00000004 34:56789c00 "
      "38:00000210 3c:5a 3d:c3 3f:0d",
      FIELDS({ "type", 7 }, { "inlen", 0x110 }, { "in_ptr_h", 1 },
             { "in_ptr_l", 0x23456400 }, { "out_ptr_h", 4 },
             { "out_ptr_l", 0x56789c00 }, { "outlen", 0x210 },
             { "token", 0x5a }, { "sig", 0xc3 }, { "delivery_status", 6 },
             { "hw_owned", 1 }) },
    { "cmd_mailbox", "230:00000002 234:468acc00 238:00000003 23d:5a",
      FIELDS({ "next_h", 2 }, { "next_l", 0x468acc00 }, { "block_num", 3 },
             { "token", 0x5a }) },
    /* flag, syndrome and 30 bits of address share a word */
    { "vsc",
      "1:18 4:b000000a 8:00000107 c:00000106 10:c0000154 14:12345678",
      FIELDS({ "length", 0x18 }, { "status", 5 }, { "size_valid", 1 },
             { "space", 0xa }, { "counter", 0x107 }, { "semaphore", 0x106 },
             { "flag", 1 }, { "syndrome", 1 }, { "address", 0x154 },
             { "data", 0x12345678 }) },
    { "icmd_ctrl", "0:90010403",
      FIELDS({ "opcode", 0x9001 }, { "status", 4 }, { "exmb", 1 },
             { "busy", 1 }) },
    /* operation of 4 words, then a register of 3 with its head */
    { "icmd_reg", "0:08047000 4:9020811f 10:18030000",
      FIELDS({ "type", 1 }, { "len", 4 }, { "status", 0x70 },
             { "register_id", 0x9020 }, { "response", 1 }, { "method", 1 },
             { "class", 0x1f }, { "reg_type", 3 }, { "reg_len", 3 }) },
    { "mgir_reg",
      "2:101d 4:00010000 a:0212 12:b8ce 14:f6123456 1c:00010203 20:00162f01 "
      "30:5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a 44:00000016 48:0000002f 4c:00000401",
      FIELDS({ "device_id", 0x101d }, { "num_ports", 1 },
             { "hw_dev_id", 0x212 }, { "base_mac_47_32", 0xb8ce },
             { "base_mac_31_0", 0xf6123456 }, { "uptime", 0x10203 },
             { "major", 22 }, { "minor", 47 }, { "sub_minor", 1 },
             { "psid", 0x5a }, { "extended_major", 22 },
             { "extended_minor", 47 }, { "extended_sub_minor", 0x401 }) },
    { "mqis_reg", "3:02 6:003d 8:00100008 10:a5a5a5a5a5a5a5a5",
      FIELDS({ "info_type", 2 }, { "info_length", 0x3d },
             { "read_offset", 0x10 }, { "read_length", 8 },
             { "info_string", 0xa5 }) },
    /* ours: six numbers from the seventh on, of 0x4d */
    { "model_reg", "0:00060006 4:0000004d 10:a5*f0",
      FIELDS({ "first", 6 }, { "count", 6 }, { "total", 0x4d },
             { "numbers", 0xa5 }) },
    { "model_number", "0:5a*20 20:12345678 24:9abcdef0",
      FIELDS({ "name", 0x5a }, { "value_h", 0x12345678 },
             { "value_l", 0x9abcdef0 }) },
    { "wqe_next", "2:0123", FIELDS({ "next_wqe_index", 0x123 }) },
    /* filler << 31 | strides << 16 | bytes */
    { "cqe_strides", "2c:800205ea",
      FIELDS({ "filler", 1 }, { "strides", 2 }, { "bytes", 0x5ea }) },
    /* with a hash; and with a checksum and the index of a stride */
    { "mini_cqe", "0:a1b2c3d4 4:000105ea",
      FIELDS({ "rx_hash_result", 0xa1b2c3d4 }, { "byte_cnt", 0x105ea }) },
    { "mini_cqe", "0:beef0123 4:8002003c",
      FIELDS({ "checksum", 0xbeef }, { "stridx", 0x123 },
             { "byte_cnt", 0x8002003c }) },
