// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: objects of the device (PRM "Command Reference")
 *
 * Memory for queues, and the commands that create and destroy memory keys,
 * CQs, SQs, RQs, TISes, RQTs, TIRs and keys.  Nothing here knows what the
 * objects are for.
 */
#include <linux/if_vlan.h>
#include <linux/ipv6.h>

#include "cx6dx.h"

/* ---- memory ---- */

int cx6dx_buf_alloc(struct cx6dx_dev *cdev, struct cx6dx_buf *buf,
		    size_t bytes)
{
	buf->bytes = max_t(size_t, bytes, CX6DX_PAGE_BYTES);
	buf->va = dma_alloc_coherent(cdev->dev, buf->bytes, &buf->dma,
				     GFP_KERNEL);
	return buf->va ? 0 : -ENOMEM;
}

void cx6dx_buf_free(struct cx6dx_dev *cdev, struct cx6dx_buf *buf)
{
	dma_free_coherent(cdev->dev, buf->bytes, buf->va, buf->dma);
	buf->va = NULL;
}

unsigned int cx6dx_buf_pages(const struct cx6dx_buf *buf)
{
	return DIV_ROUND_UP(buf->bytes, CX6DX_PAGE_BYTES);
}

void cx6dx_buf_fill_pas(const struct cx6dx_buf *buf, u8 *pas)
{
	unsigned int i;

	for (i = 0; i < cx6dx_buf_pages(buf); i++)
		put_unaligned_be64(buf->dma + (u64)i * CX6DX_PAGE_BYTES,
				   pas + i * sizeof(u64));
}

int cx6dx_dbrec_alloc(struct cx6dx_dev *cdev, struct cx6dx_dbrec *db)
{
	db->va = dma_pool_zalloc(cdev->dbrecs, GFP_KERNEL, &db->dma);
	return db->va ? 0 : -ENOMEM;
}

void cx6dx_dbrec_free(struct cx6dx_dev *cdev, struct cx6dx_dbrec *db)
{
	dma_pool_free(cdev->dbrecs, db->va, db->dma);
}

/* ---- memory key: all of the address space, physical ---- */

int cx6dx_mkey_create(struct cx6dx_dev *cdev, u32 *mkey)
{
	u8 in[CX6DX_BYTES(create_mkey_in)] = {};
	u8 *mkc = CX6DX_AREA(create_mkey_in, in, memory_key_mkey_entry);
	u32 index;
	int err;

	CX6DX_SET(mkc, mkc, access_mode_1_0, CX6DX_MKEY_MODE_PA);
	CX6DX_SET(mkc, mkc, lw, 1);
	CX6DX_SET(mkc, mkc, lr, 1);
	CX6DX_SET(mkc, mkc, qpn, CX6DX_FIELD_MAX(mkc, qpn));
	CX6DX_SET(mkc, mkc, length64, 1);
	CX6DX_SET(mkc, mkc, pd, cdev->pdn);
	err = cx6dx_cmd_create(cdev, CX6DX_CMD_CREATE_MKEY, in, sizeof(in),
			       &index);
	if (!err)
		*mkey = index << 8;
	return err;
}

/* ---- completion queues ---- */

static void cq_clear(struct cx6dx_cq *cq)
{
	u32 i;

	for (i = 0; i <= cq->mask; i++) {
		u8 *cqe = (u8 *)cq->buf.va + i * CX6DX_BYTES(cqe);

		CX6DX_SET(cqe, cqe, opcode, CX6DX_CQE_INVALID);
		CX6DX_SET(cqe, cqe, owner, 1);
	}
}

static int cq_create_cmd(struct cx6dx_dev *cdev, struct cx6dx_cq *cq, u8 eqn,
			 const struct cx6dx_params *params)
{
	size_t inlen = CX6DX_BYTES(create_cq_in) +
		       cx6dx_buf_pages(&cq->buf) * sizeof(u64);
	u8 *in, *cqc;
	int err;

	in = kvzalloc(inlen, GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	cqc = CX6DX_AREA(create_cq_in, in, cq_context);
	CX6DX_SET(cqc, cqc, log_cq_size, cq->log_size);
	CX6DX_SET(cqc, cqc, uar_page, cdev->uarn);
	CX6DX_SET(cqc, cqc, c_eqn_or_apu_element, eqn);
	if (params && cdev->caps.cq_moderation) {
		CX6DX_SET(cqc, cqc, cq_period, params->cq_usecs);
		CX6DX_SET(cqc, cqc, cq_max_count, params->cq_frames);
	}
	CX6DX_SET64(cqc, cqc, dbr_addr, cq->db.dma);
	cx6dx_buf_fill_pas(&cq->buf, in + CX6DX_BYTES(create_cq_in));
	err = cx6dx_cmd_create(cdev, CX6DX_CMD_CREATE_CQ, in, inlen,
			       &cq->cqn);
	kvfree(in);
	return err;
}

/* @params gives the moderation, or is NULL */
int cx6dx_cq_create(struct cx6dx_dev *cdev, struct cx6dx_cq *cq,
		    unsigned int entries, u8 eqn,
		    const struct cx6dx_params *params)
{
	int err;

	cq->log_size = order_base_2(entries);
	cq->mask = (1U << cq->log_size) - 1;
	cq->cc = 0;
	cq->arm_sn = 0;
	err = cx6dx_buf_alloc(cdev, &cq->buf,
			      (size_t)CX6DX_BYTES(cqe) << cq->log_size);
	if (err)
		return err;
	cq_clear(cq);
	err = cx6dx_dbrec_alloc(cdev, &cq->db);
	if (err)
		goto err_buf;
	err = cq_create_cmd(cdev, cq, eqn, params);
	if (err)
		goto err_db;
	return 0;

err_db:
	cx6dx_dbrec_free(cdev, &cq->db);
err_buf:
	cx6dx_buf_free(cdev, &cq->buf);
	return err;
}

void cx6dx_cq_destroy(struct cx6dx_dev *cdev, struct cx6dx_cq *cq)
{
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_CQ, cq->cqn);
	cx6dx_dbrec_free(cdev, &cq->db);
	cx6dx_buf_free(cdev, &cq->buf);
}

int cx6dx_cq_moderate(struct cx6dx_dev *cdev, u32 cqn, u16 usecs, u16 frames)
{
	u8 in[CX6DX_BYTES(modify_cq_in)] = {};
	u8 out[CX6DX_BYTES(cmd_out)] = {};
	u8 *cqc = CX6DX_AREA(modify_cq_in, in, cq_context);

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_CQ);
	CX6DX_SET(modify_cq_in, in, cqn, cqn);
	CX6DX_SET(modify_cq_in, in, field_select,
		  CX6DX_MODIFY_CQ_PERIOD | CX6DX_MODIFY_CQ_COUNT);
	CX6DX_SET(cqc, cqc, cq_period, usecs);
	CX6DX_SET(cqc, cqc, cq_max_count, frames);
	return cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
}

/* ---- work queues ---- */

static void fill_wq(struct cx6dx_dev *cdev, u8 *wq,
		    const struct cx6dx_buf *buf, dma_addr_t db, u8 log_stride,
		    u8 log_size)
{
	CX6DX_SET(wq, wq, wq_type, CX6DX_WQ_CYCLIC);
	CX6DX_SET(wq, wq, pd, cdev->pdn);
	CX6DX_SET(wq, wq, uar_page, cdev->uarn);
	CX6DX_SET64(wq, wq, dbr_addr, db);
	CX6DX_SET(wq, wq, log_wq_stride, log_stride);
	CX6DX_SET(wq, wq, log_wq_sz, log_size);
	cx6dx_buf_fill_pas(buf, wq + CX6DX_BYTES(wq));
}

/*
 * Creates a send queue in state RST.  A @tisn of 0 makes an internal queue,
 * which takes parameter WQEs of receive contexts.
 */
int cx6dx_sq_create_cmd(struct cx6dx_dev *cdev, const struct cx6dx_buf *buf,
			dma_addr_t db, u8 log_size, u32 cqn, u32 tisn,
			u32 *sqn)
{
	size_t inlen = CX6DX_BYTES(create_obj_in) + CX6DX_BYTES(sqc) +
		       cx6dx_buf_pages(buf) * sizeof(u64);
	u8 *in, *sqc;
	int err;

	in = kvzalloc(inlen, GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	sqc = in + CX6DX_BYTES(create_obj_in);
	CX6DX_SET(sqc, sqc, flush_in_error_en, 1);
	CX6DX_SET(sqc, sqc, state, CX6DX_QUEUE_RST);
	CX6DX_SET(sqc, sqc, reg_umr, !tisn);
	CX6DX_SET(sqc, sqc, cqn, cqn);
	CX6DX_SET(sqc, sqc, tis_lst_sz, !!tisn);
	CX6DX_SET(sqc, sqc, tis_num_0, tisn);
	fill_wq(cdev, CX6DX_AREA(sqc, sqc, wq), buf, db,
		CX6DX_LOG_SEND_WQE_BB, log_size);
	err = cx6dx_cmd_create(cdev, CX6DX_CMD_CREATE_SQ, in, inlen, sqn);
	kvfree(in);
	return err;
}

/* Creates a receive queue in state RST */
int cx6dx_rq_create_cmd(struct cx6dx_dev *cdev, const struct cx6dx_rq *rq,
			u8 log_size, u32 cqn, bool vlan_strip, u32 *rqn)
{
	size_t inlen = CX6DX_BYTES(create_obj_in) + CX6DX_BYTES(rqc) +
		       cx6dx_buf_pages(&rq->buf) * sizeof(u64);
	u8 *in, *rqc;
	int err;

	in = kvzalloc(inlen, GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	rqc = in + CX6DX_BYTES(create_obj_in);
	CX6DX_SET(rqc, rqc, vsd, !vlan_strip);
	CX6DX_SET(rqc, rqc, state, CX6DX_QUEUE_RST);
	CX6DX_SET(rqc, rqc, flush_in_error_en, 1);
	CX6DX_SET(rqc, rqc, cqn, cqn);
	CX6DX_SET(rqc, rqc, counter_set_id, cdev->q_counter);
	fill_wq(cdev, CX6DX_AREA(rqc, rqc, wq), &rq->buf, rq->db.dma,
		rq->log_stride, log_size);
	err = cx6dx_cmd_create(cdev, CX6DX_CMD_CREATE_RQ, in, inlen, rqn);
	kvfree(in);
	return err;
}

/* Moves a queue from RST to RDY; @opcode is MODIFY_SQ or MODIFY_RQ */
int cx6dx_queue_ready(struct cx6dx_dev *cdev, u16 opcode, u32 number)
{
	u8 in[CX6DX_BYTES(modify_obj_in) + CX6DX_BYTES(sqc)] = {};
	u8 out[CX6DX_BYTES(cmd_out)] = {};

	/* the state has the same place in both contexts */
	BUILD_BUG_ON((int)CX6DX_OFF_(sqc, state) != CX6DX_OFF_(rqc, state));
	BUILD_BUG_ON((int)CX6DX_LSB_(sqc, state) != CX6DX_LSB_(rqc, state));

	CX6DX_SET(cmd_in, in, opcode, opcode);
	CX6DX_SET(modify_obj_in, in, number, number);
	CX6DX_SET(modify_obj_in, in, state, CX6DX_QUEUE_RST);
	CX6DX_SET(sqc, in + CX6DX_BYTES(modify_obj_in), state,
		  CX6DX_QUEUE_RDY);
	return cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
}

/* ---- transport objects ---- */

int cx6dx_tis_create(struct cx6dx_dev *cdev, bool tls, u32 *tisn)
{
	u8 in[CX6DX_BYTES(create_obj_in) + CX6DX_BYTES(tisc)] = {};
	u8 *tisc = in + CX6DX_BYTES(create_obj_in);

	CX6DX_SET(tisc, tisc, transport_domain, cdev->tdn);
	if (tls) {
		CX6DX_SET(tisc, tisc, tls_en, 1);
		CX6DX_SET(tisc, tisc, pd, cdev->pdn);
	}
	return cx6dx_cmd_create(cdev, CX6DX_CMD_CREATE_TIS, in, sizeof(in),
				tisn);
}

static size_t rqt_bytes(u32 count)
{
	return CX6DX_BYTES(modify_obj_in) + CX6DX_BYTES(rqtc) +
	       count * sizeof(u32);
}

/* A table of up to @size entries that starts with the single entry @rqn */
int cx6dx_rqt_create(struct cx6dx_dev *cdev, u32 size, u32 rqn, u32 *rqtn)
{
	u8 in[CX6DX_BYTES(create_obj_in) + CX6DX_BYTES(rqtc) +
	      sizeof(u32)] = {};
	u8 *rqtc = in + CX6DX_BYTES(create_obj_in);

	CX6DX_SET(rqtc, rqtc, rqt_max_size, size);
	CX6DX_SET(rqtc, rqtc, rqt_actual_size, 1);
	cx6dx_prm_store(rqtc + CX6DX_BYTES(rqtc), rqn);
	return cx6dx_cmd_create(cdev, CX6DX_CMD_CREATE_RQT, in, sizeof(in),
				rqtn);
}

int cx6dx_rqt_modify(struct cx6dx_dev *cdev, u32 rqtn, const u32 *rqns,
		     u32 count)
{
	u8 out[CX6DX_BYTES(cmd_out)] = {};
	u8 *in, *rqtc;
	u32 i;
	int err;

	in = kzalloc(rqt_bytes(count), GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	rqtc = in + CX6DX_BYTES(modify_obj_in);
	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_RQT);
	CX6DX_SET(modify_obj_in, in, number, rqtn);
	CX6DX_SET64(modify_obj_in, in, modify_bitmask, CX6DX_MODIFY_RQT_LIST);
	CX6DX_SET(rqtc, rqtc, rqt_actual_size, count);
	for (i = 0; i < count; i++)
		cx6dx_prm_store(rqtc + CX6DX_BYTES(rqtc) + i * sizeof(u32),
				rqns[i]);
	err = cx6dx_cmd_exec(cdev, in, rqt_bytes(count), out, sizeof(out));
	kfree(in);
	return err;
}

static const struct {
	u8 l3;
	u8 l4;
	u32 fields;
} tir_hash[CX6DX_TT_NUM] = {
#define HASH_2 (CX6DX_HASH_SRC_IP | CX6DX_HASH_DST_IP)
#define HASH_4 (HASH_2 | CX6DX_HASH_L4_SPORT | CX6DX_HASH_L4_DPORT)
	[CX6DX_TT_TCP4] = { CX6DX_L3_PROT_IPV4, CX6DX_L4_PROT_TCP, HASH_4 },
	[CX6DX_TT_TCP6] = { CX6DX_L3_PROT_IPV6, CX6DX_L4_PROT_TCP, HASH_4 },
	[CX6DX_TT_UDP4] = { CX6DX_L3_PROT_IPV4, CX6DX_L4_PROT_UDP, HASH_4 },
	[CX6DX_TT_UDP6] = { CX6DX_L3_PROT_IPV6, CX6DX_L4_PROT_UDP, HASH_4 },
	[CX6DX_TT_IP4] = { CX6DX_L3_PROT_IPV4, 0, HASH_2 },
	[CX6DX_TT_IP6] = { CX6DX_L3_PROT_IPV6, 0, HASH_2 },
};

/* Ethernet with a tag, and the longer IP header, in front of what is counted */
#define CX6DX_MAX_IP_OFFSET	(ETH_HLEN + VLAN_HLEN + sizeof(struct ipv6hdr))

static void fill_hash(u8 *tirc, int traffic_type, const u8 *hash_key)
{
	CX6DX_SET(tirc, tirc, rx_hash_fn, CX6DX_HASH_TOEPLITZ);
	CX6DX_SET(tirc, tirc, rx_hash_symmetric, 1);
	memcpy(CX6DX_AREA(tirc, tirc, rx_hash_toeplitz_key), hash_key,
	       CX6DX_AREA_BYTES(tirc, rx_hash_toeplitz_key));
	CX6DX_SET(tirc, tirc, l3_prot_type, tir_hash[traffic_type].l3);
	CX6DX_SET(tirc, tirc, l4_prot_type, tir_hash[traffic_type].l4);
	CX6DX_SET(tirc, tirc, selected_fields, tir_hash[traffic_type].fields);
}

/* Gives the TIR of @traffic_type another key */
int cx6dx_tir_set_hash(struct cx6dx_dev *cdev, u32 tirn, int traffic_type,
		       const u8 *hash_key)
{
	u8 in[CX6DX_BYTES(modify_obj_in) + CX6DX_BYTES(tirc)] = {};
	u8 out[CX6DX_BYTES(cmd_out)] = {};

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_TIR);
	CX6DX_SET(modify_obj_in, in, number, tirn);
	CX6DX_SET64(modify_obj_in, in, modify_bitmask, CX6DX_MODIFY_TIR_HASH);
	fill_hash(in + CX6DX_BYTES(modify_obj_in), traffic_type, hash_key);
	return cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
}

/*
 * Lets the device merge segments of a TCP stream into packets of up to
 * @gro_bytes, with all headers; 0: not at all.
 */
static void fill_gro(const struct cx6dx_dev *cdev, u8 *tirc, u32 gro_bytes)
{
	u32 units;

	if (!gro_bytes)
		return;
	units = (gro_bytes - CX6DX_MAX_IP_OFFSET) / CX6DX_LRO_PAYLOAD_UNIT;
	CX6DX_SET(tirc, tirc, packet_merge_mask,
		  CX6DX_LRO_IPV4 | CX6DX_LRO_IPV6);
	CX6DX_SET(tirc, tirc, lro_timeout_period_usecs, cdev->caps.gro_usecs);
	CX6DX_SET(tirc, tirc, lro_max_ip_payload_size,
		  min(units, CX6DX_FIELD_MAX(tirc, lro_max_ip_payload_size)));
}

int cx6dx_tir_set_gro(struct cx6dx_dev *cdev, u32 tirn, u32 gro_bytes)
{
	u8 in[CX6DX_BYTES(modify_obj_in) + CX6DX_BYTES(tirc)] = {};
	u8 out[CX6DX_BYTES(cmd_out)] = {};

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_MODIFY_TIR);
	CX6DX_SET(modify_obj_in, in, number, tirn);
	CX6DX_SET64(modify_obj_in, in, modify_bitmask,
		    CX6DX_MODIFY_TIR_PACKET_MERGE);
	fill_gro(cdev, in + CX6DX_BYTES(modify_obj_in), gro_bytes);
	return cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
}

/*
 * Creates a TIR on table @rqtn: with @hash_key one that spreads packets of
 * @traffic_type, without it one that always takes the first entry.
 */
int cx6dx_tir_create(struct cx6dx_dev *cdev, u32 rqtn, int traffic_type,
		     const u8 *hash_key, bool tls, u32 gro_bytes, u32 *tirn)
{
	u8 in[CX6DX_BYTES(create_obj_in) + CX6DX_BYTES(tirc)] = {};
	u8 *tirc = in + CX6DX_BYTES(create_obj_in);

	CX6DX_SET(tirc, tirc, disp_type, CX6DX_TIR_INDIRECT);
	CX6DX_SET(tirc, tirc, tls_en, tls);
	CX6DX_SET(tirc, tirc, indirect_table, rqtn);
	CX6DX_SET(tirc, tirc, transport_domain, cdev->tdn);
	fill_gro(cdev, tirc, gro_bytes);
	CX6DX_SET(tirc, tirc, self_lb_block,
		  CX6DX_FIELD_MAX(tirc, self_lb_block));
	if (hash_key) {
		fill_hash(tirc, traffic_type, hash_key);
	} else {
		CX6DX_SET(tirc, tirc, rx_hash_fn, CX6DX_HASH_INVERTED_XOR8);
	}
	return cx6dx_cmd_create(cdev, CX6DX_CMD_CREATE_TIR, in, sizeof(in),
				tirn);
}

/* ---- data encryption keys ---- */

int cx6dx_dek_create(struct cx6dx_dev *cdev, const u8 *key, size_t key_bytes,
		     u32 *dek)
{
	u8 in[CX6DX_BYTES(create_encryption_key_in)] = {};
	u8 *obj = CX6DX_AREA(create_encryption_key_in, in,
			     encryption_key_object);
	u8 *at = CX6DX_AREA(encryption_key_obj, obj, key);
	u8 out[CX6DX_BYTES(general_obj_out)] = {};
	int err;

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_CREATE_GENERAL_OBJECT);
	CX6DX_SET(general_obj_in, in, obj_type,
		  CX6DX_OBJ_TYPE_ENCRYPTION_KEY);
	CX6DX_SET(encryption_key_obj, obj, key_purpose,
		  CX6DX_KEY_PURPOSE_TLS);
	CX6DX_SET(encryption_key_obj, obj, pd, cdev->pdn);
	switch (key_bytes) {
	case 16:
		CX6DX_SET(encryption_key_obj, obj, key_size,
			  CX6DX_KEY_SIZE_128);
		memcpy(at + CX6DX_DEK_KEY_128_OFF, key, key_bytes);
		break;
	case 32:
		CX6DX_SET(encryption_key_obj, obj, key_size,
			  CX6DX_KEY_SIZE_256);
		memcpy(at + CX6DX_DEK_KEY_256_OFF, key, key_bytes);
		break;
	default:
		return -EINVAL;
	}
	err = cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
	memzero_explicit(in, sizeof(in));
	if (!err)
		*dek = CX6DX_GET(general_obj_out, out, obj_id);
	return err;
}

int cx6dx_dek_destroy(struct cx6dx_dev *cdev, u32 dek)
{
	u8 out[CX6DX_BYTES(general_obj_out)] = {};
	u8 in[CX6DX_BYTES(general_obj_in)] = {};

	CX6DX_SET(cmd_in, in, opcode, CX6DX_CMD_DESTROY_GENERAL_OBJECT);
	CX6DX_SET(general_obj_in, in, obj_type,
		  CX6DX_OBJ_TYPE_ENCRYPTION_KEY);
	CX6DX_SET(general_obj_in, in, obj_id, dek);
	return cx6dx_cmd_exec(cdev, in, sizeof(in), out, sizeof(out));
}
