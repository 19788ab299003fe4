// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cx6dx_tls: channels
 *
 * A channel is an interrupt, a completion EQ, one CQ, and the send, receive
 * and internal queue that complete there.  Sharing the CQ means one register
 * write to arm it and one interrupt for both directions; who a completion
 * belongs to follows from its opcode and queue number.
 *
 * open/close create and destroy the queues; activate/deactivate let traffic in
 * and out.  Between the two the RQ tables point to a queue that drops.
 */
#include "cx6dx.h"
#include "cx6dx_ktls.h"
#include "cx6dx_rss.h"

/* ---- NAPI ---- */

static u8 *cq_entry(struct cx6dx_cq *cq)
{
	return (u8 *)cq->buf.va + (cq->cc & cq->mask) * CX6DX_BYTES(cqe);
}

static void cq_update(struct cx6dx_cq *cq)
{
	cx6dx_db_store(cq->db.va + CX6DX_OFF_(cq_dbrec, consumer_index),
		       cq->cc & CX6DX_FIELD_MAX(cq_dbrec, consumer_index));
}

void cx6dx_cq_arm(struct cx6dx_channel *ch)
{
	struct cx6dx_cq *cq = &ch->cq;
	u8 db[8] __aligned(8);
	u32 word;

	word = CX6DX_BITS(cq_dbrec, arm_sn, cq->arm_sn & 3) |
	       (cq->cc & CX6DX_FIELD_MAX(cq_dbrec, arm_ci));
	cq->arm_sn++;
	cx6dx_db_store(cq->db.va + CX6DX_OFF_(cq_dbrec, arm_ci), word);
	/* the record before the doorbell */
	wmb();
	cx6dx_prm_store(db, word);
	cx6dx_prm_store(db + 4, cq->cqn);
	cx6dx_uar_write64(ch->cdev->uar + CX6DX_UAR_CQ_DB, db);
	cx6dx_stat_inc(ch->rq.stats, arms);
}

static void error_cqe(struct cx6dx_channel *ch, const u8 *cqe)
{
	u32 syndrome = CX6DX_GET(err_cqe, cqe, syndrome);
	u32 qpn = CX6DX_GET(err_cqe, cqe, qpn);

	if (qpn == ch->ico->sqn)
		cx6dx_icosq_complete(ch, CX6DX_GET(err_cqe, cqe, wqe_counter),
				     false);
	if (syndrome == CX6DX_CQE_SYNDROME_WR_FLUSH)
		return;
	if (net_ratelimit())
		netdev_err(ch->netdev,
			   "channel %d: error on queue 0x%x, WQE %u, syndrome 0x%x/0x%x\n",
			   ch->ix, qpn,
			   CX6DX_GET(err_cqe, cqe, wqe_counter), syndrome,
			   CX6DX_GET(err_cqe, cqe, vendor_syndrome));
	cx6dx_netdev_restart(ch->priv);
}

static int channel_poll(struct napi_struct *napi, int budget)
{
	struct cx6dx_channel *ch = container_of(napi, struct cx6dx_channel,
						napi);
	struct cx6dx_cq *cq = &ch->cq;
	bool sent = false;
	u16 sent_upto = 0;
	int work = 0;
	bool busy;

	/* a send-only poll could not skip the frames in between */
	if (unlikely(!budget))
		return 0;

	while (work < budget) {
		const u8 *cqe = cq_entry(cq);
		u32 word = CX6DX_WORD(cqe, cqe, opcode);
		u32 opcode = CX6DX_FIELD(cqe, word, opcode);

		if (CX6DX_FIELD(cqe, word, owner) !=
		    (cq->cc >> cq->log_size & 1) ||
		    opcode == CX6DX_CQE_INVALID)
			break;
		/* the rest of the entry only after the owner bit */
		dma_rmb();
		cq->cc++;

		if (opcode == CX6DX_CQE_RESP_SEND) {
			cx6dx_rx_complete(ch, cqe);
			work++;
		} else if (opcode != CX6DX_CQE_REQ) {
			error_cqe(ch, cqe);
		} else if (CX6DX_GET(cqe, cqe, sqn) == ch->sq.sqn) {
			sent = true;
			sent_upto = CX6DX_FIELD(cqe, word, wqe_counter);
			u64_stats_add(&ch->sq.stats->cqes, 1);
		} else {
			cx6dx_icosq_complete(ch, CX6DX_FIELD(cqe, word,
							     wqe_counter),
					     true);
		}
	}
	cq_update(cq);
	if (sent)
		cx6dx_sq_complete(&ch->sq, sent_upto, budget);
	if (unlikely(!list_empty(&ch->ico->retry)))
		cx6dx_ktls_rx_retry(ch);

	busy = work == budget;
	busy |= !cx6dx_rq_fill(&ch->rq);
	cx6dx_stat_inc(ch->rq.stats, polls);
	if (busy)
		return budget;
	if (napi_complete_done(napi, work))
		cx6dx_cq_arm(ch);
	return work;
}

/* ---- open and close ---- */

static int channel_open(struct cx6dx_channel *ch,
			const struct cx6dx_params *params)
{
	unsigned int cqes = params->rq_entries + params->sq_entries +
			    CX6DX_ICOSQ_ENTRIES;
	int err;

	ch->ico = &ch->priv->ico[ch->ix];
	netif_napi_add(ch->netdev, &ch->napi, channel_poll);
	err = cx6dx_comp_eq_create(ch);
	if (err)
		goto err_napi;
	err = cx6dx_cq_create(ch->cdev, &ch->cq, cqes, ch->eq.eqn, params);
	if (err)
		goto err_eq;
	err = cx6dx_rq_open(ch, params);
	if (err)
		goto err_cq;
	err = cx6dx_sq_open(ch, params);
	if (err)
		goto err_rq;
	err = cx6dx_icosq_open(ch);
	if (err)
		goto err_sq;
	return 0;

err_sq:
	cx6dx_sq_close(ch);
err_rq:
	cx6dx_rq_close(ch);
err_cq:
	cx6dx_cq_destroy(ch->cdev, &ch->cq);
err_eq:
	cx6dx_comp_eq_destroy(ch);
err_napi:
	netif_napi_del(&ch->napi);
	return err;
}

static void channel_close(struct cx6dx_channel *ch)
{
	cx6dx_icosq_close(ch);
	cx6dx_sq_close(ch);
	cx6dx_rq_close(ch);
	cx6dx_cq_destroy(ch->cdev, &ch->cq);
	cx6dx_comp_eq_destroy(ch);
	netif_napi_del(&ch->napi);
}

int cx6dx_channels_open(struct cx6dx_priv *priv,
			const struct cx6dx_params *params)
{
	int i, err;

	priv->ch = kcalloc(params->num_channels, sizeof(*priv->ch),
			   GFP_KERNEL);
	if (!priv->ch)
		return -ENOMEM;
	for (i = 0; i < params->num_channels; i++) {
		struct cx6dx_channel *ch = kzalloc(sizeof(*ch), GFP_KERNEL);

		if (!ch) {
			err = -ENOMEM;
			goto err;
		}
		ch->priv = priv;
		ch->cdev = priv->cdev;
		ch->netdev = priv->netdev;
		ch->ix = i;
		ch->cpu = cpumask_local_spread(i, dev_to_node(ch->cdev->dev));
		err = channel_open(ch, params);
		if (err) {
			kfree(ch);
			goto err;
		}
		priv->ch[i] = ch;
	}
	priv->open_params = *params;
	/* contexts in the device have lost what the last queues held */
	priv->epoch++;
	return 0;

err:
	while (i--) {
		channel_close(priv->ch[i]);
		kfree(priv->ch[i]);
	}
	kfree(priv->ch);
	priv->ch = NULL;
	return err;
}

void cx6dx_channels_close(struct cx6dx_priv *priv)
{
	int i;

	for (i = priv->open_params.num_channels - 1; i >= 0; i--) {
		channel_close(priv->ch[i]);
		kfree(priv->ch[i]);
	}
	kfree(priv->ch);
	priv->ch = NULL;
}

/* ---- traffic on and off ---- */

void cx6dx_channels_activate(struct cx6dx_priv *priv)
{
	int i;

	for (i = 0; i < priv->open_params.num_channels; i++) {
		struct cx6dx_channel *ch = priv->ch[i];

		netif_set_xps_queue(priv->netdev, cpumask_of(ch->cpu), i);
		napi_enable(&ch->napi);
		WRITE_ONCE(priv->txsq[i], &ch->sq);
		cx6dx_cq_arm(ch);
	}
	cx6dx_rss_redirect(priv, true);
	/* packets may wait in the qdiscs: starting would not schedule them */
	netif_tx_wake_all_queues(priv->netdev);
}

void cx6dx_channels_deactivate(struct cx6dx_priv *priv)
{
	int i;

	for (i = 0; i < priv->open_params.num_channels; i++)
		WRITE_ONCE(priv->txsq[i], NULL);
	/* waits for senders */
	netif_tx_disable(priv->netdev);
	cx6dx_rss_redirect(priv, false);
	for (i = 0; i < priv->open_params.num_channels; i++) {
		cx6dx_icosq_stop(priv->ch[i]);
		napi_disable(&priv->ch[i]->napi);
	}
}
