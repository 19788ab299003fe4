// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: internal send queues
 *
 * Each channel has a small send queue on which the parameters of TLS receive
 * contexts travel.  Anybody may post under its lock while it is up; whatever
 * was posted comes back through cx6dx_ktls_rx_done(), at the latest when the
 * queue is closed.
 */
#include "cx6dx.h"
#include "cx6dx_ktls.h"

#define MASK		(CX6DX_ICOSQ_ENTRIES - 1)
#define BBS_PER_PAGE	(CX6DX_PAGE_BYTES / CX6DX_WQE_BB_BYTES)
#define SEGS_PER_BB	(CX6DX_WQE_BB_BYTES / CX6DX_WQE_DS_BYTES)

/* Room for @num_bbs, with the padding that they may need.  Under the lock. */
bool cx6dx_icosq_has_room(const struct cx6dx_icosq *ico, u16 num_bbs)
{
	return cx6dx_room(ico->pi, READ_ONCE(ico->cc), MASK, 2 * num_bbs);
}

/* Place for a WQE; there is room.  Under the lock. */
u8 *cx6dx_icosq_reserve(struct cx6dx_icosq *ico, u16 num_bbs)
{
	u8 *va = ico->buf.va;

	if (ico->pi % BBS_PER_PAGE + num_bbs > BBS_PER_PAGE)
		while (ico->pi % BBS_PER_PAGE)
			cx6dx_icosq_post(ico, va + (ico->pi & MASK) *
					 CX6DX_WQE_BB_BYTES, CX6DX_WQE_NOP, 1,
					 0, CX6DX_ICO_NONE, NULL);
	return va + (ico->pi & MASK) * CX6DX_WQE_BB_BYTES;
}

/*
 * Writes the control segment; receive contexts are all that this queue knows.
 * With an @rx the WQE asks for a completion, and takes over the reference.
 */
void cx6dx_icosq_post(struct cx6dx_icosq *ico, u8 *wqe, u8 opcode, u8 ds,
		      u32 general_id, u8 kind, struct cx6dx_ktls_rx *rx)
{
	u8 opmod = opcode == CX6DX_WQE_NOP ? 0 : CX6DX_OPMOD_TIR;
	struct cx6dx_ico_wqe *wi = &ico->wqe[ico->pi & MASK];

	CX6DX_PUT_WORD(wqe_ctrl, wqe, opcode,
		       CX6DX_BITS(wqe_ctrl, opmod, opmod) |
		       CX6DX_BITS(wqe_ctrl, wqe_index, ico->pi) |
		       CX6DX_BITS(wqe_ctrl, opcode, opcode));
	CX6DX_PUT_WORD(wqe_ctrl, wqe, qpn,
		       CX6DX_BITS(wqe_ctrl, qpn, ico->sqn) |
		       CX6DX_BITS(wqe_ctrl, ds, ds));
	CX6DX_PUT_WORD(wqe_ctrl, wqe, completion,
		       CX6DX_BITS(wqe_ctrl, completion,
				  rx ? CX6DX_CE_ALWAYS : CX6DX_CE_ERROR_ONLY));
	CX6DX_PUT_WORD(wqe_ctrl, wqe, general_id, general_id);
	wi->kind = kind;
	wi->rx = rx;
	wi->num_bbs = DIV_ROUND_UP(ds, SEGS_PER_BB);
	WRITE_ONCE(ico->pi, ico->pi + wi->num_bbs);
}

/* Rings for everything posted; @wqe is the last.  Under the lock. */
void cx6dx_icosq_ring(struct cx6dx_icosq *ico, u8 *wqe)
{
	/* WQEs before the doorbell record */
	dma_wmb();
	cx6dx_db_store(ico->db.va + CX6DX_OFF_(wq_dbrec, sq_counter), ico->pi);
	wmb(); /* the record before the doorbell */
	cx6dx_uar_write64(ico->cdev->uar + CX6DX_UAR_SQ_DB, wqe);
}

/*
 * Everything up to the WQE at @wqe_counter has completed; that last one with
 * success or not.  NAPI.
 */
void cx6dx_icosq_complete(struct cx6dx_channel *ch, u16 wqe_counter, bool ok)
{
	struct cx6dx_icosq *ico = ch->ico;
	u16 pi = READ_ONCE(ico->pi);
	bool last;

	do {
		struct cx6dx_ico_wqe wi = ico->wqe[ico->cc & MASK];

		if (unlikely(ico->cc == pi)) {
			netdev_err(ch->netdev,
				   "completion of internal WQE %u, which was not posted\n",
				   wqe_counter);
			cx6dx_netdev_restart(ch->priv);
			return;
		}
		last = ico->cc == wqe_counter;
		WRITE_ONCE(ico->cc, ico->cc + wi.num_bbs);
		if (wi.rx)
			cx6dx_ktls_rx_done(ch, wi.rx, wi.kind, ok || !last);
	} while (!last);
}

/* ---- life ---- */

int cx6dx_icosq_open(struct cx6dx_channel *ch)
{
	struct cx6dx_icosq *ico = ch->ico;
	struct cx6dx_dev *cdev = ch->cdev;
	int err;

	if (!ch->priv->ktls)
		return 0;
	ico->cdev = cdev;
	ico->stats = &ch->priv->stats[ch->ix].rq;
	ico->pi = 0;
	ico->cc = 0;
	ico->wqe = kcalloc(CX6DX_ICOSQ_ENTRIES, sizeof(*ico->wqe), GFP_KERNEL);
	if (!ico->wqe)
		return -ENOMEM;
	err = cx6dx_buf_alloc(cdev, &ico->buf,
			      CX6DX_ICOSQ_ENTRIES * CX6DX_WQE_BB_BYTES);
	if (err)
		goto err_wqe;
	err = cx6dx_dbrec_alloc(cdev, &ico->db);
	if (err)
		goto err_buf;
	err = cx6dx_sq_create_cmd(cdev, &ico->buf, ico->db.dma,
				  order_base_2(CX6DX_ICOSQ_ENTRIES),
				  ch->cq.cqn, 0, &ico->sqn);
	if (err)
		goto err_db;
	err = cx6dx_queue_ready(cdev, CX6DX_CMD_MODIFY_SQ, ico->sqn);
	if (err)
		goto err_sq;
	spin_lock_bh(&ico->lock);
	ico->up = true;
	spin_unlock_bh(&ico->lock);
	return 0;

err_sq:
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_SQ, ico->sqn);
err_db:
	cx6dx_dbrec_free(cdev, &ico->db);
err_buf:
	cx6dx_buf_free(cdev, &ico->buf);
err_wqe:
	kfree(ico->wqe);
	return err;
}

/* Nobody posts from here on */
void cx6dx_icosq_stop(struct cx6dx_channel *ch)
{
	spin_lock_bh(&ch->ico->lock);
	ch->ico->up = false;
	spin_unlock_bh(&ch->ico->lock);
}

/* NAPI does not run any more */
void cx6dx_icosq_close(struct cx6dx_channel *ch)
{
	struct cx6dx_icosq *ico = ch->ico;
	struct cx6dx_dev *cdev = ch->cdev;

	if (!ch->priv->ktls)
		return;
	cx6dx_icosq_stop(ch);
	cx6dx_cmd_simple(cdev, CX6DX_CMD_DESTROY_SQ, ico->sqn);
	while (ico->cc != ico->pi) {
		struct cx6dx_ico_wqe wi = ico->wqe[ico->cc & MASK];

		ico->cc += wi.num_bbs;
		if (wi.rx)
			cx6dx_ktls_rx_done(ch, wi.rx, wi.kind, false);
	}
	cx6dx_dbrec_free(cdev, &ico->db);
	cx6dx_buf_free(cdev, &ico->buf);
	kfree(ico->wqe);
	ico->wqe = NULL;
}
